// What unpackers make of a number of L1: conversions of formats.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensix/number.hpp"
#include "tilewright/tensix/format.hpp"
#include "tilewright/tensix/instruction.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

struct UnpackFormats {
    Format in;
    Format out;
    bool to_dst;
    bool is_unsigned;  ///< of int8
    bool short_fp8;    ///< Blackhole: FP8 has 4 bits of exponent and 3 of mantissa, else 5 and 2
    bool blackhole;
};

/// TensixFault if unpackers have no such conversion.
void check_formats(const UnpackFormats& formats);

/// The bits of a number (and of the exponent that its block shares) as SrcA, SrcB or Dst hold it.
std::uint32_t unpacked(const UnpackFormats& formats, std::uint32_t bits, std::uint8_t exponent);
/// The same for 16 numbers that lie together.
void unpack_row(const UnpackFormats& formats, const std::byte* from, std::uint8_t exponent,
                SourceRow& to);

}  // namespace tilewright::tensix
