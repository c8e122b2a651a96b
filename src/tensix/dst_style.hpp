// How Dst's numbers lie for the matrix unit.
#pragma once

#include <cstdint>

namespace tilewright::tensix {

/// What the matrix unit adds to. Numbers of Dst are handed over as sign, 8 bits of exponent and 23
/// of mantissa, also FP16, whose exponent keeps its own bias there.
enum class DstStyle : std::uint8_t { fp32, bf16, fp16 };

}  // namespace tilewright::tensix
