#include "tensix/pack_number.hpp"

#include <cmath>
#include <limits>

#include "tensix/context.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint32_t bf16_infinity = 0x7f80;

// --- Early conversions ---

/// NaN becomes infinity.
constexpr std::uint32_t without_nan(std::uint32_t fp32) {
    return (fp32 & ~sign_bit) > fp32_infinity ? (fp32 & sign_bit) | fp32_infinity : fp32;
}
/// FP32 with its lower bits rounded away, halves away from zero; denormals and -0 become 0.
constexpr std::uint32_t rounded(std::uint32_t fp32, unsigned dropped) {
    const std::uint32_t x = (without_nan(fp32) + (1u << (dropped - 1))) >> dropped << dropped;
    return is_denormal_or_zero(x) ? 0 : x;
}

std::uint32_t integer8(const PackFormats& formats, std::uint32_t number) {
    const std::uint32_t magnitude = number & ~sign_bit;
    const bool negative = (number & sign_bit) != 0;
    if (formats.is_unsigned) return negative ? 0 : std::min(magnitude, 255u);
    return (negative ? 0x80 : 0) | std::min(magnitude, 127u);
}

/// From 32 bits of Dst, in the usual order of bits.
std::uint32_t early_wide(const PackFormats& formats, std::uint32_t number) {
    switch (formats.intermediate) {
        case Format::bf16:
            return (formats.raw ? number : rounded(number, 16)) >> 16;
        case Format::bfp8: {
            // Rounded to 6 bits of mantissa, in the place of 7.
            if (formats.raw) return number >> 16;
            const std::uint32_t x = ((without_nan(number) >> 16) + 1) & ~1u;
            return (x & 0x7fff) < 0x80 ? 0 : x;
        }
        case Format::int8:
            return integer8(formats, number);
        case Format::fp16:
            return rounded(number, 13);
        case Format::tf32:
            return formats.raw ? number : rounded(number, 13);
        default:
            return number;
    }
}

/// BF16 as FP16: a mantissa of 7 bits in the place of 10.
std::uint32_t fp16_from_bf16(std::uint16_t bf16) {
    return fp16_of((bf16 & 0x8000) != 0, (bf16 >> 7 & 0xff) - fp16_to_fp32_bias,
                   (bf16 & 0x7fu) << 3);
}

/// From 16 bits of Dst, as they lie there.
std::uint32_t early_narrow(const PackFormats& formats, std::uint16_t dst) {
    switch (formats.intermediate) {
        case Format::fp16: {
            if (formats.rounds_to_10_bits) return fp16_from_bf16(bf16_from_dst(dst));
            const std::uint32_t x = fp16_from_dst(dst);
            return !formats.raw && (x & 0x7fff) < 0x400 ? 0 : x;
        }
        case Format::bfp8a: {
            // Rounded to 6 bits of mantissa, in the place of 10.
            std::uint32_t x = fp16_from_dst(dst);
            if ((x & 0x7fff) > 0x7ff7) x = (x & 0x8000) | 0x7ff0;
            x = (x + 8) & ~15u;
            return (x & 0x7fff) < 0x400 ? 0 : x;
        }
        case Format::bf16:
        case Format::bfp8: {
            std::uint32_t x = bf16_from_dst(dst);
            if (formats.raw) return x;
            if ((x & 0x7fff) > bf16_infinity) x = (x & 0x8000) | bf16_infinity;
            if ((x & 0x7fff) < 0x80) x = 0;
            return formats.intermediate == Format::bfp8 ? (x + 1) & ~1u : x;
        }
        default:
            return dst;
    }
}

// --- ReLU ---

/// Bits of a magnitude, and where the sign is above them; modes are 1 (below 0), 2 (up to the
/// threshold: 0) and 3 (above it: the threshold).
std::uint32_t relu(const PackFormats& formats, std::uint32_t number) {
    if (formats.relu_mode == 0) return number;
    const bool in_32_bits = formats.wide && (formats.intermediate == Format::fp16 ||
                                             formats.intermediate == Format::tf32);
    const bool fp32 = formats.intermediate == Format::fp32 || in_32_bits;
    const bool whole = fp32 || formats.intermediate == Format::int32;
    if ((number & (whole ? sign_bit : 0x8000u)) != 0) return 0;
    const std::uint32_t threshold = whole ? formats.relu_threshold << 16 : formats.relu_threshold;
    if (formats.relu_mode == 2 && number <= threshold) return 0;
    // Of FP32 the bits that TF32 has are compared.
    const bool above = fp32 ? number >> 13 > threshold >> 13 : number > threshold;
    return formats.relu_mode == 3 && above ? threshold : number;
}

// --- Late conversions ---

std::uint32_t fp8_of(std::uint32_t fp16) {
    const std::uint32_t sign = fp16 >> 8 & 0x80;
    const std::uint32_t exponent = fp16 >> 10 & 31;
    if (exponent <= 8) return sign;
    if (exponent >= 24) return sign | 0x7f;
    return sign | (exponent - 8) << 3 | (fp16 >> 7 & 7);
}

std::uint32_t fp32_of_fp16(std::uint32_t fp16) {
    const std::uint32_t sign = (fp16 & 0x8000) << 16;
    const std::uint32_t magnitude = fp16 & 0x7fff;
    // Without exponent only the mantissa is widened.
    const std::uint32_t bias = magnitude >= 0x400 ? std::uint32_t{fp16_to_fp32_bias} << 23 : 0;
    return sign | ((magnitude << 13) + bias);
}

std::uint32_t bf16_of_fp16(std::uint32_t fp16) {
    if ((fp16 & 0x7c00) == 0) return 0;
    return fp32_of_fp16(fp16) >> 16;
}

std::uint32_t late(const PackFormats& formats, std::uint32_t number) {
    const Format out = formats.out;
    switch (formats.intermediate) {
        case Format::fp16: {
            if (formats.wide) number = fp16_from_fp32(number);
            if (out == Format::fp32) return fp32_of_fp16(number);
            if (out == Format::bf16) return bf16_of_fp16(number);
            return out == Format::fp8 ? fp8_of(number) : number;
        }
        case Format::bfp8a:
            return bf16_of_fp16(number);
        case Format::fp32:
            if (out == Format::fp16) return fp16_from_fp32(number);
            if (is_block(out)) return is_denormal_or_zero(number) ? 0 : number >> 16;
            return number;
        case Format::bf16:
        case Format::bfp8:
            return out == Format::fp32 ? number << 16 : number;
        default:
            return number;
    }
}

// --- Which conversions there are ---

bool is_wide_block(Format format) {
    return format == Format::bfp8 || format == Format::bfp4 || format == Format::bfp2;
}

bool converts(const PackFormats& formats) {
    const Format out = formats.out;
    switch (formats.intermediate) {
        case Format::fp32:
            return formats.wide &&
                   (out == Format::fp32 || out == Format::fp16 || is_wide_block(out));
        case Format::tf32:
            return formats.wide && out == Format::tf32;
        case Format::fp16:
            if (out == Format::fp8)
                return formats.blackhole && formats.rounds_to_10_bits >= formats.wide;
            if (formats.wide) {
                return formats.blackhole && formats.rounds_to_10_bits && out == Format::fp16;
            }
            return !formats.rounds_to_10_bits &&
                   (out == Format::fp16 || out == Format::fp32 || out == Format::bf16);
        case Format::bfp8a:
            return !formats.wide && !formats.raw && out == Format::bfp8;
        case Format::bf16:
            return out == Format::bf16 ||
                   (!formats.wide && (out == Format::fp32 || is_wide_block(out)));
        case Format::bfp8:
            return out == Format::bfp8 || out == Format::bfp4 ||
                   (!formats.wide && (out == Format::fp32 || out == Format::bf16));
        case Format::int32:
            return formats.wide && out == Format::int32;
        case Format::int16:
            return out == Format::int16;
        case Format::int8:
            return formats.wide && !formats.raw && out == Format::int8;
        default:
            return false;
    }
}

// --- L1 accumulation ---

std::uint32_t sum_of_fp32(std::uint32_t there, std::uint32_t added) {
    const float sum = std::bit_cast<float>(flushed(there)) + std::bit_cast<float>(flushed(added));
    const auto bits = std::bit_cast<std::uint32_t>(sum);
    return (bits & ~sign_bit) > fp32_infinity ? 0x7fc0'0000 : flushed(bits);
}

/// The sum of numbers of more than 8 bits of exponent, as BF16: nearest, ties to even, without
/// denormals, infinite from 2^128 on.
std::uint32_t bf16_of_sum(double sum) {
    const auto bits = std::bit_cast<std::uint64_t>(sum);
    const auto sign = static_cast<std::uint32_t>(bits >> 48 & 0x8000);
    const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023 + 127;
    if (exponent <= 0) return sign;
    if (exponent >= 255) return sign | bf16_infinity;
    constexpr unsigned dropped = 52 - 7;
    const std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
    const std::uint64_t odd = mantissa >> dropped & 1;
    const std::uint64_t kept =
        (mantissa + (std::uint64_t{1} << (dropped - 1)) - 1 + odd) >> dropped;
    return sign | (static_cast<std::uint32_t>(exponent << 7) + static_cast<std::uint32_t>(kept));
}

std::uint32_t sum_of_bf16(std::uint32_t there, std::uint32_t added) {
    // NaNs count as large numbers: what was there as one larger than all, what is added as its
    // bits would say of a number.
    const auto value = [](std::uint32_t bf16, bool is_there) {
        const double sign = (bf16 & 0x8000) != 0 ? -1 : 1;
        if ((bf16 & 0x7fff) > bf16_infinity) {
            return sign * (is_there ? std::numeric_limits<double>::max()
                                    : std::ldexp(128 + (bf16 & 0x7f), 128 - 7));
        }
        return static_cast<double>(std::bit_cast<float>(flushed(bf16 << 16)));
    };
    const bool infinities = (there & 0x7fff) == bf16_infinity && (there ^ added) == 0x8000;
    return infinities ? 0x7fc0 : bf16_of_sum(value(there, true) + value(added, false));
}

std::uint32_t sum_of_fp16(std::uint32_t there, std::uint32_t added) {
    const auto value = [](std::uint32_t fp16) {
        const std::uint32_t bits =
            (fp16 & 0x7fff) >= 0x400 ? fp32_of_fp16(fp16) : (fp16 & 0x8000) << 16;
        return std::bit_cast<float>(bits);
    };
    const auto sum = std::bit_cast<std::uint32_t>(value(there) + value(added));
    const std::uint32_t sign = sum >> 16 & 0x8000;
    // The hardware takes some results that are too small for too large.
    if ((sum & ~sign_bit) == 0) return sign | ((there >> 10 & 31) >= 30 ? 0x7fff : 0);
    const int exponent = static_cast<int>(sum >> 23 & 0xff) - fp16_to_fp32_bias;
    if (exponent < 0) return sign | 0x7fff;
    if (exponent == 0) return sign;
    const std::uint32_t mantissa = sum & 0x7f'ffff;
    const std::uint32_t kept = (mantissa + 0xfff + (mantissa >> 13 & 1)) >> 13;
    return sign | std::min((static_cast<std::uint32_t>(exponent) << 10) + kept, 0x7fffu);
}

inline std::uint32_t converted(const PackFormats& formats, std::uint32_t dst) {
    std::uint32_t number = 0;
    if (!formats.wide) {
        number = early_narrow(formats, static_cast<std::uint16_t>(dst));
    } else if (formats.intermediate == Format::int16) {
        number = dst >> 16;
    } else {
        number = early_wide(formats, fp32_from_dst(dst));
    }
    return late(formats, relu(formats, number));
}

/// With formats that the compiler knows, without ReLU, rounded.
template <Format Intermediate, Format Out, bool Wide>
void convert_row(const PackFormats& formats, std::span<const std::uint32_t, row_size> dst,
                 std::span<std::uint32_t> to) {
    PackFormats known = formats;
    known.intermediate = Intermediate;
    known.out = Out;
    known.wide = Wide;
    known.raw = false;
    known.relu_mode = 0;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = converted(known, dst[i]);
}

}  // namespace

void check_formats(const PackFormats& formats) {
    const auto refuse_formats = [&](const std::string& why) {
        refuse("PACR", "from " + std::string(formats.wide ? "32" : "16") + " bits of Dst by " +
                           std::string(name_of(formats.intermediate)) + " to " +
                           std::string(name_of(formats.out)) + ": " + why);
    };
    if (!converts(formats)) refuse_formats("there is no such conversion, or it is not modelled");
    if (formats.out == Format::fp8 && !formats.short_fp8) {
        refuse_formats("fp8 with 5 bits of exponent is not modelled");
    }
    if (formats.rounds_to_10_bits && formats.intermediate != Format::fp16) {
        refuse_formats("rounding to 10 bits of mantissa is modelled by fp16 only");
    }
    if (formats.relu_mode > 3) {
        refuse_formats("ReLU mode " + std::to_string(formats.relu_mode) + "; there are 0 to 3");
    }
    if (formats.relu_mode != 0 && (formats.relu_threshold & 0x8000) != 0) {
        refuse_formats("a threshold of ReLU below 0 is undefined");
    }
    const bool integers = formats.intermediate == Format::int32 ||
                          formats.intermediate == Format::int16 ||
                          formats.intermediate == Format::int8;
    if (integers && (formats.relu_mode > 1 ||
                     (formats.relu_mode == 1 && formats.intermediate != Format::int32))) {
        refuse_formats("ReLU of integers is that of int32 without a threshold");
    }
}

std::uint32_t packed(const PackFormats& formats, std::uint32_t dst) {
    return converted(formats, dst);
}

void pack_row(const PackFormats& formats, std::span<const std::uint32_t, row_size> dst,
              std::span<std::uint32_t> to) {
    // The formats of most tiles are known to the compiler.
    const bool plain = formats.relu_mode == 0 && !formats.raw;
    if (plain && formats.wide && formats.intermediate == Format::fp32 &&
        formats.out == Format::fp32) {
        convert_row<Format::fp32, Format::fp32, true>(formats, dst, to);
    } else if (plain && formats.intermediate == Format::bf16 && formats.out == Format::bf16) {
        if (formats.wide) {
            convert_row<Format::bf16, Format::bf16, true>(formats, dst, to);
        } else {
            convert_row<Format::bf16, Format::bf16, false>(formats, dst, to);
        }
    } else {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = converted(formats, dst[i]);
    }
}

std::uint32_t accumulated_in_l1(Format format, std::uint32_t there, std::uint32_t added) {
    switch (format) {
        case Format::fp32:
            return sum_of_fp32(there, added);
        case Format::bf16:
            return sum_of_bf16(there, added);
        default:
            return sum_of_fp16(there, added);
    }
}

}  // namespace tilewright::tensix
