// Kernels that were launched together, and the loop that lets time pass until something is done.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

template <class Archive>
void fields(Archive& archive, CoreReport& r) {
    archive(r.core.tile.x, r.core.tile.y, r.core.processor, r.start, r.end, r.instructions,
            r.waiting_cycles, r.output);
}

}  // namespace tilewright

namespace tilewright::detail {

struct DeviceState;

/// The cores of one launch: those that still run, and what the others did.
struct Group {
    std::uint64_t start = 0;               ///< cycle of the launch
    std::int64_t queue = direct;           ///< whose command it is
    std::vector<std::uint32_t> running{};  ///< cores
    std::vector<CoreReport> ended{};

    static constexpr std::int64_t direct = -1;  ///< of Device::launch(): finish() reports it
};

template <class Archive>
void fields(Archive& archive, Group& g) {
    archive(g.start, g.queue, g.running, g.ended);
}

/// Launch arguments as words, after everything about the launches was checked. AddressError names
/// what does not fit; nothing has been started then.
std::vector<std::vector<std::uint32_t>> check_launches(const std::shared_ptr<DeviceState>& state,
                                                       std::span<const Launch> launches,
                                                       bool cores_must_be_idle);

/// Start checked launches now, as one group.
void start_group(DeviceState& state, std::span<const Launch> launches,
                 std::span<const std::vector<std::uint32_t>> words, std::int64_t queue);

/// What the groups did, as one run.
Run report(const DeviceState& state, std::span<const Group> groups);

/// The run also had engines at work from `start` until now.
void extend(Run& run, const DeviceState& state, std::uint64_t start);

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
