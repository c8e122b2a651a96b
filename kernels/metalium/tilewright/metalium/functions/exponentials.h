// Reciprocals, roots, powers of e and logarithms of vectors, in nearly as much precision as FP32
// has.
#pragma once

#include "tilewright/metalium/sfpi/conversions.h"

namespace tilewright::metalium::functions {

using sfpi::vFloat;
using sfpi::vInt;
using sfpi::vUInt;

inline constexpr float infinity = __builtin_inff(), not_a_number = __builtin_nanf("");
inline constexpr float log_of_two = 0.693147181F, log2_of_e = 1.44269504F;
/// What is added to a small number to round it: 1.5 * 2^23. Its lower bits then are an integer.
inline constexpr float rounder = 12582912.0F;

TILEWRIGHT_DEVICE vInt bits_of(const vFloat& x) {
    return sfpi::as<vInt>(x);
}
TILEWRIGHT_DEVICE vFloat from_bits(const vInt& x) {
    return sfpi::as<vFloat>(x);
}

/// 1 / x of 2^-126 to 2^126, by Newton's method: with as few registers as can be.
TILEWRIGHT_DEVICE vFloat reciprocal_of_positive(const vFloat& x) {
    constexpr int first_guess = 0x7ef3'11c7;
    vFloat y = from_bits(vInt(first_guess) - bits_of(x));
    const vFloat negative = -x;
    for (int step = 0; step < 3; ++step) y *= negative * y + 2.0F;
    return y;
}
/// 1 / x. Of 0 it is infinity, of more than 2^126 it is 0, with the sign of x.
TILEWRIGHT_DEVICE vFloat reciprocal(const vFloat& x) {
    constexpr int too_large = 0x7e80'0000;
    const vFloat magnitude = sfpi::setsgn(x, 0);
    vFloat y = reciprocal_of_positive(magnitude);
    v_if(bits_of(magnitude) >= too_large) {
        y = 0.0F;
    }
    v_endif;
    v_if(bits_of(magnitude) == 0) {
        y = infinity;
    }
    v_endif;
    return sfpi::setsgn(y, x);
}
/// a / b, with the last bit of the quotient corrected.
TILEWRIGHT_DEVICE vFloat quotient(const vFloat& a, const vFloat& b) {
    const vFloat inverse = reciprocal(b);
    vFloat q = a * inverse;
    v_if(sfpi::is_finite(q) && sfpi::is_finite(inverse)) {
        q += (a - q * b) * inverse;
    }
    v_endif;
    return q;
}

/// 1 / sqrt(x). Of 0 it is infinity, below not a number.
TILEWRIGHT_DEVICE vFloat inverse_root(const vFloat& x) {
    constexpr int first_guess = 0x5f37'59df;
    vFloat y = from_bits(vInt(first_guess) - sfpi::shft(bits_of(x), -1));
    const vFloat half = -0.5F * x;
    for (int step = 0; step < 3; ++step) y = y * (half * (y * y) + 1.5F);
    v_if(x < 0.0F) {
        y = not_a_number;
    }
    v_endif;
    v_if(sfpi::is_zero(x)) {
        y = infinity;
    }
    v_endif;
    return y;
}
TILEWRIGHT_DEVICE vFloat root(const vFloat& x) {
    vFloat y = x * inverse_root(x);
    v_if(sfpi::is_zero(x) || bits_of(x) == 0x7f80'0000) {
        y = x;
    }
    v_endif;
    return y;
}

/// e^r - 1 for magnitudes up to 0.35.
TILEWRIGHT_DEVICE vFloat small_exponential(const vFloat& r) {
    return r * sfpi::polynomial(r, 1.0F, 0.5F, 1.6666667e-1F, 4.1666667e-2F, 8.3333333e-3F,
                                1.3888889e-3F, 1.9841270e-4F);
}
/// y * 2^k, where y is about 1 and k is in the lower bits of a rounded number; 0 or infinity where
/// x is outside.
TILEWRIGHT_DEVICE vFloat scaled(const vFloat& y, const vFloat& rounded, const vFloat& x,
                                float least, float most) {
    vFloat result = from_bits(bits_of(y) + (bits_of(rounded) << 23));
    v_if(x < least) {
        result = 0.0F;
    }
    v_endif;
    v_if(x >= most) {
        result = infinity;
    }
    v_endif;
    return result;
}
inline constexpr float least_exponent = -87.3365F, most_exponent = 88.7228394F;
/// x - k ln 2, where k is a rounded number less what rounded it.
TILEWRIGHT_DEVICE vFloat remainder_of_log_two(const vFloat& x, const vFloat& k) {
    constexpr float upper = 0.693359375F, lower = -2.12194440e-4F;  // together ln 2
    const vFloat r = x - k * upper;
    return r - k * lower;
}
/// e^x.
TILEWRIGHT_DEVICE vFloat exponential(const vFloat& x) {
    const vFloat rounded = x * log2_of_e + rounder;
    const vFloat r = remainder_of_log_two(x, rounded - rounder);
    return scaled(small_exponential(r) + 1.0F, rounded, x, least_exponent, most_exponent);
}
/// 2^x.
TILEWRIGHT_DEVICE vFloat power_of_two(const vFloat& x) {
    const vFloat rounded = x + rounder;
    const vFloat r = (x - (rounded - rounder)) * log_of_two;
    return scaled(small_exponential(r) + 1.0F, rounded, x, -126.0F, 128.0F);
}
/// e^x - 1, as precise where x is small.
TILEWRIGHT_DEVICE vFloat exponential_less_one(const vFloat& x) {
    const vFloat rounded = x * log2_of_e + rounder;
    const vFloat y = small_exponential(remainder_of_log_two(x, rounded - rounder));
    // 2^k y + (2^k - 1), in halves: 2^128 is no number.
    const vFloat half_power = from_bits((bits_of(rounded) << 23) + (126 << 23));
    vFloat result = half_power * y + (half_power - 0.5F);
    result += result;
    v_if(x < -17.5F) {
        result = -1.0F;
    }
    v_endif;
    v_if(x >= most_exponent) {
        result = infinity;
    }
    v_endif;
    return result;
}

/// ln((1 + s) / (1 - s)) for magnitudes up to 0.18.
TILEWRIGHT_DEVICE vFloat log_of_ratio(const vFloat& s) {
    const vFloat square = s * s;
    return s * sfpi::polynomial(square, 2.0F, 6.6666667e-1F, 0.4F, 2.8571429e-1F, 2.2222222e-1F);
}
/// ln x of a positive number.
TILEWRIGHT_DEVICE vFloat log_of_positive(const vFloat& x) {
    constexpr int bits_of_root_of_two = 0x3fb5'04f3;
    vFloat mantissa = sfpi::setexp(x, 127);
    vInt exponent = sfpi::exexp(x);
    v_if(bits_of(mantissa) >= bits_of_root_of_two) {
        mantissa = sfpi::setexp(x, 126);
        exponent += 1;
    }
    v_endif;
    const vFloat k = sfpi::convert<vFloat>(exponent, 0);
    const vFloat s = (mantissa - 1.0F) * reciprocal_of_positive(mantissa + 1.0F);
    return k * log_of_two + log_of_ratio(s);
}
/// `result` for positive numbers; of 0 and infinity as they are, below 0 not a number.
TILEWRIGHT_DEVICE vFloat guarded_log(const vFloat& x, vFloat result) {
    v_if(!sfpi::is_finite(x)) {
        result = x;
    }
    v_endif;
    v_if(x < 0.0F) {
        result = not_a_number;
    }
    v_endif;
    v_if(sfpi::is_zero(x)) {
        result = -infinity;
    }
    v_endif;
    return result;
}
TILEWRIGHT_DEVICE vFloat logarithm(const vFloat& x) {
    return guarded_log(x, log_of_positive(x));
}
/// ln(1 + x), as precise where x is small.
TILEWRIGHT_DEVICE vFloat log_of_one_and(const vFloat& x) {
    vFloat result = log_of_positive(x + 1.0F);
    v_if(sfpi::abs(x) < 0.25F) {
        result = log_of_ratio(x * reciprocal_of_positive(x + 2.0F));
    }
    v_endif;
    v_if(!sfpi::is_finite(x)) {
        result = x;
    }
    v_endif;
    v_if(x <= -1.0F) {
        result = not_a_number;
        v_and(x == -1.0F);
        result = -infinity;
    }
    v_endif;
    return result;
}

/// 1 / (1 + e^-x).
TILEWRIGHT_DEVICE vFloat logistic(const vFloat& x) {
    // e^88 and above would make 0 of numbers that have one.
    return reciprocal_of_positive(exponential(-sfpi::max(x, vFloat(-86.0F))) + 1.0F);
}
TILEWRIGHT_DEVICE vFloat hyperbolic_tangent(const vFloat& x) {
    // (e^2x - 1) / (e^2x + 1); above 10 it is 1.
    const vFloat magnitude = sfpi::min(sfpi::abs(x), vFloat(10.0F));
    const vFloat t = exponential_less_one(magnitude + magnitude);
    return sfpi::setsgn(t * reciprocal_of_positive(t + 2.0F), x);
}
/// 1 - tanh(x)^2, as precise where tanh(x) is near 1.
TILEWRIGHT_DEVICE vFloat slope_of_tangent(const vFloat& x) {
    // 4 n / (1 + n)^2 with n = e^-2|x|.
    const vFloat n = exponential(-2.0F * sfpi::abs(x));
    const vFloat inverse = reciprocal_of_positive(n + 1.0F);
    return (4.0F * n) * (inverse * inverse);
}
/// To the nearest number of BF16, ties to even; in the upper 16 bits, which are all that counts
/// then.
TILEWRIGHT_DEVICE vFloat rounded_to_bf16(const vFloat& x) {
    const vInt last = sfpi::shft(bits_of(x), -16) & 1;
    return from_bits(bits_of(x) + last + 0x7fff);
}
/// The number beside x on the way to y, where numbers lie `step` apart as integers. Beside 0
/// lies 2^-126, as the unit has no smaller numbers.
template <int step>
TILEWRIGHT_DEVICE vFloat next_after(const vFloat& x, const vFloat& y) {
    // Away from 0 the bits of a number grow.
    vInt bits = bits_of(x) + step;
    v_if((bits_of(x) ^ bits_of(y - x)) < 0) {
        bits = bits_of(x) - step;
    }
    v_endif;
    v_if(sfpi::is_zero(x)) {
        bits = sfpi::setsgn(vInt(0x80'0000), y);
    }
    v_endif;
    v_if(x == y) {
        bits = bits_of(y);
    }
    v_endif;
    v_if(sfpi::is_nan(x) || sfpi::is_nan(y)) {
        bits = bits_of(vFloat(not_a_number));
    }
    v_endif;
    return from_bits(bits);
}

}  // namespace tilewright::metalium::functions
