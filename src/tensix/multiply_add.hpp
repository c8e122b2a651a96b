// The vector unit's x * y + z of FP32.
#pragma once

#include <cstdint>

#include "tilewright/tensix/instruction.hpp"

namespace tilewright::tensix {

/// The product is rounded to 26 bits behind its leading ones and a sticky bit before z is added;
/// denormal operands and results count as zero. The architectures differ in NaNs, in the sign of
/// zeros and at the lower edge of what can be represented.
std::uint32_t multiply_add(Architecture architecture, std::uint32_t x, std::uint32_t y,
                           std::uint32_t z);

}  // namespace tilewright::tensix
