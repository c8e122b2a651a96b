// What an archive may say of an engine: all that is used as an index, or to end a loop, is in
// range.
#include <algorithm>

#include "tensix/address_counters.hpp"
#include "tilewright/tensix/engine.hpp"

namespace tilewright::tensix {
namespace {

template <std::size_t Capacity>
bool is_possible(const WordQueue<Capacity>& queue) {
    return queue.first < Capacity && queue.size <= Capacity;
}

bool is_possible(const MacroExpander& macro) {
    const unsigned steps = macro.phase == MacroExpander::Phase::looped   ? 4
                           : macro.phase == MacroExpander::Phase::masked ? 5
                                                                         : 6;
    const bool of_set_bit = macro.phase == MacroExpander::Phase::masked && (macro.mask & 1) != 0;
    return macro.step < (of_set_bit ? 2 : steps) && macro.outer <= 255 && macro.inner <= 254 &&
           macro.inner_count <= 254 && (!macro.busy() || macro.outer != 0);
}

bool is_possible(const ReplayExpander& replay) {
    const bool idle = replay.phase == ReplayExpander::Phase::idle;
    return replay.index < ReplayExpander::length && replay.left <= 64 && (idle || replay.left != 0);
}

bool is_possible(const ThreadFront& front, Architecture architecture, unsigned thread) {
    const std::uint16_t of_stallwait = architecture == Architecture::wormhole ? 0x7fff : 0x0fff;
    const std::uint16_t conditions = front.wait.of_semaphores ? 3 : of_stallwait;
    const bool short_queue = architecture == Architecture::wormhole && thread != 0;
    return is_possible(front.pushed) && front.pushed.size <= (short_queue ? 16 : 32) &&
           is_possible(front.macro) && is_possible(front.expanded) && is_possible(front.replay) &&
           is_possible(front.gate) && front.wait.conditions <= conditions &&
           front.wait.blocks <= 0x1ff;
}

bool is_possible(const RowCounters& rows) {
    const auto below = [](const Counter& c, std::size_t end) {
        return c.value < end && c.carry < end;
    };
    return below(rows.a, source_rows) && below(rows.b, source_rows) && below(rows.dst, dst_rows) &&
           rows.fidelity < 4 && rows.bias < 2;
}

bool is_possible(const AddressCounters& counters) {
    return std::ranges::all_of(counters.channel, [](const auto& channel) {
        for (std::size_t dimension = 0; dimension < channel.size(); ++dimension) {
            const Counter& counter = channel[dimension];
            const std::uint32_t most = counter_masks[dimension];
            if (counter.value > most || counter.carry > most) return false;
        }
        return true;
    });
}

bool is_possible(const Source& source) {
    return source.matrix_bank < 2 && source.unpack_bank < 2 &&
           std::ranges::all_of(source.first_row, [](auto row) { return row < source_rows; });
}

bool is_possible(const State& state) {
    const auto thread = [](const ThreadState& t) {
        return is_possible(t.rows) &&
               std::ranges::all_of(t.counters, [](const auto& c) { return is_possible(c); }) &&
               std::ranges::all_of(t.unpack_context, [](auto context) { return context < 8; });
    };
    const auto semaphore = [](const SyncState::Semaphore& s) {
        return s.value < 16 && s.maximum < 16;
    };
    const auto mutex = [](std::uint8_t holder) { return holder <= thread_count; };
    return std::ranges::all_of(state.threads, thread) && is_possible(state.a) &&
           is_possible(state.b) && state.vector.depth <= state.vector.stack.size() &&
           std::ranges::all_of(state.sync.semaphores, semaphore) &&
           std::ranges::all_of(state.sync.mutexes, mutex);
}

}  // namespace

bool is_possible(const Engine& engine) {
    for (unsigned thread = 0; thread < thread_count; ++thread) {
        if (!is_possible(engine.fronts[thread], engine.architecture, thread)) return false;
    }
    const auto speed = [](std::uint8_t ports) { return ports == 1 || ports == 2 || ports == 4; };
    return is_possible(engine.state) && std::ranges::all_of(engine.times.unpack_speed, speed);
}

}  // namespace tilewright::tensix
