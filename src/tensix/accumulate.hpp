// How the matrix unit adds to Dst: sums of products, each with an exponent of its own, and the
// number that is there, all aligned to the largest exponent.
//
// Source: the published facts (aligned in groups of 8 with halves rounded up, then added to Dst),
// and the vendor's open simulator for what they leave open: which of the terms round as two's
// complement and which by magnitude, what cancels, and the edges.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "tensix/number.hpp"
#include "tilewright/tensix/instruction.hpp"

namespace tilewright::tensix {

/// What the matrix unit adds to. Numbers of Dst are handed over as sign, 8 bits of exponent and 23
/// of mantissa, also FP16, whose exponent keeps its own bias there.
enum class DstStyle : std::uint8_t { fp32, bf16, fp16 };

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

}  // namespace tilewright::tensix
