// The loop that lets time pass until something is done.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/device_state.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

/// Let time pass until done(), `stop`, an interruption, or until nothing is left to happen; ends of
/// kernels, callbacks and the queues' work are seen to on the way. When the chip throws, all
/// kernels and commands are gone; what a callback throws changes nothing. Cores that repeat
/// themselves for ever are a deadlock if `tell_livelocks`.
Chip::Outcome pass_time(DeviceState& state, std::uint64_t stop, const RunOptions& options,
                        const std::function<bool()>& done, bool tell_livelocks = true);

/// The cycle `count` cycles after `start`, or the end of time.
std::uint64_t cycles_after(std::uint64_t start, std::uint64_t count);

/// An error whose message begins with `first`, and goes on with who runs, who waits and what was
/// printed.
template <class E>
E error_with_report(const DeviceState& state, const std::string& first) {
    const Chip& chip = state.chip;
    return E(first + diagnose::busy(chip) + printed(state),
             diagnose::report(chip, first, [&](bool full) { return printed(state, full); }));
}

/// Interrupted or CycleLimitError for an outcome that is not what the caller waited for.
void refuse_outcome(DeviceState& state, Chip::Outcome outcome, const RunOptions& options);

}  // namespace tilewright::detail
