// What went wrong, or goes on, in words: which core, where in the source, what it did or waits for.
//
// It only looks at the chip. What the words of reserved L1 mean is software's convention
// (firmware/abi.hpp): so these texts are made here, and the chip itself reports plain data.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tilewright/chip/chip.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/sim/run_error.hpp"

namespace tilewright::diagnose {

/// What is added to a message, short or in full: what has been printed (firmware/core_groups.hpp).
using Printed = std::function<std::string(bool full)>;

/// The cores that wait now, the longest first, each on its own or those that wait alike as one.
std::vector<CoreWait> waits(const Chip& chip, bool together);
/// The cores whose kernels are under way and do not wait, in their order.
std::vector<CoreRunning> running(const Chip& chip);

/// All that waits, the longest first, with one line for cores that wait alike, and of the rest the
/// number; or a line for each if it is to be in full.
std::string waiting(const Chip& chip, bool full = false);
/// All that is under way, likewise, and all that waits.
std::string busy(const Chip& chip, bool full = false);
/// Both as data, and a message that begins with `first` in full.
RunReport report(const Chip& chip, const std::string& first, const Printed& printed = {});

/// What Chip::run() reported, before abort(): the errors for the outcomes `faulted`, `deadlocked`
/// and `stuck`.
using BufferName = std::function<std::string(const MemoryRef& place)>;
KernelFault fault(const Chip& chip, const BufferName& buffer = {});
DeadlockError deadlock(const Chip& chip, const Printed& printed = {});
DeadlockError stuck(const Chip& chip, const Printed& printed = {});
/// Throws the one that fits, if the outcome is one of these; `printed` is asked then, and `buffer`
/// for what the bytes of a race are of.
void raise(const Chip& chip, Chip::Outcome outcome, const Printed& printed = {},
           const BufferName& buffer = {});

}  // namespace tilewright::diagnose
