// Functions of the numbers of tiles of Dst, by the vector unit.
#pragma once

#include "tilewright/kernel/tensix/vector_math.hpp"
#include "tilewright/metalium/compute/vector.h"

/// Of which faces of a tile: the upper ones, the left ones, or all.
enum class VectorMode : std::uint8_t { None = 0, R = 1, C = 2, RC = 4 };

namespace tilewright::metalium::compute {

/// By its name, or as the first generation's kernels give it, by its number.
struct Vectors {
    engine::Faces faces;
    constexpr Vectors(VectorMode mode)
        : faces(mode == VectorMode::R   ? engine::Faces::upper
                : mode == VectorMode::C ? engine::Faces::left
                                        : engine::Faces::all) {}
    constexpr Vectors(int mode) : Vectors(static_cast<VectorMode>(mode)) {}
};

/// x = f(x), where f is more than the replay buffer holds.
template <class F>
TILEWRIGHT_DEVICE void map_tile_long(std::uint32_t dst, Vectors vectors, F f) {
    check_dst_index(dst);
    engine::for_each_vector(
        dst, ~0u,
        [&] {
            engine::vector::load(0);
            f();
            engine::vector::store(0);
        },
        vectors.faces);
}

TILEWRIGHT_DEVICE void exponential_of_tile(std::uint32_t dst, Vectors vectors, float factor) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(factor);
    map_tile_long(dst, vectors, [] { engine::vector::exponential(); });
}
/// 1 / (1 + e^-x), or x times that.
TILEWRIGHT_DEVICE void sigmoid_of_tile(std::uint32_t dst, Vectors vectors, bool times_x) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(-1);
    map_tile_long(dst, vectors, [times_x] {
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

TILEWRIGHT_DEVICE void tanh_of_tile(std::uint32_t dst, Vectors vectors) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_exponential(-2);
    map_tile_long(dst, vectors, [] {
        using namespace engine::vector;
        constexpr std::uint32_t two = 0x4000;
        exponential(true);
        multiply_add(0, one, 0, one);
        reciprocal();
        set_upper(1, two);
        multiply_add(0, 0, 1, minus_one);
    });
}
TILEWRIGHT_DEVICE void logarithm_of_tile(std::uint32_t dst, Vectors vectors) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::start_logarithm();
    map_tile_long(dst, vectors, [] { engine::vector::logarithm(); });
}

}  // namespace tilewright::metalium::compute

// Options are those of the vendor's ways to compute it; here there is one.
#define TILEWRIGHT_FUNCTION(name, ...)                                                        \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                              \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile(                                                       \
        std::uint32_t dst, tilewright::metalium::compute::Vectors vectors = VectorMode::RC) { \
        using namespace tilewright::metalium::compute;                                        \
        MATH((__VA_ARGS__));                                                                  \
    }
TILEWRIGHT_FUNCTION(recip, map_tile_long(dst, vectors, [] { engine::vector::reciprocal(); }))
TILEWRIGHT_FUNCTION(sqrt, map_tile_long(dst, vectors, [] { engine::vector::square_root(false); }))
TILEWRIGHT_FUNCTION(rsqrt, map_tile_long(dst, vectors, [] { engine::vector::square_root(true); }))
TILEWRIGHT_FUNCTION(sigmoid, sigmoid_of_tile(dst, vectors, false))
TILEWRIGHT_FUNCTION(silu, sigmoid_of_tile(dst, vectors, true))
TILEWRIGHT_FUNCTION(tanh, tanh_of_tile(dst, vectors))
TILEWRIGHT_FUNCTION(log, logarithm_of_tile(dst, vectors))
#undef TILEWRIGHT_FUNCTION

template <auto... options>
TILEWRIGHT_DEVICE void exp_tile_init() {}
/// `scale`: the upper half of a float that numbers are multiplied by before.
template <auto... options>
TILEWRIGHT_DEVICE void exp_tile(std::uint32_t dst,
                                tilewright::metalium::compute::Vectors vectors = VectorMode::RC,
                                std::uint16_t scale = 0x3f80) {
    using namespace tilewright::metalium::compute;
    MATH((exponential_of_tile(dst, vectors,
                              std::bit_cast<float>(static_cast<std::uint32_t>(scale) << 16))));
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
