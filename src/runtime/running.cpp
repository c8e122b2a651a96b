#include "runtime/running.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::detail {
namespace {

void core_ended(DeviceState& state, std::uint32_t index) {
    for (Group& group : state.groups) {
        const auto found = std::ranges::find(group.running, index);
        if (found == group.running.end()) continue;
        group.running.erase(found);
        const Core& core = state.chip.core(index);
        group.ended.push_back({.core = state.chip.core_id(index),
                               .start = Cycle{core.launch_cycle},
                               .end = Cycle{core.end_cycle},
                               .instructions = core.hart.retired - core.retired_at_launch,
                               .waiting_cycles = core.waiting_cycles,
                               .output = core.output});
        if (group.running.empty()) state.queues.group_ended(state, group);
        return;
    }
}

}  // namespace

std::vector<std::vector<std::uint32_t>> check_launches(const std::shared_ptr<DeviceState>& state,
                                                       std::span<const Launch> launches,
                                                       bool cores_must_be_idle) {
    std::set<std::uint32_t> cores;
    std::vector<std::vector<std::uint32_t>> words;
    for (const Launch& launch : launches) {
        for (const Argument& argument : launch.arguments) {
            const auto* buffer = std::get_if<Buffer>(&argument);
            const auto* semaphore = std::get_if<Semaphore>(&argument);
            const bool foreign =
                (buffer != nullptr && !buffer->belongs_to(state)) ||
                (semaphore != nullptr &&
                 semaphore->device != reinterpret_cast<std::uintptr_t>(state.get()));
            if (foreign) {
                throw ArgumentError("kernel '" + launch.kernel.name() + "', argument " +
                                    std::to_string(&argument - launch.arguments.data()) +
                                    ": it belongs to another device");
            }
        }
        words.push_back(encode_arguments(launch.kernel, launch.arguments));
        for (const L1Words& setup : launch.setup) {
            if (setup.address % 4 == 0 && setup.address + std::uint64_t{4} * setup.words.size() <=
                                              state->chip.config().l1_bytes) {
                continue;
            }
            throw AddressError("kernel '" + launch.kernel.name() +
                               "': " + std::to_string(setup.words.size()) + " words of setup at " +
                               std::to_string(setup.address) +
                               "; expected a multiple of 4, and room in L1 up to " +
                               std::to_string(state->chip.config().l1_bytes));
        }
        if (launch.cores.empty()) {
            throw ArgumentError("kernel '" + launch.kernel.name() + "': no cores to run on");
        }
        for (const CoreId& id : launch.cores) {
            const std::uint32_t core = state->chip.core_index(id);
            if (cores_must_be_idle && !state->chip.core_idle(core)) {
                throw BusyError("core " + describe(id) + " is busy with another kernel");
            }
            if (!cores.insert(core).second) {
                throw ArgumentError("core " + describe(id) + " is named twice in one launch");
            }
        }
    }
    return words;
}

void start_group(DeviceState& state, std::span<const Launch> launches,
                 std::span<const std::vector<std::uint32_t>> words, std::int64_t queue) {
    Group group{.start = state.chip.now(), .queue = queue};
    for (const Launch& launch : launches) {
        if (launch.setup.empty()) continue;
        for (const CoreId& id : launch.cores) {
            const std::uint32_t tile = state.chip.tile_index(id.tile);
            // Each program has its own semaphores; those of the one before are none of it.
            state.chip.mark_undefined({MemoryKind::tile_l1, tile, abi::program_semaphore_base},
                                      abi::program_semaphore_count * abi::program_semaphore_stride);
            for (const L1Words& setup : launch.setup) {
                state.chip.write({MemoryKind::tile_l1, tile, setup.address},
                                 std::as_bytes(std::span(setup.words)));
            }
        }
    }
    for (std::size_t i = 0; i < launches.size(); ++i) {
        for (const CoreId& id : launches[i].cores) {
            const std::uint32_t core = state.chip.core_index(id);
            state.chip.launch(core, launches[i].kernel.image(), words[i]);
            group.running.push_back(core);
        }
    }
    state.groups.push_back(std::move(group));
}

Run report(const DeviceState& state, std::span<const Group> groups) {
    Run run;
    std::uint64_t start = ~std::uint64_t{0};
    for (const Group& group : groups) {
        start = std::min(start, group.start);
        run.cores.insert(run.cores.end(), group.ended.begin(), group.ended.end());
    }
    run.start = run.end = Cycle{groups.empty() ? state.chip.now() : start};
    std::ranges::stable_sort(run.cores, {}, [](const CoreReport& r) {
        return std::tuple(r.core.tile.y, r.core.tile.x, r.core.processor);  // row by row
    });
    for (const CoreReport& core : run.cores) {
        run.end = std::max(run.end, core.end);
        run.instructions += core.instructions;
    }
    run.cycles = count(run.end - run.start);
    run.simulated_seconds = static_cast<double>(run.cycles) / (state.chip.config().clock_mhz * 1e6);
    return run;
}

Chip::Outcome pass_time(DeviceState& state, std::uint64_t stop, const RunOptions& options,
                        const std::function<bool()>& done) {
    for (;;) {
        std::function<void()> callback;
        try {
            state.queues.start_what_is_ready(state);
            if (done()) return Chip::Outcome::ended;
            const Chip::Outcome outcome = state.chip.run(stop, options.stop_requested);
            diagnose::raise(state.chip, outcome);
            if (outcome == Chip::Outcome::core_ended) {
                core_ended(state, state.chip.notice());
            } else if (outcome == Chip::Outcome::notified) {
                state.queues.transfer_ended(state, state.chip.notice());
            } else if (outcome == Chip::Outcome::command_ended) {
                const std::uint64_t notice = state.chip.ended_command();
                if (const auto queue = queue_of_notice(notice)) {
                    state.queues.engine_ended(state, *queue);
                } else {
                    callback = state.take_callback(notice);
                }
            } else if ((outcome != Chip::Outcome::ended && outcome != Chip::Outcome::idle) ||
                       !state.queues.start_what_is_ready(state)) {
                return outcome;  // and no other thread has filled a queue meanwhile
            }
        } catch (...) {
            state.stop_everything();
            throw;
        }
        if (callback) callback();
    }
}

std::uint64_t cycles_after(std::uint64_t start, std::uint64_t count) {
    const std::uint64_t last = ~std::uint64_t{0};
    return count > last - start ? last : start + count;
}

void refuse_outcome(DeviceState& state, Chip::Outcome outcome, const RunOptions& options) {
    const Chip& chip = state.chip;
    if (outcome == Chip::Outcome::stopped) {
        throw Interrupted("the run was interrupted at cycle " + std::to_string(chip.now()) +
                          "; finish() goes on with it, abort() ends it" + diagnose::busy(chip));
    }
    if (outcome != Chip::Outcome::reached) return;
    const std::string busy = diagnose::busy(chip);
    state.stop_everything();
    throw CycleLimitError("the work had not ended after " + std::to_string(options.cycle_limit) +
                          " cycles" + busy);
}

}  // namespace tilewright::detail
