// The loop that lets time pass until something is done.
#pragma once

#include <cstdint>
#include <functional>

#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

struct DeviceState;

/// Let time pass until done(), `stop`, an interruption, or until nothing is left to happen; ends of
/// kernels, callbacks and the queues' work are seen to on the way. When the chip throws, all
/// kernels and commands are gone; what a callback throws changes nothing.
Chip::Outcome pass_time(DeviceState& state, std::uint64_t stop, const RunOptions& options,
                        const std::function<bool()>& done);

/// The cycle `count` cycles after `start`, or the end of time.
std::uint64_t cycles_after(std::uint64_t start, std::uint64_t count);

/// Interrupted or CycleLimitError for an outcome that is not what the caller waited for.
void refuse_outcome(DeviceState& state, Chip::Outcome outcome, const RunOptions& options);

}  // namespace tilewright::detail
