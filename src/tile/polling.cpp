#include "tilewright/tile/polling.hpp"

#include <algorithm>

#include "tile/bus.hpp"
#include "tile/watch.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/run.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {

bool park_polling(Tile& tile, std::uint32_t processor) {
    Core& core = tile.cores[processor];
    const CoreRun& run = tile.runs[processor];
    const auto loop =
        riscv::polling(core.hart, *run.program.code, run.context.memory(),
                       [&](std::uint32_t address) { return look(tile, processor, address); });
    if (!loop) return false;
    if (core.polling.waited_for != core.hart.pc) core.last_write_cycle = 0;
    core.polling.waited_for = core.hart.pc;
    core.polling.loop = *loop;
    core.polling.visits = 0;
    core.status = CoreStatus::polling;
    core.parked_at = core.hart.cycles;
    core.event_cycle = ~0ull;  // none
    if (tile.around.probes.order != nullptr) tell_parked(tile, processor);
    if (!can_wake(tile, processor)) throw EndlessWait{tile.core_number(processor)};
    update_watches(tile);
    if (Observer* const observer = tile.around.probes.observer) {
        observer->on_core(tile.core_id(processor), CoreEvent::parked, Cycle{core.hart.cycles},
                          CoreAddress{loop->words[0].address});
    }
    return true;
}

void resume_polling(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    Core& core = tile.cores[processor];
    const CoreRun& run = tile.runs[processor];
    riscv::Polling& loop = core.polling.loop;
    const riscv::HartState before = core.hart;
    const std::uint64_t iterations = (cycle - loop.start) / loop.period;
    loop.start += iterations * loop.period;
    core.hart.cycles = loop.start;
    core.hart.retired += iterations * loop.length;
    riscv::Limits limits;
    limits.max_cycles = cycle;
    riscv::Stop reason;
    do {
        limits.edge = core.window_end =
            end_of_window(core.hart.cycles, tile.around.parameters.quantum_cycles);
        reason = riscv::run_polling(
            core.hart, *run.program.code, run.context.memory(),
            [&](std::uint32_t address) { return look(tile, processor, address); }, loop, limits);
    } while (reason == riscv::Stop::edge);
    if (tile.around.probes.profile != nullptr) {
        run.counts->add_wait(before.pc, loop.words[0].address, core.hart.cycles - before.cycles,
                             core.hart.retired - before.retired);
        run.counts->add_part(core.hart.block, core.hart.pc, -1);
    }
    if (Observer* const observer = tile.around.probes.observer) {
        observer->on_core(tile.core_id(processor), CoreEvent::woken, Cycle{cycle},
                          CoreAddress{loop.words[0].address});
    }
}

void polled_word_written(Tile& tile, std::uint32_t processor, std::uint64_t address,
                         std::uint64_t bytes, const Writer& writer) {
    Core& core = tile.cores[processor];
    const riscv::Polling& loop = core.polling.loop;
    // The loop sees what comes before it in the order of (cycle, component).
    const bool before = writer.component < component_of(tile.core_number(processor));
    const std::uint64_t visible = writer.turn + (before ? 0 : 1);
    std::uint64_t due = ~0ull;
    for (std::uint32_t i = 0; i < loop.count; ++i) {
        const riscv::PolledWord& word = loop.words[i];
        if (address >= std::uint64_t{word.address} + 4 || word.address >= address + bytes) continue;
        const std::uint64_t first = loop.start + word.offset;
        const std::uint64_t late = visible > first ? visible - first : 0;
        due = std::min(due, first + (late + loop.period - 1) / loop.period * loop.period);
    }
    if (due == ~0ull) return;
    core.last_writer = writer.core;
    core.last_write_cycle = writer.turn;
    if (due < core.event_cycle) schedule(tile, processor, due);
}

}  // namespace tilewright
