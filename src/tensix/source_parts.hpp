// Numbers of SrcA and SrcB, and the parts of them that a fidelity phase multiplies.
#pragma once

#include <cmath>
#include <cstdint>

#include "tensix/number.hpp"

namespace tilewright::tensix {

// --- Integers: 10 bits of magnitude where FP16 has its mantissa ---

inline std::int32_t integer_of(SourceNumber x, std::uint32_t magnitude_bits) {
    const auto magnitude = static_cast<std::int32_t>(x & magnitude_bits);
    return is_negative(x) ? -magnitude : magnitude;
}
/// Bits of the magnitude that a phase multiplies; the last phase has the lowest.
inline std::int32_t integer_part_of_a(SourceNumber x, unsigned phase) {
    return is_zero(x) ? 0 : integer_of(x, (phase & 1) != 0 ? 0x1f : 0xe0);
}
inline std::int32_t integer_part_of_b(SourceNumber x, unsigned phase, bool keep_denormals) {
    if (!keep_denormals && is_zero(x)) return 0;
    return integer_of(x, (phase & 2) != 0 ? 0x0f : 0x3f0);
}

// --- Reals: a mantissa of 11 bits with the one in front ---

/// With the bits of the mantissa that are asked for.
inline double real_of(SourceNumber x, bool wide_exponent, std::uint32_t mantissa_bits = 0x7ff) {
    if (is_zero(x)) return 0;
    const auto mantissa = static_cast<int>(((x & 0x3ff) | 0x400) & mantissa_bits);
    const int bias = wide_exponent ? 127 : 15;
    return std::ldexp(is_negative(x) ? -mantissa : mantissa, exponent_of(x) - bias - 10);
}
/// 5 bits of SrcA's mantissa, the upper or the next; 7 of SrcB's, the upper or the other 4.
inline double real_part_of_a(SourceNumber x, bool wide_exponent, unsigned phase) {
    return real_of(x, wide_exponent, (phase & 1) != 0 ? 0x03e : 0x7c0);
}
inline double real_part_of_b(SourceNumber x, bool wide_exponent, unsigned phase) {
    return real_of(x, wide_exponent, (phase & 2) != 0 ? 0x00f : 0x7f0);
}

}  // namespace tilewright::tensix
