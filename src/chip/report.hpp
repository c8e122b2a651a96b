// What went wrong, in words: which core, where in the source, what it did or waits for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/parts.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {

/// The core by name and, if it has a kernel, where in its source that pc is.
std::string describe_core(const Parts& chip, std::uint32_t core, std::uint32_t pc);
KernelFault make_fault(const Parts& chip, const CoreFault& fault);
std::string describe_deadlock(const Parts& chip);
std::string describe_endless_wait(const Parts& chip, std::uint32_t core);
/// As of Chip.
std::vector<std::uint32_t> waiting_cores(const Parts& chip);
std::string describe_place(const Parts& chip, std::uint32_t core);
std::string describe_wait(const Parts& chip, std::uint32_t core);
std::string describe_busy(const Parts& chip);
std::string describe_waiting(const Parts& chip);

}  // namespace tilewright
