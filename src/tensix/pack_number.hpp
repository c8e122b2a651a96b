// What packers make of a number of Dst: an early conversion to an intermediate format, ReLU, a late
// conversion to the format of L1; and the sums of L1 accumulation.
#pragma once

#include <cstdint>
#include <span>

#include "tensix/number.hpp"
#include "tilewright/tensix/format.hpp"
#include "tilewright/tensix/instruction.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

struct PackFormats {
    Format intermediate;
    Format out;
    bool wide;               ///< Dst has 32 bits
    bool raw;                ///< the early conversion keeps bits instead of rounding
    bool is_unsigned;        ///< of int8
    bool rounds_to_10_bits;  ///< of mantissa
    bool short_fp8;          ///< Blackhole: FP8 has 4 bits of exponent and 3 of mantissa
    bool blackhole;
    std::uint32_t relu_mode;
    std::uint32_t relu_threshold;
};

/// TensixFault if packers have no such conversion, or it is not modelled.
void check_formats(const PackFormats& formats);

/// A number of Dst (16 or 32 bits as it lies there) in the format of L1; for blocks a BF16 number,
/// which blocked() puts under a shared exponent.
std::uint32_t packed(const PackFormats& formats, std::uint32_t dst);
/// The same for up to 16 numbers: as many as there are of `to`.
void pack_row(const PackFormats& formats, std::span<const std::uint32_t, row_size> dst,
              std::span<std::uint32_t> to);

/// What L1 holds after a number was added to what was there, of FP32, BF16 or FP16.
std::uint32_t accumulated_in_l1(Format format, std::uint32_t there, std::uint32_t added);

}  // namespace tilewright::tensix
