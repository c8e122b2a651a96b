// What the matrix unit makes of single numbers: the plain definition of what its kernels of rows
// compute, for the tests of those.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "tensix/dst_style.hpp"
#include "tensix/number.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix::test {

/// A signed mantissa, of the weight that Dst's mantissas of 24 bits have at this exponent.
struct Term {
    int exponent = 0;
    std::int32_t mantissa = 0;
};

/// Halves go towards +infinity.
constexpr std::int32_t shifted_right(std::int32_t x, int by) {
    if (by <= 0) return x;
    if (by > 30) return 0;
    return (x + (1 << (by - 1))) >> by;
}

/// The bits below the 13th, which are rounded away where Dst has 16 bits.
constexpr std::int32_t without_low_bits(std::int32_t x) {
    return (x + 0x1000) & ~0x1fff;
}

/// Sign, exponent and mantissa of a sum that was normalised, as Dst holds it.
constexpr std::uint32_t encode_sum(DstStyle style, bool negative, int exponent,
                                   std::uint32_t mantissa) {
    const std::uint32_t sign = negative ? sign_bit : 0;
    if (exponent <= 0) return 0;
    if (style == DstStyle::fp16) {
        if (exponent > 31) return sign | 31u << 23 | 0x3ffu << 13;
    } else if (exponent >= 255) {
        return sign | fp32_infinity;
    }
    return sign | static_cast<std::uint32_t>(exponent) << 23 | mantissa;
}

inline std::uint32_t accumulate(Architecture architecture, DstStyle style, Term first, Term second,
                                std::uint32_t dst) {
    const int dst_exponent = static_cast<int>(dst >> 23 & 0xff);
    const int largest = std::max({first.exponent, second.exponent, dst_exponent});
    if (largest <= 0) return 0;

    // The number in Dst rounds by its magnitude, sums of products as two's complement.
    const auto dst_magnitude =
        static_cast<std::int32_t>(dst_exponent == 0 ? 0 : (dst & 0x7f'ffff) | 0x80'0000);
    std::int32_t terms[]{shifted_right(first.mantissa, largest - first.exponent),
                         shifted_right(second.mantissa, largest - second.exponent),
                         shifted_right(dst_magnitude, largest - dst_exponent)};
    if (style != DstStyle::fp32) {
        for (std::int32_t& term : terms) term = without_low_bits(term);
    }
    const std::int32_t sum = terms[0] + terms[1] + ((dst & sign_bit) != 0 ? -terms[2] : terms[2]);
    if (sum == 0) return 0;

    auto magnitude = static_cast<std::uint32_t>(sum < 0 ? -sum : sum);
    int up = std::countl_zero(magnitude) - 8;  // to 24 bits
    // Wormhole counts leading signs, and finds none to count in a sum of -1: as if it had 28 bits.
    if (architecture == Architecture::wormhole && sum == -1) up = -4;
    const int exponent = largest - up;
    const int dropped = style == DstStyle::fp32 ? 0 : style == DstStyle::bf16 ? 16 : 13;
    const int down = dropped - up;
    if (down > 0) {
        magnitude = (magnitude + (1u << (down - 1))) >> down;
    } else {
        magnitude <<= -down;
    }
    magnitude <<= dropped;
    const bool carried = (magnitude & 0x100'0000) != 0;
    return encode_sum(style, sum < 0, exponent + carried, magnitude & 0x7f'ffff);
}

/// How operands are cut and what exponent their product has.
struct Phase {
    unsigned number;     ///< 0 to 3; bit 0: the lower part of SrcA's mantissa, bit 1: of SrcB's
    bool wide_exponent;  ///< operands have 8 bits of exponent, else 5
    DstStyle dst;

    /// What is added to the sum of the operands' exponents.
    constexpr int bias() const {
        // FP16 that is added to FP32 goes from its bias to that of FP32.
        const int base = wide_exponent ? -127 : dst == DstStyle::fp32 ? 127 - 2 * 15 : -15;
        return base - ((number & 1) != 0 ? 5 : 0) - ((number & 2) != 0 ? 7 : 0);
    }
    /// The exponent with which a product of zero takes part in the alignment.
    constexpr int zero_exponent() const { return std::max(bias(), 0); }

    constexpr std::int32_t part_of_a(SourceNumber x) const {
        const std::uint32_t mantissa = (x & 0x3ff) | 0x400;
        return static_cast<std::int32_t>((number & 1) != 0 ? mantissa >> 1 & 31 : mantissa >> 6);
    }
    constexpr std::int32_t part_of_b(SourceNumber x) const {
        const std::uint32_t mantissa = (x & 0x3ff) | 0x400;
        return static_cast<std::int32_t>((number & 2) != 0 ? (mantissa & 15) << 3 : mantissa >> 4);
    }
};

/// For a row of SrcB and 16 rows of SrcA: in each column the sums of products over the first and
/// over the last eight, as terms for accumulate().
using RowTerms = std::array<std::array<Term, row_size>, 2>;
/// The product of two numbers as a term; `zero` where either counts as zero.
constexpr Term product(const Phase& phase, SourceNumber a, SourceNumber b, bool zero) {
    const int exponent = exponent_of(a) + exponent_of(b) + phase.bias();
    if (zero || exponent <= 0) return {phase.zero_exponent(), 0};
    const std::int32_t magnitude = phase.part_of_a(a) * phase.part_of_b(b) << 13;
    return {exponent, is_negative(a) != is_negative(b) ? -magnitude : magnitude};
}

/// The sum of two numbers as a term, numbers with an exponent of 0 having been set to 0.
constexpr Term sum(SourceNumber a, SourceNumber b, bool wide_exponent, DstStyle dst) {
    if ((a & 0x3'ffff) < (b & 0x3'ffff)) std::swap(a, b);
    const auto magnitude = [](SourceNumber x) {
        return static_cast<std::int32_t>(x == 0 ? 0 : (x & 0x3ff) | 0x400);
    };
    const std::int32_t smaller = shifted_right(magnitude(b), exponent_of(a) - exponent_of(b));
    const std::int32_t total =
        magnitude(a) + (is_negative(a) == is_negative(b) ? smaller : -smaller);
    int exponent = exponent_of(a);
    if (dst == DstStyle::fp32 && !wide_exponent) {
        exponent = exponent != 0 ? exponent + fp16_to_fp32_bias : 127 - 2 * 15;
    }
    return {exponent, (is_negative(a) ? -total : total) << 13};
}

inline constexpr unsigned group_size = 8;
/// An exponent below all others: of an operand that is zero.
inline constexpr std::int32_t no_exponent = -0x1000;

using Lanes = std::array<std::int32_t, row_size>;

/// SrcA's rows, cut for the phase: mantissas with their sign, exponents.
struct CutRows {
    std::array<Lanes, 16> mantissas;
    std::array<Lanes, 16> exponents;
};

inline std::int32_t cut_exponent(SourceNumber x) {
    return is_zero(x) ? no_exponent : exponent_of(x);
}

inline CutRows cut(const Phase& phase, const SourceRow* a) {
    CutRows rows;
    for (unsigned k = 0; k < 16; ++k) {
        for (unsigned column = 0; column < row_size; ++column) {
            const SourceNumber x = a[k][column];
            const std::int32_t part = is_zero(x) ? 0 : phase.part_of_a(x);
            rows.mantissas[k][column] = is_negative(x) ? -part : part;
            rows.exponents[k][column] = cut_exponent(x);
        }
    }
    return rows;
}

/// Eight products in each column, aligned to the largest of their exponents with halves rounded
/// away from zero, and added.
inline void add_group(const Phase& phase, const CutRows& a, const SourceRow& b, unsigned first,
                      std::array<Term, row_size>& terms) {
    const std::int32_t zero_exponent = phase.zero_exponent();
    std::array<Lanes, group_size> exponents;
    std::array<Lanes, group_size> products;
    Lanes largest;
    largest.fill(no_exponent);
    for (unsigned i = 0; i < group_size; ++i) {
        const SourceNumber x = b[first + i];
        const std::int32_t part = is_zero(x) ? 0 : phase.part_of_b(x);
        const std::int32_t mantissa = is_negative(x) ? -part : part;
        const std::int32_t exponent = cut_exponent(x) + phase.bias();
        for (unsigned column = 0; column < row_size; ++column) {
            const std::int32_t sum = a.exponents[first + i][column] + exponent;
            const std::int32_t own = sum < no_exponent / 2 ? zero_exponent : sum;
            exponents[i][column] = own;
            products[i][column] = a.mantissas[first + i][column] * mantissa;
            largest[column] = std::max(largest[column], own);
        }
    }
    Lanes sums{};
    for (unsigned i = 0; i < group_size; ++i) {
        for (unsigned column = 0; column < row_size; ++column) {
            // A product has 12 bits: at a distance of 13 nothing of it is left.
            const std::int32_t down = std::min(largest[column] - exponents[i][column], 13);
            const std::int32_t sign = products[i][column] >> 31;
            const std::int32_t magnitude = (products[i][column] ^ sign) - sign;
            const std::int32_t rounded = (magnitude + ((1 << down) >> 1)) >> down;
            sums[column] += (rounded ^ sign) - sign;
        }
    }
    for (unsigned column = 0; column < row_size; ++column) {
        const bool counts = largest[column] > 0;
        terms[column] = {counts ? largest[column] : 0, counts ? sums[column] << 13 : 0};
    }
}

/// `b` has `rows` rows, `a` 16.
inline void multiply(const Phase& phase, const SourceRow* a, const SourceRow* b, unsigned rows,
                     RowTerms* terms) {
    const CutRows cut_a = cut(phase, a);
    for (unsigned row = 0; row < rows; ++row) {
        for (unsigned group = 0; group < 2; ++group) {
            add_group(phase, cut_a, b[row], group * group_size, terms[row][group]);
        }
    }
}

}  // namespace tilewright::tensix::test
