// Products of the matrix unit: 5 bits of SrcA's mantissa by 7 of SrcB's in each fidelity phase.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "tensix/accumulate.hpp"
#include "tensix/number.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

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

constexpr bool is_zero(SourceNumber x) {
    return (x & 0x3'fc00) == 0;
}
constexpr bool is_negative(SourceNumber x) {
    return (x & 0x4'0000) != 0;
}
constexpr int exponent_of(SourceNumber x) {
    return static_cast<int>(x >> 10 & 0xff);
}

/// For a row of SrcB and 16 rows of SrcA: in each column the sums of products over the first and
/// over the last eight, as terms for accumulate().
using RowTerms = std::array<std::array<Term, row_size>, 2>;
/// `b` has `rows` rows, `a` 16.
void multiply(const Phase& phase, const SourceRow* a, const SourceRow* b, unsigned rows,
              RowTerms* terms);

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

}  // namespace tilewright::tensix
