// Functions of register 0 of the vector unit, in as much precision as FP32 allows with few steps.
#pragma once

#include <bit>
#include <cstdint>

#include "tilewright/kernel/tensix/vector.hpp"

namespace tilewright::kernel::tensix::vector {

/// The upper half of a float; the lower one is 0.
TILEWRIGHT_DEVICE void set_upper(std::uint32_t reg, std::uint32_t upper) {
    issue(op::sfploadi{.value = upper, .mode = 0, .vd = reg});
}
/// One of registers 12 to 14; register 0 is used.
TILEWRIGHT_DEVICE void set_constant(std::uint32_t reg, float value) {
    set(0, std::bit_cast<std::uint32_t>(value));
    issue(op::sfpconfig{.vd = reg});
}
/// reg = other - reg, as integers.
TILEWRIGHT_DEVICE void subtract_from(std::uint32_t reg, std::uint32_t other) {
    issue(op::sfpiadd{.mode = 2 | 4, .vd = reg, .vc = other});
}
TILEWRIGHT_DEVICE void shift(std::uint32_t reg, int left) {
    issue(op::sfpshft{.mode = 1, .vd = reg, .value = static_cast<std::uint32_t>(left)});
}
/// What follows is for lanes where the register is 0 or -0, until all_lanes(). It loses its sign.
TILEWRIGHT_DEVICE void zero_lanes(std::uint32_t reg) {
    issue(op::sfpabs{.mode = 1, .vd = reg, .vc = reg});
    all_lanes();
    issue(op::sfpsetcc{.mode = 6, .vc = reg});
}

inline constexpr std::uint32_t infinity = 0x7f80, not_a_number = 0x7fc0;  ///< upper halves

/// 1 / x, by Newton's method from the reciprocal's approximate exponent and mantissa. Registers 1
/// and 2 are used. Of 0 it is infinity, with its sign; magnitudes above 2^126 have none.
TILEWRIGHT_DEVICE void reciprocal() {
    constexpr std::uint32_t first_guess = 0x7ef3'11c7, two = 0x4000;
    copy(1, 0);
    set(2, first_guess);
    subtract_from(1, 2);
    copy(0, 0, true);
    for (int step = 0; step < 3; ++step) {
        set_upper(2, two);
        multiply_add(2, 0, 1, 2);
        multiply_add(1, 1, 2, zero);
    }
    copy(2, 0);
    zero_lanes(2);
    set_upper(1, infinity);
    all_lanes();
    // With the sign of x.
    copy(0, 0, true);
    issue(op::sfpsetsgn{.mode = 0, .vd = 0, .vc = 1});
}

/// 1 / sqrt(x), or sqrt(x): by Newton's method, too. Registers 1 to 4 are used. Of numbers below 0
/// it is not a number.
TILEWRIGHT_DEVICE void square_root(bool inverse) {
    constexpr std::uint32_t first_guess = 0x5f37'59df, minus_half = 0xbf00, one_and_a_half = 0x3fc0;
    copy(1, 0);
    shift(1, -1);
    set(2, first_guess);
    subtract_from(1, 2);
    set_upper(3, minus_half);
    multiply_add(3, 0, 3, zero);
    set_upper(4, one_and_a_half);
    for (int step = 0; step < 3; ++step) {
        multiply_add(2, 1, 1, zero);
        multiply_add(2, 2, 3, 4);
        multiply_add(1, 1, 2, zero);
    }
    if (!inverse) multiply_add(1, 0, 1, zero);
    negative_lanes(0);
    set_upper(1, not_a_number);
    zero_lanes(0);
    set_upper(1, inverse ? infinity : 0);
    all_lanes();
    copy(0, 1);
}

/// What logarithm() needs, in registers 5 and 6.
TILEWRIGHT_DEVICE void start_logarithm() {
    constexpr std::uint32_t root_of_two = 0x3fb5'04f3, log_of_two = 0x3f31'7218;
    set(5, root_of_two);
    set(6, log_of_two);
}
/// ln x, from the exponent and s + s^3 / 3 + ... of s = (m - sqrt 2) / (m + sqrt 2), where m is the
/// mantissa. Registers 1 to 4 and 7 are used. Of 0 it is -infinity, below 0 not a number.
TILEWRIGHT_DEVICE void logarithm() {
    constexpr std::uint32_t minus_bias = 0xc2fd;  // -126.5: ln m is less by half of ln 2
    constexpr std::uint32_t two_sevenths = 0x3e92'4925, two_fifths = 0x3ecc'cccd,
                            two_thirds = 0x3f2a'aaab, two = 0x4000;
    copy(7, 0);
    issue(op::sfpexexp{.mode = 1, .vd = 3, .vc = 0});
    issue(op::sfpcast{.mode = 0, .vd = 3, .vc = 3});
    set_upper(4, minus_bias);
    multiply_add(3, one, 3, 4);
    issue(op::sfpsetexp{.mode = 1, .vd = 4, .vc = 0, .value = 127});
    multiply_add(0, one, 4, 5);
    reciprocal();
    multiply_add(4, minus_one, 5, 4);
    multiply_add(4, 4, 0, zero);
    multiply_add(0, 4, 4, zero);
    set(1, two_sevenths);
    set(2, two_fifths);
    multiply_add(1, 1, 0, 2);
    set(2, two_thirds);
    multiply_add(1, 1, 0, 2);
    set_upper(2, two);
    multiply_add(1, 1, 0, 2);
    multiply_add(1, 1, 4, zero);
    multiply_add(0, 3, 6, 1);
    negative_lanes(7);
    set_upper(0, not_a_number);
    zero_lanes(7);
    set_upper(0, infinity | 0x8000);
    all_lanes();
}

/// 1 or 0: how register 0 is to another one. Registers 2 and 3 are used.
enum class Relation : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
constexpr std::uint32_t compare_length(Relation relation) {
    return relation == Relation::equal || relation == Relation::not_equal ? 8 : 9;
}
TILEWRIGHT_DEVICE void compare(Relation relation, std::uint32_t other) {
    using enum Relation;
    const bool opposite =
        relation == not_equal || relation == less_equal || relation == greater_equal;
    if (relation == greater || relation == less_equal) {
        multiply_add(2, minus_one, 0, other);
    } else {
        multiply_add(2, minus_one, other, 0);
    }
    copy(0, opposite ? one : zero);
    if (relation == equal || relation == not_equal) {
        zero_lanes(2);
    } else {
        multiply_add(2, one, 2, zero);  // -0 becomes 0
        negative_lanes(2);
    }
    copy(0, opposite ? zero : one);
    all_lanes();
}

/// What exponential() needs, in registers 3 to 7 and 12 to 14: it is of x * factor.
TILEWRIGHT_DEVICE void start_exponential(float factor) {
    constexpr float log2_of_e = 1.44269504F;
    // 2^x for magnitudes up to 1/2, less the first coefficient, 1.
    constexpr float c1 = 6.931472028e-1F, c2 = 2.402264791e-1F, c3 = 5.550332471e-2F,
                    c4 = 9.618437358e-3F, c5 = 1.339887440e-3F, c6 = 1.535336188e-4F;
    const auto set_float = [](std::uint32_t reg, float value) {
        set(reg, std::bit_cast<std::uint32_t>(value));
    };
    set_constant(12, c1);
    set_constant(13, factor * log2_of_e);
    set_float(3, c6);
    set_float(4, c5);
    set_float(5, c4);
    set_float(6, c3);
    set_float(7, c2);
}
/// e^(x * factor). Registers 1 and 2 are used, too. From 2^128 on it is infinity, below 2^-126 it
/// is 0; or the largest result is 2^125.
TILEWRIGHT_DEVICE void exponential(bool below_infinity = false) {
    constexpr std::uint32_t most = 0x4300, finite_most = 0x42fa;  // 128 and 125
    constexpr std::uint32_t least = 0xc2fc'8000;                  // -126.25
    constexpr std::uint32_t rounder = 0x4b40;                     // 1.5 * 2^23: what is added to it
    multiply_add(0, 0, 13, zero);                                 // loses its fraction
    set_upper(1, below_infinity ? finite_most : most);
    keep_smaller(0, 1);
    set(1, least);
    keep_larger(0, 1);
    set_upper(2, rounder);
    multiply_add(1, one, 0, 2);
    multiply_add(2, minus_one, 2, 1);
    multiply_add(0, minus_one, 2, 0);
    shift(1, 23);
    multiply_add(2, 3, 0, 4);
    for (const std::uint32_t coefficient : {5u, 6u, 7u, 12u, one}) {
        multiply_add(2, 2, 0, coefficient);
    }
    // The whole number is added to the exponent.
    issue(op::sfpiadd{.mode = 4, .vd = 2, .vc = 1});
    copy(0, 2);
}

}  // namespace tilewright::kernel::tensix::vector
