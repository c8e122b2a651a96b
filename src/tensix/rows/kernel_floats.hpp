// Products of 16 rows of SrcA and up to 8 of SrcB as floats, which align, round and add them by
// themselves: what kernels with vectors of fused multiplications share.
//
// A group's sum is accumulated onto 1.5 * 2^23 units, where a unit is the lowest bit of products
// at the group's largest exponent. There a float has no bits below a unit, so that each fused
// addition rounds its product to whole units, and to nothing where it is far below. It rounds
// halves to even, the hardware away from zero: factors of SrcB are larger by 2^-13, which makes
// more than a half of each half, and nothing else of anything else, since a product has 12 bits.
// Rounding has to be to the nearest, as it is in C++ unless somebody changes it; no number here is
// a denormal.
#pragma once

#include "tensix/rows/kernel_body.hpp"

namespace tilewright::tensix {
namespace {

inline constexpr std::size_t group_size = 8;
inline constexpr float above_halves = 1 + 1.0f / (1 << 13);
/// A distance of exponents of which no group has one; that of a number which counts as zero.
inline constexpr int no_distance = 255;

/// Bits that make a part of a source number: those of `whole` without those of `above`.
struct PartBits {
    std::uint32_t whole;
    std::uint32_t above;  ///< 0: the upper part
    int unit;             ///< the weight of a part's lowest bit is 2^-unit where the number has 1
};
constexpr std::uint32_t sign_and_exponent = 0x7'fc00;
/// 5 bits of 11, the upper or the next.
constexpr PartBits part_bits_of_a(unsigned phase) {
    return (phase & 1) == 0 ? PartBits{sign_and_exponent | 0x3c0, 0, 4}
                            : PartBits{sign_and_exponent | 0x3fe, sign_and_exponent | 0x3c0, 9};
}
/// 7 bits, the upper or the other 4.
constexpr PartBits part_bits_of_b(unsigned phase) {
    return (phase & 2) == 0 ? PartBits{sign_and_exponent | 0x3f0, 0, 6}
                            : PartBits{sign_and_exponent | 0x3ff, sign_and_exponent | 0x3f0, 13};
}

/// The largest and the smallest exponent of numbers that are not zero. Where there is none: 0, 0.
struct Exponents {
    int most;
    int least;
};

/// How the exponents of all numbers of an instruction lie.
struct Alignment {
    bool fits;            ///< floats have them
    bool all_count;       ///< no group but of zeros has an exponent that is none
    int largest;          ///< that a product can have, as the hardware counts
    int zero;             ///< the exponent of a group of zeros; `largest` - 255 is no more
    std::uint32_t start;  ///< bits of 1.5 * 2^23 units at `largest`
};

/// What floats of FP16 are given more of exponent: its bias is another.
constexpr int widening_of(const Operands& operands) {
    return operands.wide_exponent ? 0 : 127 - 15;
}

constexpr Alignment alignment_of(const Operands& operands, Exponents a, Exponents b) {
    const int widening = widening_of(operands);
    // Zeros alone take any exponent.
    if (a.most == 0) a = {127 - widening, 127 - widening};
    if (b.most == 0) b = {127 - widening, 127 - widening};
    const int unit = part_bits_of_a(operands.phase).unit + part_bits_of_b(operands.phase).unit;
    const int spread = a.most - a.least + b.most - b.least;
    const int start = 127 + 23 + a.most + b.most + 2 * (widening - 127) - unit;
    // A lower part is less than its number by up to 13 binary digits.
    const auto normal = [&](Exponents x) {
        return x.least + widening > 13 && x.most + widening < 255;
    };
    const int largest = a.most + b.most + bias_of(operands);
    const int zero = zero_exponent_of(operands);
    return {normal(a) && normal(b) && spread < no_distance && start - spread > 0 && start < 255 &&
                largest - no_distance <= zero,
            largest - spread > 0, largest, zero,
            static_cast<std::uint32_t>(start) << 23 | 1u << 22};
}

/// Sums whose exponent is none count as 0.
inline void clear_small(GroupSums* sums, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t group = 0; group < 2; ++group) {
            for (std::size_t i = 0; i < columns; ++i) {
                std::int16_t& mantissa = sums[row].mantissas[group][i];
                mantissa = sums[row].exponents[group][i] > 0 ? mantissa : std::int16_t{0};
            }
        }
    }
}

}  // namespace
}  // namespace tilewright::tensix
