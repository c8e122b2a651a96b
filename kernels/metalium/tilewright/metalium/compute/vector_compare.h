// 1 or 0 for each number of a tile of Dst: how it is to another one.
#pragma once

#include "tilewright/metalium/compute/vector_math.h"

// With 0, with a parameter (the bits of a float), and two tiles.
#define TILEWRIGHT_COMPARE(of_zero, name, relation)                                            \
    TILEWRIGHT_DEVICE void of_zero##_tile_init() {}                                            \
    TILEWRIGHT_DEVICE void of_zero##_tile(std::uint32_t dst) {                                 \
        using namespace tilewright::metalium::compute;                                         \
        MATH((map_tile_long(dst, VectorMode::RC, [] {                                          \
            engine::vector::compare(engine::vector::Relation::relation, engine::vector::zero); \
        })));                                                                                  \
    }                                                                                          \
    TILEWRIGHT_DEVICE void unary_##name##_tile_init() {}                                       \
    TILEWRIGHT_DEVICE void unary_##name##_tile(std::uint32_t dst, std::uint32_t parameter) {   \
        using namespace tilewright::metalium::compute;                                         \
        MATH((engine::stall(engine::block::vector, engine::until::matrix)));                   \
        MATH((engine::vector::set(1, parameter)));                                             \
        MATH((map_tile_long(dst, VectorMode::RC, [] {                                          \
            engine::vector::compare(engine::vector::Relation::relation, 1);                    \
        })));                                                                                  \
    }                                                                                          \
    TILEWRIGHT_DEVICE void name##_binary_tile_init() {}                                        \
    TILEWRIGHT_DEVICE void name##_binary_tile(std::uint32_t x, std::uint32_t y,                \
                                              std::uint32_t out) {                             \
        using namespace tilewright::metalium::compute;                                         \
        MATH((combine_dst_tiles(                                                               \
            x, y, out, engine::vector::compare_length(engine::vector::Relation::relation),     \
            [] { engine::vector::compare(engine::vector::Relation::relation, 1); })));         \
    }
TILEWRIGHT_COMPARE(eqz, eq, equal)
TILEWRIGHT_COMPARE(nez, ne, not_equal)
TILEWRIGHT_COMPARE(ltz, lt, less)
TILEWRIGHT_COMPARE(lez, le, less_equal)
TILEWRIGHT_COMPARE(gtz, gt, greater)
TILEWRIGHT_COMPARE(gez, ge, greater_equal)
#undef TILEWRIGHT_COMPARE

TILEWRIGHT_DEVICE void clamp_tile_init() {}
/// Between two parameters.
TILEWRIGHT_DEVICE void clamp_tile(std::uint32_t dst, std::uint32_t least, std::uint32_t most) {
    using namespace tilewright::metalium::compute;
    MATH((engine::stall(engine::block::vector, engine::until::matrix)));
    MATH((engine::vector::set(1, least)));
    MATH((engine::vector::set(3, most)));
    MATH((map_tile(dst, 6, [] {
        using namespace engine::vector;
        copy(2, 1);
        keep_larger(0, 2);
        copy(2, 3);
        keep_smaller(0, 2);
    })));
}
