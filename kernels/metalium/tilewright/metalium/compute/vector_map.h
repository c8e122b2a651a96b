// How calls of the vector unit's functions go over tiles of Dst.
#pragma once

#include "tilewright/metalium/compute/vector_math.h"
#include "tilewright/metalium/sfpi.h"

namespace tilewright::metalium::compute {

/// Among the options of a call, the one that says which faces.
template <auto... options>
constexpr VectorMode mode_among() {
    VectorMode mode = VectorMode::RC;
    const auto look = [&]<class T>(T option) {
        if constexpr (std::is_same_v<T, VectorMode> || std::is_same_v<T, VectorMode::Value>)
            mode = option;
    };
    (look(options), ...);
    return mode;
}

#ifdef UCK_CHLKC_MATH

/// f() for each vector of the faces, with dst_reg[] counted from it. A function of its own for each
/// f, however often it is called.
template <class F>
[[gnu::noinline]] void for_vectors(std::uint32_t tile, VectorMode mode, F f) {
    constexpr int vectors_a_face = 8;
    vectors::start(tile);
    vectors::for_each_face(mode, [&] {
#pragma clang loop unroll(disable)
        for (int i = 0; i < vectors_a_face; ++i) {
            f();
            sfpi::dst_reg++;
        }
    });
    vectors::finish();
}
/// x = f(x) in a tile.
template <class F>
TILEWRIGHT_DEVICE void map_vectors(std::uint32_t tile, VectorMode mode, F f) {
    for_vectors(tile, mode, [f] {
        const sfpi::vFloat x = sfpi::dst_reg[0];
        sfpi::dst_reg[0] = sfpi::vFloat(f(x));
    });
}
/// A vector of a tile, for functions of several: dst_reg[] is counted from tile 0.
TILEWRIGHT_DEVICE auto vector_of(std::uint32_t tile) {
    constexpr int vectors_a_tile = 32;
    return sfpi::dst_reg[static_cast<int>(tile) * vectors_a_tile];
}
/// out = f(x, y).
template <class F>
TILEWRIGHT_DEVICE void combine_vectors(std::uint32_t x, std::uint32_t y, std::uint32_t out, F f) {
    for (const std::uint32_t tile : {x, y, out}) check_dst_index(tile);
    for_vectors(0, VectorMode::RC, [=] {
        const sfpi::vFloat a = vector_of(x);
        const sfpi::vFloat b = vector_of(y);
        vector_of(out) = sfpi::vFloat(f(a, b));
    });
}
template <class F>
TILEWRIGHT_DEVICE void combine_vectors(std::uint32_t x, std::uint32_t y, std::uint32_t z,
                                       std::uint32_t out, F f) {
    for (const std::uint32_t tile : {x, y, z, out}) check_dst_index(tile);
    for_vectors(0, VectorMode::RC, [=] {
        const sfpi::vFloat a = vector_of(x);
        const sfpi::vFloat b = vector_of(y);
        const sfpi::vFloat c = vector_of(z);
        vector_of(out) = sfpi::vFloat(f(a, b, c));
    });
}

TILEWRIGHT_DEVICE float as_float(std::uint32_t bits) {
    return std::bit_cast<float>(bits);
}

#endif

}  // namespace tilewright::metalium::compute

/// name##_tile(dst): x = an expression of x. Options are the vendor's ways to compute it; here
/// there is one, and of them only the faces count.
#define TILEWRIGHT_MAP(name, ...)                                                        \
    template <auto... options>                                                           \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                         \
    template <auto... options>                                                           \
    TILEWRIGHT_DEVICE void name##_tile(                                                  \
        std::uint32_t dst,                                                               \
        VectorMode mode = tilewright::metalium::compute::mode_among<options...>()) {     \
        MATH((tilewright::metalium::compute::map_vectors(dst, mode, [](sfpi::vFloat x) { \
            using namespace tilewright::metalium::functions;                             \
            return sfpi::vFloat(__VA_ARGS__);                                            \
        })));                                                                            \
    }
/// The same by statements that change x, with parameters, which are the bits of floats p0, p1, ...
#define TILEWRIGHT_PARAMETERS_1 std::uint32_t b0
#define TILEWRIGHT_PARAMETERS_2 std::uint32_t b0, std::uint32_t b1
#define TILEWRIGHT_PARAMETERS_3 std::uint32_t b0, std::uint32_t b1, std::uint32_t b2
#define TILEWRIGHT_FLOATS_1 [[maybe_unused]] const float p0 = as_float(b0);
#define TILEWRIGHT_FLOATS_2 TILEWRIGHT_FLOATS_1 [[maybe_unused]] const float p1 = as_float(b1);
#define TILEWRIGHT_FLOATS_3 TILEWRIGHT_FLOATS_2 [[maybe_unused]] const float p2 = as_float(b2);
#define TILEWRIGHT_MAP_WITH(count, name, ...)                                             \
    template <auto... options>                                                            \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                          \
    template <auto... options>                                                            \
    TILEWRIGHT_DEVICE void name##_tile(                                                   \
        std::uint32_t dst, TILEWRIGHT_PARAMETERS_##count,                                 \
        VectorMode mode = tilewright::metalium::compute::mode_among<options...>()) {      \
        MATH((tilewright::metalium::compute::map_vectors(dst, mode, [=](sfpi::vFloat x) { \
            using namespace tilewright::metalium::functions;                              \
            using tilewright::metalium::compute::as_float;                                \
            TILEWRIGHT_FLOATS_##count __VA_ARGS__;                                        \
            return x;                                                                     \
        })));                                                                             \
    }
/// name##_tile(x, y, out): an expression of x and y.
#define TILEWRIGHT_COMBINE(name, ...)                                                             \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                  \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        MATH((tilewright::metalium::compute::combine_vectors(                                     \
            in0, in1, out, [](sfpi::vFloat x, sfpi::vFloat y) {                                   \
                using namespace tilewright::metalium::functions;                                  \
                return sfpi::vFloat(__VA_ARGS__);                                                 \
            })));                                                                                 \
    }
