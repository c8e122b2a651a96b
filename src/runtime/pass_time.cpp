#include "runtime/pass_time.hpp"

#include <string>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::detail {

Chip::Outcome pass_time(DeviceState& state, std::uint64_t stop, const RunOptions& options,
                        const std::function<bool()>& done) {
    for (;;) {
        std::function<void()> callback;
        try {
            state.queues.start_what_is_ready(state);
            if (done()) return Chip::Outcome::ended;
            const Chip::Outcome outcome = state.chip.run(stop, options.stop_requested);
            diagnose::raise(state.chip, outcome, [&] { return printed(state); });
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
                          "; finish() goes on with it, abort() ends it" + diagnose::busy(chip) +
                          printed(state));
    }
    if (outcome != Chip::Outcome::reached) return;
    const std::string busy = diagnose::busy(chip) + printed(state);
    state.stop_everything();
    throw CycleLimitError("the work had not ended after " + std::to_string(options.cycle_limit) +
                          " cycles" + busy);
}

}  // namespace tilewright::detail
