// Cores in polling loops of plain loads: parked while the words that they read stay as they are.
//
// A parked core leaves the event queue. When one of its words is written, the first cycle is known
// in which the loop, had it spun, would have looked at the new value; the core comes back to the
// queue for that cycle and is brought to it with the words as they were. So cycles and instructions
// are those of spinning.
#include "chip/components.hpp"
#include "chip/tile_bus.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {

bool Chip::park_polling(std::uint32_t index) {
    Core& core = cores_[index];
    const TileBus bus(*this, index);
    const auto loop = riscv::polling(core.hart, *contexts_[index].code(), contexts_[index].memory(),
                                     [&](std::uint32_t address) { return bus.look(address); });
    if (!loop) return false;
    if (core.polling.waited_for != core.hart.pc) core.last_write_cycle = 0;
    core.polling.waited_for = core.hart.pc;
    core.polling.loop = *loop;
    core.polling.visits = 0;
    core.status = CoreStatus::polling;
    core.parked_at = core.hart.cycles;
    core.event_cycle = ~0ull;  // none
    if (!can_wake(index)) throw DeadlockError(describe_endless_wait(index));
    update_watches(tile_of(index));
    if (observer_ != nullptr) {
        observer_->on_core(core_id(index), CoreEvent::parked, Cycle{core.hart.cycles},
                           CoreAddress{loop->words[0].address});
    }
    return true;
}

// The first look at a new value is due in `cycle`: up to there everything is as it was.
void Chip::resume_polling(std::uint32_t index, std::uint64_t cycle) {
    Core& core = cores_[index];
    riscv::Polling& loop = core.polling.loop;
    const std::uint64_t iterations = (cycle - loop.start) / loop.period;
    loop.start += iterations * loop.period;
    core.hart.cycles = loop.start;
    core.hart.retired += iterations * loop.length;
    riscv::Limits limits;
    limits.max_cycles = cycle;
    const TileBus bus(*this, index);
    riscv::Stop reason;
    do {
        limits.edge = core.window_end = end_of_window(core.hart.cycles, config_.quantum_cycles);
        reason = riscv::run_polling(
            core.hart, *contexts_[index].code(), contexts_[index].memory(),
            [&](std::uint32_t address) { return bus.look(address); }, loop, limits);
    } while (reason == riscv::Stop::edge);
    if (observer_ != nullptr) {
        observer_->on_core(core_id(index), CoreEvent::woken, Cycle{cycle},
                           CoreAddress{loop.words[0].address});
    }
}

}  // namespace tilewright
