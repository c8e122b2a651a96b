// What went wrong, or goes on, in words: which core, where in the source, what it did or waits for.
//
// It only looks at the chip. What the words of reserved L1 mean is software's convention
// (firmware/abi.hpp): so these texts are made here, and the chip itself reports plain data.
#pragma once

#include <cstdint>
#include <string>

#include "tilewright/chip/chip.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/sim/run_error.hpp"

namespace tilewright::diagnose {

/// The core by name and, if it has a kernel, where in its source it is.
std::string core(const Chip& chip, std::uint32_t core);
/// Where in its source a waiting core waits, and for what.
std::string place(const Chip& chip, std::uint32_t core);
std::string wait(const Chip& chip, std::uint32_t core);
/// All that waits, the longest first, and all that is under way: a line each, eight of a kind at
/// most.
std::string waiting(const Chip& chip);
std::string busy(const Chip& chip);

/// What Chip::run() reported, before abort(): the errors for the outcomes `faulted`, `deadlocked`
/// and `stuck`.
KernelFault fault(const Chip& chip);
DeadlockError deadlock(const Chip& chip);
DeadlockError stuck(const Chip& chip);
/// Throws the one that fits, if the outcome is one of these.
void raise(const Chip& chip, Chip::Outcome outcome);

}  // namespace tilewright::diagnose
