// What the vector unit does with tiles of Dst, number by number.
#pragma once

#include <bit>

#include "tilewright/kernel/tensix/vector.hpp"
#include "tilewright/metalium/compute/registers.h"

namespace tilewright::metalium::compute {

/// x = f(x) for the numbers of a tile: `count` instructions on register 0.
template <class F>
TILEWRIGHT_DEVICE void map_tile(std::uint32_t dst, std::uint32_t count, F f) {
    check_dst_index(dst);
    engine::for_each_vector(dst, count + 2, [&] {
        engine::vector::load(0);
        f();
        engine::vector::store(0);
    });
}
/// The same with a parameter, as 32 bits of a float, in register 1.
template <class F>
TILEWRIGHT_DEVICE void map_tile(std::uint32_t dst, std::uint32_t parameter, std::uint32_t count,
                                F f) {
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::set(1, parameter);
    map_tile(dst, count, f);
}
/// out = f(x, y) of two tiles, in registers 0 and 1.
template <class F>
TILEWRIGHT_DEVICE void combine_dst_tiles(std::uint32_t x, std::uint32_t y, std::uint32_t out,
                                         std::uint32_t count, F f,
                                         std::uint32_t mode = engine::vector::as_configured) {
    check_dst_index(x);
    check_dst_index(y);
    check_dst_index(out);
    engine::for_each_vector(0, count + 3, [&] {
        engine::vector::load(0, x * engine::tile_rows, mode);
        engine::vector::load(1, y * engine::tile_rows, mode);
        f();
        engine::vector::store(0, out * engine::tile_rows, mode);
    });
}
TILEWRIGHT_DEVICE void fill_dst_tile(std::uint32_t dst, std::uint32_t bits, std::uint32_t mode) {
    check_dst_index(dst);
    engine::stall(engine::block::vector, engine::until::matrix);
    engine::vector::set(0, bits);
    engine::for_each_vector(dst, 1, [&] { engine::vector::store(0, 0, mode); });
}

}  // namespace tilewright::metalium::compute

// --- One number for all --------------------------------------------------------------------------

TILEWRIGHT_DEVICE void fill_tile_init() {}
/// By the bits of a float.
TILEWRIGHT_DEVICE void fill_tile_bitcast(std::uint32_t dst, std::uint32_t bits) {
    using namespace tilewright::metalium::compute;
    MATH((fill_dst_tile(dst, bits, engine::vector::as_configured)));
}
TILEWRIGHT_DEVICE void fill_tile(std::uint32_t dst, float value) {
    fill_tile_bitcast(dst, std::bit_cast<std::uint32_t>(value));
}
template <DataFormat format>
TILEWRIGHT_DEVICE void fill_tile_int(std::uint32_t dst, std::uint32_t value) {
    static_assert(format == DataFormat::Int32 || format == DataFormat::UInt32 ||
                  format == DataFormat::UInt16);
    using namespace tilewright::metalium::compute;
    MATH((fill_dst_tile(
        dst, value,
        format == DataFormat::UInt16 ? engine::vector::uint16 : engine::vector::int32)));
}
TILEWRIGHT_DEVICE void fill_tile_int(std::uint32_t dst, std::uint32_t value) {
    fill_tile_int<DataFormat::Int32>(dst, value);
}

// --- Of one tile ---------------------------------------------------------------------------------

// Registers: 0 is the number, 1 the parameter.
#define TILEWRIGHT_UNARY(name, count, ...)                                               \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                         \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t dst) {                              \
        using namespace tilewright::kernel::tensix;                                      \
        MATH((tilewright::metalium::compute::map_tile(dst, count, [] { __VA_ARGS__ }))); \
    }
TILEWRIGHT_UNARY(relu, 2, vector::keep_larger(0, vector::zero);)
TILEWRIGHT_UNARY(abs, 1, issue(op::sfpabs{.mode = 1, .vd = 0, .vc = 0});)
TILEWRIGHT_UNARY(negative, 1, vector::copy(0, 0, true);)
TILEWRIGHT_UNARY(square, 2, vector::multiply_add(0, 0, 0, vector::zero);)
#undef TILEWRIGHT_UNARY

#define TILEWRIGHT_WITH_PARAMETER(name, count, ...)                                                \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t dst, std::uint32_t parameter) {               \
        using namespace tilewright::kernel::tensix;                                                \
        MATH(                                                                                      \
            (tilewright::metalium::compute::map_tile(dst, parameter, count, [] { __VA_ARGS__ }))); \
    }
TILEWRIGHT_DEVICE void binop_with_scalar_tile_init() {}
TILEWRIGHT_WITH_PARAMETER(add_unary, 2, vector::multiply_add(0, vector::one, 0, 1);)
TILEWRIGHT_WITH_PARAMETER(mul_unary, 2, vector::multiply_add(0, 0, 1, vector::zero);)
TILEWRIGHT_WITH_PARAMETER(sub_unary, 2, vector::multiply_add(0, vector::minus_one, 1, 0);)
TILEWRIGHT_WITH_PARAMETER(rsub_unary, 2, vector::multiply_add(0, vector::minus_one, 0, 1);)
/// Nothing below the parameter, or nothing above it or below 0.
TILEWRIGHT_DEVICE void relu_min_tile_init() {}
TILEWRIGHT_DEVICE void relu_max_tile_init() {}
TILEWRIGHT_WITH_PARAMETER(relu_min, 3, vector::copy(2, 1); vector::keep_larger(0, 2);)
TILEWRIGHT_WITH_PARAMETER(relu_max, 5, vector::copy(2, 1); vector::keep_smaller(0, 2);
                          vector::keep_larger(0, vector::zero);)
TILEWRIGHT_DEVICE void leaky_relu_tile_init() {}
TILEWRIGHT_WITH_PARAMETER(leaky_relu, 5, vector::negative_lanes(0);
                          vector::multiply_add(0, 0, 1, vector::zero); vector::all_lanes();)
#undef TILEWRIGHT_WITH_PARAMETER

// --- Of two tiles --------------------------------------------------------------------------------

#define TILEWRIGHT_OF_TWO(name, count, ...)                                                   \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                              \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t x, std::uint32_t y, std::uint32_t out) { \
        using namespace tilewright::kernel::tensix;                                           \
        MATH((tilewright::metalium::compute::combine_dst_tiles(x, y, out, count,              \
                                                               [] { __VA_ARGS__ })));         \
    }
TILEWRIGHT_OF_TWO(add_binary, 2, vector::multiply_add(0, vector::one, 0, 1);)
TILEWRIGHT_OF_TWO(sub_binary, 2, vector::multiply_add(0, vector::minus_one, 1, 0);)
TILEWRIGHT_OF_TWO(rsub_binary, 2, vector::multiply_add(0, vector::minus_one, 0, 1);)
TILEWRIGHT_OF_TWO(mul_binary, 2, vector::multiply_add(0, 0, 1, vector::zero);)
TILEWRIGHT_OF_TWO(binary_max, 2, vector::keep_larger(0, 1);)
TILEWRIGHT_OF_TWO(binary_min, 2, vector::keep_smaller(0, 1);)
#undef TILEWRIGHT_OF_TWO

TILEWRIGHT_DEVICE void copy_dest_values_init() {}
/// The first tile over the second.
template <DataFormat format>
TILEWRIGHT_DEVICE void copy_dest_values(std::uint32_t from, std::uint32_t to) {
    using namespace tilewright::metalium::compute;
    constexpr bool integers = format == DataFormat::Int32 || format == DataFormat::UInt32;
    MATH((combine_dst_tiles(
        from, from, to, 0, [] {},
        integers                       ? engine::vector::int32
        : format == DataFormat::UInt16 ? engine::vector::uint16
                                       : engine::vector::as_configured)));
}
TILEWRIGHT_DEVICE void copy_dest_values(std::uint32_t from, std::uint32_t to) {
    copy_dest_values<DataFormat::Float32>(from, to);
}
