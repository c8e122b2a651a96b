// The formats of numbers that the engine knows, and how they lie in L1.
//
// Infinities and NaNs: types with an exponent of 5 bits have neither. All that is said here of bits
// is the published functional model of unpackers and packers. Kernels are compiled against it, too.
#pragma once

#include <cstdint>

namespace tilewright::tensix {

/// The values are the codes of the hardware's configuration. Blocks share one exponent for 16
/// numbers: of 8 bits, or of 5 where the name ends in `a`.
enum class Format : std::uint8_t {
    fp32 = 0,
    fp16 = 1,
    bfp8a = 2,
    bfp4a = 3,
    tf32 = 4,
    bf16 = 5,
    bfp8 = 6,
    bfp4 = 7,
    int32 = 8,  ///< sign and magnitude, like all integers of the engine
    int16 = 9,  ///< or any 16 bits: nothing computes with it
    fp8 = 10,
    bfp2a = 11,
    int8 = 14,
    bfp2 = 15,
};
constexpr Format last_of(Format) {
    return Format::bfp2;
}

constexpr bool is_block(Format format) {
    switch (format) {
        case Format::bfp8:
        case Format::bfp4:
        case Format::bfp2:
        case Format::bfp8a:
        case Format::bfp4a:
        case Format::bfp2a:
            return true;
        default:
            return false;
    }
}

/// How many bits a number takes in L1, its part of a shared exponent not counted.
constexpr unsigned bits_of(Format format) {
    switch (static_cast<unsigned>(format) & 3) {
        case 0:
            return 32;
        case 1:
            return 16;
        case 2:
            return 8;
        default:
            return format == Format::bfp4 || format == Format::bfp4a ? 4 : 2;
    }
}

/// What the matrix unit makes of a number in SrcA or SrcB of that format.
enum class SourceStyle : std::uint8_t { bf16, fp16, tf32 };

constexpr SourceStyle style_of(Format format) {
    switch (format) {
        case Format::fp16:
        case Format::fp8:
        case Format::bfp8a:
        case Format::bfp4a:
        case Format::bfp2a:
        case Format::int8:
            return SourceStyle::fp16;
        case Format::tf32:
            return SourceStyle::tf32;
        default:
            return SourceStyle::bf16;
    }
}

}  // namespace tilewright::tensix
