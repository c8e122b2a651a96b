// Functions of the numbers of tiles of Dst, by the vector unit.
#pragma once

#include "tilewright/kernel/tensix/vector_math.hpp"
#include "tilewright/metalium/compute/vector.h"

/// Of which faces of a tile: the upper ones, the left ones, or all. Kernels take it for a type and,
/// in the first generation, for a number.
struct VectorMode {
    enum Value : std::uint8_t { None = 0, R = 1, C = 2, RC = 4, RC_custom = 6 };
    Value value;
    constexpr VectorMode(Value mode) : value(mode) {}
    constexpr VectorMode(int mode) : value(static_cast<Value>(mode)) {}
    constexpr operator int() const { return value; }
};
/// What the vendor's approximation does with very negative numbers. Here there is no difference.
enum class InputClamping : std::uint8_t { ClampToNegative = 1, None = 0 };

namespace tilewright::metalium::compute {

constexpr engine::Faces faces_of(VectorMode mode) {
    return mode == VectorMode::R   ? engine::Faces::upper
           : mode == VectorMode::C ? engine::Faces::left
                                   : engine::Faces::all;
}

// The longer ones are functions of their own, so that kernels stay small.

/// x = f(x), where f is more than the replay buffer holds.
template <class F>
TILEWRIGHT_DEVICE void map_tile_long(std::uint32_t dst, VectorMode mode, F f) {
    check_dst_index(dst);
    engine::for_each_vector(
        dst, ~0u,
        [&] {
            engine::vector::load(0);
            f();
            engine::vector::store(0);
        },
        faces_of(mode));
}

[[gnu::noinline]] inline void exponential_of_tile(std::uint32_t dst, VectorMode mode,
                                                  float factor) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(factor);
    map_tile_long(dst, mode, [] { engine::vector::exponential(); });
}
/// 1 / (1 + e^-x), or x times that.
[[gnu::noinline]] inline void sigmoid_of_tile(std::uint32_t dst, VectorMode mode, bool times_x) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(-1);
    map_tile_long(dst, mode, [times_x] {
        using namespace engine::vector;
        exponential(true);
        multiply_add(0, one, 0, one);
        reciprocal();
        if (times_x) {
            load(1);
            multiply_add(0, 0, 1, zero);
        }
    });
}

[[gnu::noinline]] inline void tanh_of_tile(std::uint32_t dst, VectorMode mode) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(-2);
    map_tile_long(dst, mode, [] {
        using namespace engine::vector;
        constexpr std::uint32_t two = 0x4000;
        exponential(true);
        multiply_add(0, one, 0, one);
        reciprocal();
        set_upper(1, two);
        multiply_add(0, 0, 1, minus_one);
    });
}
[[gnu::noinline]] inline void logarithm_of_tile(std::uint32_t dst, VectorMode mode) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_logarithm();
    map_tile_long(dst, mode, [] { engine::vector::logarithm(); });
}

}  // namespace tilewright::metalium::compute

// Options are those of the vendor's ways to compute it; here there is one.
/// An option of rsqrt_tile(); both are computed the same way here.
enum class RsqrtMode : std::uint8_t { Default = 0, Fast = 1 };
namespace ckernel {
using ::RsqrtMode;
}
#define TILEWRIGHT_FUNCTION(name, ...)                                                        \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile_init() {                                               \
        MATH(TILEWRIGHT_NOTE_VECTOR_INIT(#name "_tile_init");)                                \
    }                                                                                         \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t dst, VectorMode mode = VectorMode::RC) { \
        using namespace tilewright::metalium::compute;                                        \
        MATH(TILEWRIGHT_NOTE_VECTOR(#name "_tile", #name "_tile_init");)                      \
        MATH((__VA_ARGS__));                                                                  \
    }
TILEWRIGHT_FUNCTION(recip, map_tile_long(dst, mode, [] { engine::vector::reciprocal(); }))
TILEWRIGHT_FUNCTION(sqrt, map_tile_long(dst, mode, [] { engine::vector::square_root(false); }))
TILEWRIGHT_FUNCTION(rsqrt, map_tile_long(dst, mode, [] { engine::vector::square_root(true); }))
TILEWRIGHT_FUNCTION(sigmoid, sigmoid_of_tile(dst, mode, false))
TILEWRIGHT_FUNCTION(silu, sigmoid_of_tile(dst, mode, true))
TILEWRIGHT_FUNCTION(tanh, tanh_of_tile(dst, mode))
TILEWRIGHT_FUNCTION(log, logarithm_of_tile(dst, mode))
#undef TILEWRIGHT_FUNCTION

namespace tilewright::metalium::compute {

/// Of the options of exp_tile_init(), the one that is a factor (the bits of a float) and no choice.
template <auto... options>
constexpr std::uint32_t factor_among() {
    constexpr std::uint32_t one = 0x3f80'0000, no_choice = 0xffff;
    std::uint32_t factor = one;
    ((static_cast<std::uint32_t>(options) > no_choice
          ? static_cast<void>(factor = static_cast<std::uint32_t>(options))
          : void()),
     ...);
    return factor;
}
template <auto... options>
constexpr bool first_is_true() {
    const bool all[] = {static_cast<bool>(options)..., false};
    return all[0];
}
/// Of the approximation, which here is as exact as the other way.
inline std::uint32_t exponential_factor = 0x3f80'0000;

}  // namespace tilewright::metalium::compute

/// The first option is for the approximation, which multiplies by a factor among the others before.
template <auto... options>
TILEWRIGHT_DEVICE void exp_tile_init() {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("exp_tile_init");)
    MATH((exponential_factor = factor_among<options...>()));
}
/// `scale`: the upper half of a float that numbers are multiplied by before.
template <auto... options>
TILEWRIGHT_DEVICE void exp_tile(std::uint32_t dst, VectorMode mode = VectorMode::RC,
                                std::uint16_t scale = 0x3f80) {
    using namespace tilewright::metalium::compute;
    const float factor = std::bit_cast<float>(static_cast<std::uint32_t>(scale) << 16);
    MATH(TILEWRIGHT_NOTE_VECTOR("exp_tile", "exp_tile_init");)
    if constexpr (first_is_true<options...>()) {
        MATH((exponential_of_tile(dst, mode, factor * std::bit_cast<float>(exponential_factor))));
    } else {
        MATH((exponential_of_tile(dst, mode, factor)));
    }
}

// --- Choices -------------------------------------------------------------------------------------

TILEWRIGHT_DEVICE void mask_tile_init() {}
/// 0 where the second tile is 0.
TILEWRIGHT_DEVICE void mask_tile(std::uint32_t dst, std::uint32_t mask,
                                 DataFormat format = DataFormat::Float16_b) {
    using namespace tilewright::metalium::compute;
    MATH((combine_dst_tiles(dst, mask, dst, 5, [] {
        using namespace engine::vector;
        zero_lanes(1);
        copy(0, zero);
        all_lanes();
    })));
}
TILEWRIGHT_DEVICE void where_tile_init() {}
/// The second tile's number where the first one's is not 0, the third one's elsewhere.
template <DataFormat format = DataFormat::Float16_b>
TILEWRIGHT_DEVICE void where_tile(std::uint32_t condition, std::uint32_t yes, std::uint32_t no,
                                  std::uint32_t out) {
    using namespace tilewright::metalium::compute;
    check_dst_index(no);
    MATH((combine_dst_tiles(yes, condition, out, 6, [&] {
        using namespace engine::vector;
        load(2, no * engine::tile_rows);
        zero_lanes(1);
        copy(0, 2);
        all_lanes();
    })));
}
