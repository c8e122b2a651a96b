// The bits of numbers: in registers of the engine and between its formats. Nothing here depends on
// configuration.
//
// A number in SrcA or SrcB ("source number") has 19 bits, which are kept as sign (bit 18), exponent
// (17 to 10) and mantissa (9 to 0). The hardware orders them sign, mantissa, exponent; no
// instruction can tell. FP16 and integers lie in it with an exponent of 5 bits in the lower half of
// that field. Dst is read in several formats, so its 16 bits are kept as the hardware has them:
// sign, mantissa, exponent.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace tilewright::tensix {

using SourceNumber = std::uint32_t;

inline constexpr std::uint32_t sign_bit = 0x8000'0000;
inline constexpr std::uint32_t fp32_infinity = 0x7f80'0000;

// --- Formats of L1 to source numbers ---

constexpr SourceNumber source_from_bf16(std::uint16_t x) {
    return std::uint32_t{x} << 3;
}
constexpr SourceNumber source_from_fp16(std::uint16_t x) {
    return (x & 0x8000u) << 3 | (x & 0x7fffu);
}
constexpr SourceNumber source_from_tf32(std::uint32_t fp32) {
    return fp32 >> 13;
}

constexpr bool is_zero(SourceNumber x) {
    return (x & 0x3'fc00) == 0;
}
constexpr bool is_negative(SourceNumber x) {
    return (x & 0x4'0000) != 0;
}
constexpr int exponent_of(SourceNumber x) {
    return static_cast<int>(x >> 10 & 0xff);
}

// --- Dst: 16 and 32 bits of it to and from the usual order of bits ---

constexpr std::uint16_t dst_from_bf16(std::uint16_t x) {
    return static_cast<std::uint16_t>((x & 0x8000) | (x & 0x7f) << 8 | (x >> 7 & 0xff));
}
constexpr std::uint16_t bf16_from_dst(std::uint16_t x) {
    return static_cast<std::uint16_t>((x & 0x8000) | (x & 0xff) << 7 | (x >> 8 & 0x7f));
}
constexpr std::uint16_t dst_from_fp16(std::uint16_t x) {
    return static_cast<std::uint16_t>((x & 0x8000) | (x & 0x3ff) << 5 | (x >> 10 & 0x1f));
}
constexpr std::uint16_t fp16_from_dst(std::uint16_t x) {
    return static_cast<std::uint16_t>((x & 0x8000) | (x & 0x1f) << 10 | (x >> 5 & 0x3ff));
}
/// FP32 and integers of 32 bits: the upper half lies like BF16.
constexpr std::uint32_t dst_from_fp32(std::uint32_t x) {
    return std::uint32_t{dst_from_bf16(static_cast<std::uint16_t>(x >> 16))} << 16 | (x & 0xffff);
}
constexpr std::uint32_t fp32_from_dst(std::uint32_t x) {
    return std::uint32_t{bf16_from_dst(static_cast<std::uint16_t>(x >> 16))} << 16 | (x & 0xffff);
}

// --- Integers of sign and magnitude ---

constexpr std::uint32_t sign_magnitude(std::int32_t x) {
    return x < 0 ? sign_bit | (0u - static_cast<std::uint32_t>(x)) : static_cast<std::uint32_t>(x);
}
constexpr std::int32_t twos_complement(std::uint32_t x) {
    const std::uint32_t magnitude = x & ~sign_bit;
    return static_cast<std::int32_t>((x & sign_bit) != 0 ? 0u - magnitude : magnitude);
}
/// Orders sign and magnitude, and FP32 from -NaN to +NaN, -0 before +0.
constexpr std::int32_t total_order(std::uint32_t x) {
    return static_cast<std::int32_t>((x & sign_bit) != 0 ? x ^ 0x7fff'ffff : x);
}

// --- FP32 ---

constexpr bool is_denormal_or_zero(std::uint32_t fp32) {
    return (fp32 & fp32_infinity) == 0;
}
/// Denormal numbers become zero of the same sign.
constexpr std::uint32_t flushed(std::uint32_t fp32) {
    return is_denormal_or_zero(fp32) ? fp32 & sign_bit : fp32;
}

inline constexpr int fp16_to_fp32_bias = 127 - 15;

/// Exponent, mantissa of 10 bits and sign as FP16: what is too large becomes the largest number,
/// what is too small zero, of that sign. An exponent of exactly 0 keeps its mantissa.
constexpr std::uint16_t fp16_of(bool negative, int exponent, std::uint32_t mantissa) {
    const std::uint32_t sign = negative ? 0x8000 : 0;
    if (exponent < 0) return static_cast<std::uint16_t>(sign);
    if (exponent > 31) return static_cast<std::uint16_t>(sign | 0x7fff);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent) << 10 | mantissa);
}
/// Truncates.
constexpr std::uint16_t fp16_from_fp32(std::uint32_t x) {
    return fp16_of((x & sign_bit) != 0, static_cast<int>(x >> 23 & 0xff) - fp16_to_fp32_bias,
                   x >> 13 & 0x3ff);
}

// --- Numbers of blocks: sign and magnitude under a shared exponent ---

/// A magnitude of 7 bits under its exponent as sign, exponent and 7 bits of mantissa. The
/// exponent wraps where there is none so small.
struct Unblocked {
    bool zero_magnitude;
    std::uint8_t exponent;
    std::uint8_t mantissa;
};
constexpr Unblocked unblock(std::uint8_t number, std::uint8_t exponent) {
    const auto magnitude = static_cast<std::uint8_t>(number << 1);
    if (magnitude == 0) return {true, 0, 0};
    const int shift = std::countl_zero(magnitude);
    return {false, static_cast<std::uint8_t>(exponent - shift),
            static_cast<std::uint8_t>(magnitude << shift & 0x7e)};
}
/// Of 8 bits; those of 4 and 2 are their upper bits. A sign without magnitude is -infinity.
constexpr std::uint16_t bf16_from_bfp8(std::uint8_t number, std::uint8_t exponent) {
    const std::uint32_t sign = number >> 7;
    const Unblocked x = unblock(number, exponent);
    if (x.zero_magnitude) return sign != 0 ? 0xff80 : 0;
    return static_cast<std::uint16_t>(sign << 15 | x.exponent << 7 | x.mantissa);
}
/// The same for blocks whose exponent has 5 bits; one that would need more is undefined, and its
/// upper bits are dropped.
constexpr std::uint16_t fp16_from_bfp8a(std::uint8_t number, std::uint8_t exponent) {
    const std::uint32_t sign = number >> 7;
    const Unblocked x = unblock(number, exponent);
    if (x.zero_magnitude) return sign != 0 ? 0xfc00 : 0;
    return static_cast<std::uint16_t>(sign << 15 | (x.exponent & 0x1f) << 10 | x.mantissa << 3);
}

/// Magnitude of a BF16 number in a block whose largest exponent is `shared`, in `bits` - 1 bits,
/// with its sign above it. Rounded to 7 bits with halves up, then truncated; a magnitude of 0 has
/// no sign.
constexpr std::uint8_t blocked(std::uint16_t bf16, std::uint32_t shared, unsigned bits) {
    const std::uint32_t exponent = bf16 >> 7 & 0xff;
    std::uint32_t magnitude = (bf16 & 0x7f) | (exponent != 0 ? 0x80 : 0);
    const std::uint32_t shift = shared - exponent;
    magnitude = shift < 8 ? (magnitude + (1u << shift)) >> (shift + 1) : 0;
    magnitude = std::min(magnitude, 127u) >> (8 - bits);
    if (magnitude != 0) magnitude |= std::uint32_t{bf16} >> 15 << (bits - 1);
    return static_cast<std::uint8_t>(magnitude);
}

}  // namespace tilewright::tensix
