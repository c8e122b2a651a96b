// Quotients and remainders of integers of 32 bits in tiles of Dst, written in sfpi. A division by 0
// gives 0.
#pragma once

#include "tilewright/metalium/compute/vector_integers.h"

namespace tilewright::metalium::compute {

#ifdef UCK_CHLKC_MATH

/// Whether the numbers have signs.
enum class Sign : bool { none, twos_complement };

/// A number's magnitude, as 32 bits without a sign.
template <Sign sign>
TILEWRIGHT_DEVICE sfpi::vInt magnitude_at(std::uint32_t tile) {
    sfpi::vInt x = load_integer<DataFormat::Int32>(vector_of(tile));
    if constexpr (sign == Sign::twos_complement) {
        v_if(x < 0) {
            x = 0 - x;
        }
        v_endif;
    }
    return x;
}
/// x < y, without signs: 1 or 0.
TILEWRIGHT_DEVICE sfpi::vInt is_below(const sfpi::vInt& x, const sfpi::vInt& y) {
    constexpr int sign_bit = 1 << 31;
    return functions::less_than(x ^ sign_bit, y ^ sign_bit);
}

/// Of magnitudes. Operands are read from Dst whenever they are needed, as registers are few.
struct Division {
    sfpi::vInt quotient;
    sfpi::vInt remainder;
};
template <Sign sign>
TILEWRIGHT_DEVICE Division divide(std::uint32_t dividend, std::uint32_t divisor) {
    // Each share is of what is left, a little too small, and within 2^-18 of it: after two of them
    // less than three times the divisor is left.
    constexpr float less = 1.0F - 1.0F / (1 << 19);
    const auto share = [&](const sfpi::vInt& left) {
        const sfpi::vFloat by = functions::reciprocal_of_positive(
            functions::float_of_unsigned(sfpi::vUInt(magnitude_at<sign>(divisor))));
        const sfpi::vFloat of = functions::float_of_unsigned(sfpi::vUInt(left));
        return functions::unsigned_of(of * by * less, 32);
    };
    const auto left_of = [&](const sfpi::vInt& quotient) {
        const sfpi::vInt taken = functions::product(quotient, magnitude_at<sign>(divisor));
        return magnitude_at<sign>(dividend) - taken;
    };
    sfpi::vInt quotient = share(magnitude_at<sign>(dividend));
    quotient += share(left_of(quotient));
    sfpi::vInt remainder = left_of(quotient);
    for (int i = 0; i < 2; ++i) {
        const sfpi::vInt by = magnitude_at<sign>(divisor);
        v_if(is_below(remainder, by) == 0) {
            remainder -= by;
            quotient += 1;
        }
        v_endif;
    }
    v_if(magnitude_at<sign>(divisor) == 0) {
        quotient = 0;
        remainder = 0;
    }
    v_endif;
    return {quotient, remainder};
}

/// Whether the two have different signs: below 0.
TILEWRIGHT_DEVICE sfpi::vInt signs_differ(std::uint32_t x, std::uint32_t y) {
    return load_integer<DataFormat::Int32>(vector_of(x)) ^
           load_integer<DataFormat::Int32>(vector_of(y));
}

enum class Rounding : std::uint8_t { to_zero, down };

template <Rounding rounding>
TILEWRIGHT_DEVICE sfpi::vInt signed_quotient(std::uint32_t x, std::uint32_t y) {
    const Division all = divide<Sign::twos_complement>(x, y);
    sfpi::vInt quotient = all.quotient;
    v_if(signs_differ(x, y) < 0) {
        if constexpr (rounding == Rounding::down) {
            v_and(all.remainder != 0);
            quotient += 1;
        }
    }
    v_endif;
    v_if(signs_differ(x, y) < 0) {
        quotient = 0 - quotient;
    }
    v_endif;
    return quotient;
}
/// With the sign of the dividend, or of the divisor where quotients are rounded down.
template <Rounding rounding>
TILEWRIGHT_DEVICE sfpi::vInt signed_remainder(std::uint32_t x, std::uint32_t y) {
    sfpi::vInt rest = divide<Sign::twos_complement>(x, y).remainder;
    if constexpr (rounding == Rounding::down) {
        v_if(signs_differ(x, y) < 0) {
            v_and(rest != 0);
            rest = magnitude_at<Sign::twos_complement>(y) - rest;
        }
        v_endif;
    }
    v_if(load_integer<DataFormat::Int32>(vector_of(rounding == Rounding::down ? y : x)) < 0) {
        rest = 0 - rest;
    }
    v_endif;
    return rest;
}

#endif

}  // namespace tilewright::metalium::compute

/// name_tile(x, y, out): an expression of the numbers of two tiles.
#define TILEWRIGHT_DIVISION(name, ...)                                                        \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                              \
    template <auto... options>                                                                \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t x, std::uint32_t y, std::uint32_t out) { \
        using namespace tilewright::metalium::compute;                                        \
        for (const std::uint32_t tile : {x, y, out}) check_dst_index(tile);                   \
        MATH((for_vectors(0, VectorMode::RC, [=] {                                            \
            store_integer<DataFormat::Int32>(vector_of(out), __VA_ARGS__);                    \
        })));                                                                                 \
    }
TILEWRIGHT_DIVISION(div_int32_floor, signed_quotient<Rounding::down>(x, y))
TILEWRIGHT_DIVISION(div_int32_trunc, signed_quotient<Rounding::to_zero>(x, y))
TILEWRIGHT_DIVISION(remainder_int32, signed_remainder<Rounding::down>(x, y))
TILEWRIGHT_DIVISION(fmod_int32, signed_remainder<Rounding::to_zero>(x, y))
TILEWRIGHT_DIVISION(remainder_uint32, divide<Sign::none>(x, y).remainder)
#undef TILEWRIGHT_DIVISION
