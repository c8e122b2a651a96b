// What went wrong, or goes on, in words: which core, where in the source, what it did or waits for.
//
// It only looks at the chip. What the words of reserved L1 mean is software's convention
// (firmware/abi.hpp): so these texts are made here, and the chip itself reports plain data.
#pragma once

#include <cstdint>
#include <functional>
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
/// All that waits, the longest first, with one line for cores that wait alike; and all that is
/// under way, a line each, eight of a kind at most.
std::string waiting(const Chip& chip);
std::string busy(const Chip& chip);

/// What Chip::run() reported, before abort(): the errors for the outcomes `faulted`, `deadlocked`
/// and `stuck`.
using BufferName = std::function<std::string(const MemoryRef& place)>;
KernelFault fault(const Chip& chip, const BufferName& buffer = {});
/// `printed` is what comes at the end: what has been printed (firmware/core_groups.hpp).
DeadlockError deadlock(const Chip& chip, const std::string& printed = {});
DeadlockError stuck(const Chip& chip, const std::string& printed = {});
/// Throws the one that fits, if the outcome is one of these; `printed` is asked then, and `buffer`
/// for what the bytes of a race are of.
void raise(const Chip& chip, Chip::Outcome outcome,
           const std::function<std::string()>& printed = {}, const BufferName& buffer = {});

}  // namespace tilewright::diagnose
