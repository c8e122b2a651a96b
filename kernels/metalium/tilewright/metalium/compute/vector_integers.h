// Integers in tiles of Dst, and what becomes of one type of number in another, written in sfpi.
//
// Numbers of 32 bits lie in Dst as they are, in two's complement, those of UInt16 in its 16 bits.
#pragma once

#include "tilewright/metalium/compute/vector_activations.h"
#ifdef UCK_CHLKC_MATH
#include "tilewright/metalium/functions/integers.h"
#endif

namespace tilewright::metalium::compute {

constexpr bool is_narrow_integer(DataFormat format) {
    return format == DataFormat::UInt16;
}
template <auto... options>
constexpr DataFormat integer_format() {
    DataFormat format = DataFormat::Int32;
    const auto look = [&]<class T>(T option) {
        if constexpr (std::is_same_v<T, DataFormat>) format = option;
    };
    (look(options), ...);
    return format;
}

#ifdef UCK_CHLKC_MATH

template <DataFormat format, class Place>
TILEWRIGHT_DEVICE sfpi::vInt load_integer(Place place) {
    static_assert(
        format == DataFormat::Int32 || format == DataFormat::UInt32 || format == DataFormat::UInt16,
        "expected Int32, UInt32 or UInt16");
    constexpr auto layout =
        is_narrow_integer(format) ? sfpi::DataLayout::U16 : sfpi::DataLayout::U32;
    return sfpi::vInt(sfpi::vUInt(place.template mode<layout>()));
}
template <DataFormat format, class Place>
TILEWRIGHT_DEVICE void store_integer(Place place, const sfpi::vInt& x) {
    constexpr auto layout =
        is_narrow_integer(format) ? sfpi::DataLayout::U16 : sfpi::DataLayout::U32;
    place.template mode<layout>() = sfpi::vUInt(x);
}
template <DataFormat format, class F>
TILEWRIGHT_DEVICE void map_integers(std::uint32_t tile, F f) {
    for_vectors(tile, VectorMode::RC, [f] {
        const sfpi::vInt x = load_integer<format>(sfpi::dst_reg[0]);
        store_integer<format>(sfpi::dst_reg[0], f(x));
    });
}
template <DataFormat format, class F>
TILEWRIGHT_DEVICE void combine_integers(std::uint32_t x, std::uint32_t y, std::uint32_t out, F f) {
    for (const std::uint32_t tile : {x, y, out}) check_dst_index(tile);
    for_vectors(0, VectorMode::RC, [=] {
        const sfpi::vInt a = load_integer<format>(vector_of(x));
        const sfpi::vInt b = load_integer<format>(vector_of(y));
        store_integer<format>(vector_of(out), f(a, b));
    });
}

#endif

}  // namespace tilewright::metalium::compute

// --- Of two tiles --------------------------------------------------------------------------------

/// name_tile<format>(x, y, out); Int32 where none is given.
#define TILEWRIGHT_INTEGERS(name, ...)                                                            \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                  \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        using namespace tilewright::metalium;                                                     \
        constexpr DataFormat format = compute::integer_format<options...>();                      \
        MATH((compute::combine_integers<format>(                                                  \
            in0, in1, out, [](sfpi::vInt x, sfpi::vInt y) { return sfpi::vInt(__VA_ARGS__); }))); \
    }
TILEWRIGHT_INTEGERS(add_int, x + y)
TILEWRIGHT_INTEGERS(sub_int, x - y)
TILEWRIGHT_INTEGERS(rsub_int, y - x)
TILEWRIGHT_INTEGERS(mul_int, functions::product(x, y))
TILEWRIGHT_INTEGERS(bitwise_and_binary, x& y)
TILEWRIGHT_INTEGERS(bitwise_or_binary, x | y)
TILEWRIGHT_INTEGERS(bitwise_xor_binary, x ^ y)
#undef TILEWRIGHT_INTEGERS
// Where one is for a format, and with the result over the first tile.
#define TILEWRIGHT_INTEGERS(name, of, format)                                                 \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                              \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t x, std::uint32_t y, std::uint32_t out) { \
        of##_tile<DataFormat::format>(x, y, out);                                             \
    }                                                                                         \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t x, std::uint32_t y) {                    \
        of##_tile<DataFormat::format>(x, y, x);                                               \
    }
TILEWRIGHT_INTEGERS(add_int32, add_int, Int32)
TILEWRIGHT_INTEGERS(add_uint32, add_int, UInt32)
TILEWRIGHT_INTEGERS(add_uint16, add_int, UInt16)
TILEWRIGHT_INTEGERS(sub_int32, sub_int, Int32)
TILEWRIGHT_INTEGERS(sub_uint16, sub_int, UInt16)
TILEWRIGHT_INTEGERS(mul_int32, mul_int, Int32)
TILEWRIGHT_INTEGERS(mul_uint16, mul_int, UInt16)
TILEWRIGHT_INTEGERS(bitwise_and_uint32_binary, bitwise_and_binary, UInt32)
TILEWRIGHT_INTEGERS(bitwise_or_uint32_binary, bitwise_or_binary, UInt32)
TILEWRIGHT_INTEGERS(bitwise_xor_uint32_binary, bitwise_xor_binary, UInt32)
TILEWRIGHT_INTEGERS(bitwise_and_uint16_binary, bitwise_and_binary, UInt16)
TILEWRIGHT_INTEGERS(bitwise_or_uint16_binary, bitwise_or_binary, UInt16)
TILEWRIGHT_INTEGERS(bitwise_xor_uint16_binary, bitwise_xor_binary, UInt16)
#undef TILEWRIGHT_INTEGERS
TILEWRIGHT_DEVICE void binary_bitwise_tile_init() {}

/// x shifted by y; 0 where y is not 0 to 31. To the right with the sign of Int32, or without.
TILEWRIGHT_DEVICE void binary_shift_tile_init() {}
#define TILEWRIGHT_SHIFT(name, ...)                                                               \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        using namespace tilewright::metalium;                                                     \
        constexpr DataFormat format = compute::integer_format<options...>();                      \
        MATH((compute::combine_integers<format>(in0, in1, out, [](sfpi::vInt x, sfpi::vInt y) {   \
            [[maybe_unused]] constexpr bool with_sign = format == DataFormat::Int32;              \
            sfpi::vInt result = __VA_ARGS__;                                                      \
            v_if(y < 0 || y >= 32) {                                                              \
                result = 0;                                                                       \
            }                                                                                     \
            v_endif;                                                                              \
            return result;                                                                        \
        })));                                                                                     \
    }
TILEWRIGHT_SHIFT(binary_left_shift, sfpi::shft(x, y))
TILEWRIGHT_SHIFT(binary_logical_right_shift, sfpi::shft(x, 0 - y))
TILEWRIGHT_SHIFT(binary_right_shift, with_sign ? x >> y : sfpi::shft(x, 0 - y))
#undef TILEWRIGHT_SHIFT

/// The larger or smaller of two.
#define TILEWRIGHT_CHOICE(name, format, x_if)                                                     \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                  \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        using namespace tilewright::metalium;                                                     \
        MATH((compute::combine_integers<DataFormat::format>(                                      \
            in0, in1, out, [](sfpi::vInt x, sfpi::vInt y) {                                       \
                constexpr int sign = DataFormat::format == DataFormat::UInt32 ? 1 << 31 : 0;      \
                sfpi::vInt result = x;                                                            \
                v_if(functions::less_than(x ^ sign, y ^ sign) != x_if) {                          \
                    result = y;                                                                   \
                }                                                                                 \
                v_endif;                                                                          \
                return result;                                                                    \
            })));                                                                                 \
    }
TILEWRIGHT_CHOICE(binary_max_int32, Int32, 0)
TILEWRIGHT_CHOICE(binary_min_int32, Int32, 1)
TILEWRIGHT_CHOICE(binary_max_uint32, UInt32, 0)
TILEWRIGHT_CHOICE(binary_min_uint32, UInt32, 1)
#undef TILEWRIGHT_CHOICE
TILEWRIGHT_DEVICE void div_int32_tile_init() {}
/// The quotient of two Int32, as a float.
TILEWRIGHT_DEVICE void div_int32_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) {
    using namespace tilewright::metalium;
    for (const std::uint32_t tile : {in0, in1, out}) compute::check_dst_index(tile);
    MATH((compute::for_vectors(0, VectorMode::RC, [=] {
        using namespace compute;
        const sfpi::vFloat x = functions::float_of(load_integer<DataFormat::Int32>(vector_of(in0)));
        const sfpi::vFloat y = functions::float_of(load_integer<DataFormat::Int32>(vector_of(in1)));
        vector_of(out) = functions::quotient(x, y);
    })));
}

// --- Of one tile ---------------------------------------------------------------------------------

/// With a parameter p.
#define TILEWRIGHT_INTEGER(name, ...)                                                             \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                  \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t dst, [[maybe_unused]] std::uint32_t p = 0) { \
        using namespace tilewright::metalium;                                                     \
        constexpr DataFormat format = compute::integer_format<options...>();                      \
        MATH((compute::map_integers<format>(                                                      \
            dst, [p](sfpi::vInt x) { return sfpi::vInt(__VA_ARGS__); })));                        \
    }
TILEWRIGHT_INTEGER(bitwise_and, x& p)
TILEWRIGHT_INTEGER(bitwise_or, x | p)
TILEWRIGHT_INTEGER(bitwise_xor, x ^ p)
TILEWRIGHT_INTEGER(bitwise_not, ~x)
TILEWRIGHT_INTEGER(left_shift, x << p)
TILEWRIGHT_INTEGER(right_shift, x >> p)
#undef TILEWRIGHT_INTEGER
TILEWRIGHT_DEVICE void abs_tile_int32(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH(
        (compute::map_integers<DataFormat::Int32>(dst, [](sfpi::vInt x) { return sfpi::abs(x); })));
}
TILEWRIGHT_DEVICE void negative_tile_int32(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::map_integers<DataFormat::Int32>(dst, [](sfpi::vInt x) { return -x; })));
}

// --- Types ---------------------------------------------------------------------------------------

namespace tilewright::metalium::compute {

constexpr bool is_float(DataFormat format) {
    return format != DataFormat::Int32 && format != DataFormat::UInt32 &&
           format != DataFormat::UInt16 && format != DataFormat::UInt8 &&
           format != DataFormat::Int8;
}

#ifdef UCK_CHLKC_MATH
template <DataFormat in, DataFormat out>
TILEWRIGHT_DEVICE void cast_vector() {
    const auto place = sfpi::dst_reg[0];
    if constexpr (is_float(in) && is_float(out)) {
        // Of what Dst holds in 32 bits, packers keep as many as the format has; these round.
        place = sfpi::vFloat(sfpi::float_to_fp16b(sfpi::vFloat(place), 0).get());
    } else if constexpr (is_float(in)) {
        const sfpi::vFloat x = place;
        store_integer<out>(place,
                           out == DataFormat::Int32
                               ? functions::integer_of(x)
                               : functions::unsigned_of(x, is_narrow_integer(out) ? 16 : 32));
    } else if constexpr (is_float(out)) {
        const sfpi::vInt x = load_integer<in>(place);
        place = in == DataFormat::Int32 ? functions::float_of(x)
                                        : functions::float_of_unsigned(sfpi::vUInt(x));
    } else {
        store_integer<out>(place, load_integer<in>(place));
    }
}
#endif

}  // namespace tilewright::metalium::compute

template <auto... options>
TILEWRIGHT_DEVICE void typecast_tile_init() {}
/// From one format to another, both DataFormat as numbers. Floats lose their fraction and become
/// the nearest integer there is; integers of other sizes keep their lower bits.
template <std::uint32_t from, std::uint32_t to, auto... options>
TILEWRIGHT_DEVICE void typecast_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    constexpr auto in = static_cast<DataFormat>(from);
    constexpr auto out = static_cast<DataFormat>(to);
    constexpr bool rounds = out == DataFormat::Float16_b && in == DataFormat::Float32;
    if constexpr (!(compute::is_float(in) && compute::is_float(out)) || rounds)
        MATH((compute::for_vectors(dst, VectorMode::RC, [] { compute::cast_vector<in, out>(); })));
}
