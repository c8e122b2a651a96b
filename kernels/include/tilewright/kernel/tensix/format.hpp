// Formats of numbers as the engine's configuration names them, and which the unpackers and packers
// convert into which.
#pragma once

#include <cstdint>

#include "tilewright/tensix/format.hpp"

namespace tilewright::kernel::tensix {

using ::tilewright::tensix::Format;
using ::tilewright::tensix::is_block;

/// Numbers of a tile: 32 x 32, in four faces of 16 x 16, each row by row.
inline constexpr std::uint32_t tile_numbers = 1024;
inline constexpr std::uint32_t face_numbers = 256;
inline constexpr std::uint32_t tile_rows = 64;  ///< that a tile takes in SrcA, SrcB or Dst

/// Of a tile in L1: the exponents in front of the numbers of a block format; 0 for others.
constexpr std::uint32_t exponent_bytes(Format format) {
    return is_block(format) ? tile_numbers / 16 : 0;
}
constexpr std::uint32_t tile_bytes(Format format) {
    return tile_numbers * ::tilewright::tensix::bits_of(format) / 8 + exponent_bytes(format);
}

/// What an unpacker makes of numbers in L1. Those of 32 bits lose their lower ones on the way to
/// SrcA and SrcB: into TF32, or BF16 where Dst has 16 bits.
constexpr Format unpacked_format(Format in, bool to_dst, bool wide_dst) {
    if (in != Format::fp32 || to_dst) return in;
    return wide_dst ? Format::tf32 : Format::bf16;
}

/// What a packer takes numbers of Dst for. `fp16`: Dst has 16 bits with 5 of exponent.
constexpr Format intermediate_format(Format out, bool wide_dst, bool fp16) {
    switch (out) {
        case Format::int32:
        case Format::int16:
        case Format::int8:
            return out;
        case Format::bf16:
            return fp16 && !wide_dst ? Format::fp16 : Format::bf16;
        case Format::bfp8a:
        case Format::bfp4a:
        case Format::bfp2a:
        case Format::fp8:
            return Format::fp16;
        case Format::bfp8:
        case Format::bfp4:
        case Format::bfp2:
            // As the vendor's headers have it, so that numbers are rounded as theirs are: to 6 bits
            // of mantissa, before those of a block share an exponent.
            return fp16 && !wide_dst ? Format::fp16 : Format::bfp8;
        default:
            return wide_dst ? Format::fp32 : fp16 ? Format::fp16 : Format::bf16;
    }
}

}  // namespace tilewright::kernel::tensix
