#include "runtime/pass_time.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/race/race_check.hpp"

namespace tilewright::detail {
namespace {

bool at_rest(const DeviceState& state) {
    return state.chip.busy_cores() == 0 && state.chip.engines().busy() == 0 &&
           state.queues.all_empty();
}

void raise(const DeviceState& state, Chip::Outcome outcome) {
    diagnose::raise(
        state.chip, outcome, [&](bool full) { return printed(state, full); },
        [&](const MemoryRef& place) { return state.memory.describe_owner(place); });
}

// What the host did itself may be in a race.
void raise_race(const DeviceState& state) {
    if (state.chip.race() != nullptr) raise(state, Chip::Outcome::faulted);
}

// The host goes on, and knows all that has happened if nothing goes on without it.
Chip::Outcome back_at_host(DeviceState& state, Chip::Outcome outcome) {
    if (state.chip.races() == nullptr) return outcome;
    if (at_rest(state)) {
        state.chip.forget_order();
    } else if (outcome == Chip::Outcome::idle) {
        state.chip.races()->host_saw_all();
    }
    return outcome;
}

using Clock = std::chrono::steady_clock;

RunProgress progress(const Chip& chip, double seconds) {
    RunProgress progress{.cycle = Cycle{chip.now()},
                         .seconds = seconds,
                         .running = diagnose::running(chip),
                         .waiting = chip.waiting_cores().size()};
    for (const CoreRunning& core : progress.running) {
        progress.cycle = std::max(progress.cycle, core.cycle);
    }
    for (std::uint32_t core = 0; core < chip.core_count(); ++core) {
        progress.instructions += chip.core(core).hart.retired;
    }
    return progress;
}

}  // namespace

Chip::Outcome pass_time(DeviceState& state, std::uint64_t stop, const RunOptions& options,
                        const std::function<bool()>& done, bool tell_livelocks) {
    const auto began = Clock::now();
    auto next = began + std::chrono::seconds(1);
    const std::function<bool()> asked = [&] {
        if (options.stop_requested && options.stop_requested()) return true;
        if (options.progress && Clock::now() >= next) {
            next = Clock::now() + std::chrono::milliseconds(200);
            options.progress(
                progress(state.chip, std::chrono::duration<double>(Clock::now() - began).count()));
        }
        return false;
    };
    for (;;) {
        std::function<void()> callback;
        try {
            state.queues.start_what_is_ready(state);
            raise_race(state);
            if (done()) return back_at_host(state, Chip::Outcome::ended);
            const Chip::Outcome outcome = state.chip.run(stop, asked, tell_livelocks);
            raise(state, outcome);
            if (outcome == Chip::Outcome::core_ended) {
                core_ended(state, state.chip.notice());
            } else if (outcome == Chip::Outcome::notified) {
                state.queues.transfer_ended(state, state.chip.notice());
            } else if (outcome == Chip::Outcome::command_ended) {
                const std::uint64_t notice = state.chip.ended_command();
                if (const auto queue = queue_of_notice(notice)) {
                    state.queues.engine_ended(state, *queue);
                } else {
                    if (RaceCheck* const races = state.chip.races()) {
                        races->queue_saw_last_engine(direct_queue);
                    }
                    callback = state.take_callback(notice);
                }
            } else if ((outcome != Chip::Outcome::ended && outcome != Chip::Outcome::idle) ||
                       !state.queues.start_what_is_ready(state)) {
                return back_at_host(state,
                                    outcome);  // and no other thread has filled a queue meanwhile
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
        throw error_with_report<Interrupted>(
            state, "the run was interrupted at cycle " + std::to_string(chip.now()));
    }
    if (outcome != Chip::Outcome::reached) return;
    const auto error = error_with_report<CycleLimitError>(
        state, "the work had not ended after " + std::to_string(options.cycle_limit) + " cycles");
    state.stop_everything();
    throw error;
}

}  // namespace tilewright::detail
