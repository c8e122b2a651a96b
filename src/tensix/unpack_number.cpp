#include "tensix/unpack_number.hpp"

#include <cstring>
#include <type_traits>

#include "tensix/context.hpp"

namespace tilewright::tensix {
namespace {

std::uint16_t fp16_from_fp8(const UnpackFormats& formats, std::uint32_t bits) {
    if (!formats.short_fp8) {
        // Blackhole widens the largest number to the largest.
        const bool largest = formats.blackhole && (bits & 0x7f) == 0x7f;
        return static_cast<std::uint16_t>(bits << 8 | (largest ? 0xff : 0));
    }
    const std::uint32_t exponent = bits >> 3 & 15;
    const std::uint32_t mantissa = bits & 7;
    const bool largest = exponent == 15 && mantissa == 7;
    return static_cast<std::uint16_t>((bits & 0x80) << 8 |
                                      (exponent != 0 ? exponent + 8 : 0) << 10 | mantissa << 7 |
                                      (largest ? 0x7f : 0));
}

/// An integer of 8 bits lies in FP16 with an exponent of 16, or of 0 where its magnitude is 0.
std::uint16_t fp16_from_int8(const UnpackFormats& formats, std::uint32_t bits) {
    const std::uint32_t sign = formats.is_unsigned ? 0 : bits & 0x80;
    const std::uint32_t magnitude = bits - sign;
    return static_cast<std::uint16_t>(sign << 8 | (magnitude != 0 ? 16u << 10 : 0) | magnitude);
}

std::uint32_t from_fp32(const UnpackFormats& formats, std::uint32_t bits) {
    switch (formats.out) {
        case Format::fp16: {
            const std::uint16_t fp16 = fp16_from_fp32(bits);
            return formats.to_dst ? dst_from_fp16(fp16) : source_from_fp16(fp16);
        }
        case Format::bf16: {
            const auto bf16 = static_cast<std::uint16_t>(flushed(bits) >> 16);
            return formats.to_dst ? dst_from_bf16(bf16) : source_from_bf16(bf16);
        }
        default:  // FP32 and TF32, which is FP32 in Dst
            return formats.to_dst ? dst_from_fp32(bits) : source_from_tf32(bits);
    }
}

/// Where a number of 16 bits goes, once it has the usual order of bits.
std::uint32_t placed(const UnpackFormats& formats, std::uint16_t number, bool fp16) {
    if (formats.to_dst) return fp16 ? dst_from_fp16(number) : dst_from_bf16(number);
    return fp16 ? source_from_fp16(number) : source_from_bf16(number);
}

inline std::uint32_t converted(const UnpackFormats& formats, std::uint32_t bits,
                               std::uint8_t exponent) {
    const auto byte = [&](unsigned shift) { return static_cast<std::uint8_t>(bits << shift); };
    switch (formats.in) {
        case Format::fp32:
            return from_fp32(formats, bits);
        case Format::tf32:
        case Format::int32:
            return dst_from_fp32(bits);
        case Format::fp16:
            return placed(formats, static_cast<std::uint16_t>(bits), true);
        case Format::bf16:
            return placed(formats, static_cast<std::uint16_t>(bits), false);
        case Format::int16: {
            // Any 16 bits: SrcA and SrcB take them for BF16 as Dst has it.
            const auto opaque = static_cast<std::uint16_t>(bits);
            return formats.to_dst ? opaque : source_from_bf16(bf16_from_dst(opaque));
        }
        case Format::bfp8:
            return placed(formats, bf16_from_bfp8(byte(0), exponent), false);
        case Format::bfp4:
            return placed(formats, bf16_from_bfp8(byte(4), exponent), false);
        case Format::bfp2:
            return placed(formats, bf16_from_bfp8(byte(6), exponent), false);
        case Format::bfp8a:
            return placed(formats, fp16_from_bfp8a(byte(0), exponent), true);
        case Format::bfp4a:
            return placed(formats, fp16_from_bfp8a(byte(4), exponent), true);
        case Format::bfp2a:
            return placed(formats, fp16_from_bfp8a(byte(6), exponent), true);
        case Format::fp8:
            return placed(formats, fp16_from_fp8(formats, bits), true);
        default:
            return placed(formats, fp16_from_int8(formats, bits), true);
    }
}

/// The index-th of numbers that lie together.
template <Format In>
std::uint32_t bits_at(const std::byte* numbers, std::size_t index) {
    constexpr unsigned bits = bits_of(In);
    if constexpr (bits >= 8) {
        std::conditional_t<bits == 32, std::uint32_t,
                           std::conditional_t<bits == 16, std::uint16_t, std::uint8_t>>
            number;
        std::memcpy(&number, numbers + index * sizeof number, sizeof number);
        return number;
    } else {
        const auto byte = static_cast<std::uint32_t>(numbers[index * bits / 8]);
        return extract(byte, index * bits % 8, bits);
    }
}

/// With the input's format known to the compiler.
template <Format In>
void convert_row(const UnpackFormats& formats, const std::byte* from, std::uint8_t exponent,
                 SourceRow& to) {
    UnpackFormats known = formats;
    known.in = In;
    for (std::size_t i = 0; i < row_size; ++i) {
        to[i] = converted(known, bits_at<In>(from, i), exponent);
    }
}

}  // namespace

void check_formats(const UnpackFormats& formats) {
    const auto refuse_pair = [&](const std::string& why) {
        refuse("UNPACR", "from " + std::string(name_of(formats.in)) + " to " +
                             std::string(name_of(formats.out)) +
                             (formats.to_dst ? " in Dst: " : " in SrcA or SrcB: ") + why);
    };
    if (name_of(formats.in).starts_with("format ") || name_of(formats.out).starts_with("format ")) {
        refuse_pair("no such format");
    }
    if (formats.in == Format::fp32) {
        const bool known = formats.out == Format::fp32 || formats.out == Format::tf32 ||
                           formats.out == Format::bf16 || formats.out == Format::fp16;
        if (!known) refuse_pair("fp32 becomes fp32, tf32, bf16 or fp16");
        if (formats.out == Format::fp32 && !formats.to_dst) refuse_pair("it has 19 bits");
        return;
    }
    if (formats.in != formats.out) refuse_pair("only fp32 is converted to another format");
    if (!formats.to_dst && (formats.in == Format::int32 || formats.in == Format::tf32)) {
        refuse_pair("it has 19 bits");
    }
}

std::uint32_t unpacked(const UnpackFormats& formats, std::uint32_t bits, std::uint8_t exponent) {
    return converted(formats, bits, exponent);
}

void unpack_row(const UnpackFormats& formats, const std::byte* from, std::uint8_t exponent,
                SourceRow& to) {
    switch (formats.in) {
        case Format::fp32:
            return convert_row<Format::fp32>(formats, from, exponent, to);
        case Format::tf32:
            return convert_row<Format::tf32>(formats, from, exponent, to);
        case Format::int32:
            return convert_row<Format::int32>(formats, from, exponent, to);
        case Format::fp16:
            return convert_row<Format::fp16>(formats, from, exponent, to);
        case Format::bf16:
            return convert_row<Format::bf16>(formats, from, exponent, to);
        case Format::int16:
            return convert_row<Format::int16>(formats, from, exponent, to);
        case Format::bfp8:
            return convert_row<Format::bfp8>(formats, from, exponent, to);
        case Format::bfp4:
            return convert_row<Format::bfp4>(formats, from, exponent, to);
        case Format::bfp2:
            return convert_row<Format::bfp2>(formats, from, exponent, to);
        case Format::bfp8a:
            return convert_row<Format::bfp8a>(formats, from, exponent, to);
        case Format::bfp4a:
            return convert_row<Format::bfp4a>(formats, from, exponent, to);
        case Format::bfp2a:
            return convert_row<Format::bfp2a>(formats, from, exponent, to);
        case Format::fp8:
            return convert_row<Format::fp8>(formats, from, exponent, to);
        default:
            return convert_row<Format::int8>(formats, from, exponent, to);
    }
}

}  // namespace tilewright::tensix
