#include "tilewright/tile/head_start.hpp"

#include <algorithm>

#include "tilewright/tile/tile.hpp"

namespace tilewright {

bool can_begin(const Tile& tile, std::uint32_t processor, const ScheduledEvent& event) {
    const Core* const core = tile.cores.find(processor);
    return core != nullptr && core->status == CoreStatus::running &&
           core->event_sequence == event.sequence;
}

bool worth_beginning(Tile& tile, std::uint32_t processor) {
    auto& kept = tile.runs[processor].head_start;
    if (kept == nullptr) kept = std::make_unique<HeadStart>();
    if (kept->pause == 0) return true;
    --kept->pause;
    return false;
}

void begin_turn(Tile& tile, std::uint32_t processor, const ScheduledEvent& event) {
    constexpr std::uint64_t worth_it = 128;  // instructions
    constexpr std::uint32_t longest_pause = 63;
    CoreRun& run = tile.runs[processor];
    HeadStart& start = *run.head_start;
    Core& core = *tile.cores.find(processor);
    start.cycles = core.hart.cycles;
    core.hart.cycles = std::max(core.hart.cycles, event.cycle);
    start.begin = core.hart.cycles;
    start.before = core.hart;
    start.window_end = core.window_end;
    start.translated = run.context.translated();
    start.undo.clear();
    start.begun = true;
    open_window(tile, processor);
    start.at_edge = run.context.run_privately(core.hart, core.window_end, start.undo);
    start.pc = core.hart.pc;
    start.end = core.hart.cycles;
    start.interpreted = core.hart.retired - run.context.translated();
    if (start.at_edge) {
        core.window_end = end_of_window(start.end, tile.around.parameters.quantum_cycles);
    }
    const bool worth = core.hart.retired - start.before.retired >= worth_it;
    start.longer_pause = worth ? 0 : std::min(2 * start.longer_pause + 1, longest_pause);
    start.pause = start.longer_pause;
}

void take_back_turn(Tile& tile, std::uint32_t processor) {
    CoreRun& run = tile.runs[processor];
    HeadStart& start = *run.head_start;
    Core& core = *tile.cores.find(processor);
    core.hart = start.before;
    core.hart.cycles = start.cycles;
    core.window_end = start.window_end;
    run.context.set_translated(start.translated);
    start.undo.undo();
    start.begun = false;
}

}  // namespace tilewright
