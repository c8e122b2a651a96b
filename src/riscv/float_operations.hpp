// Single-precision arithmetic on bit patterns, as the F extension defines it: all rounding modes,
// the five flags, one NaN for all results. In integers, so that no state of the host matters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "opcodes.hpp"

namespace tilewright::riscv {

/// The result of a float operation, for the register that it names. `rounding` is the field of the
/// instruction, 7 meaning the mode in `fcsr`, where flags are added. Nothing if that mode is none.
std::optional<std::uint32_t> float_operation(Op op, const std::array<std::uint32_t, 3>& operands,
                                             std::uint32_t rounding, std::uint32_t& fcsr);

}  // namespace tilewright::riscv
