// Turns of cores that are begun before their place in the global order, in any thread of the host.
//
// What is done early is what concerns nobody outside the tile (RunContext::run_privately), so that
// it does not matter when it is done, as long as nothing else happens in the tile until the turn
// comes: then the turn goes on from there. If something does, or if the run is left before, what
// was done is taken back. Whoever begins turns (chip/early_turns.hpp) sees to that.
#pragma once

#include <atomic>
#include <cstdint>

#include "tilewright/base/undo_log.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/sim/event_queue.hpp"

namespace tilewright {

struct Tile;

/// A core's: kept from turn to turn, so that its memory is. What both threads need of a turn that
/// is over lies in the first line of the host's cache.
struct alignas(64) HeadStart {
    std::atomic<bool> claimed{false};  ///< by a thread that begins the turn, or sees that none does
    std::atomic<bool> done{false};     ///< what that thread does; the rest of this stands then
    bool begun = false;
    bool at_edge = false;  ///< all that the turn does is over
    // Turns that soon come to what concerns others are not worth it: ever fewer of them are begun.
    std::uint32_t pause = 0;
    std::uint32_t longer_pause = 0;
    std::uint32_t pc = 0;           ///< where it stands then
    std::uint64_t begin = 0;        ///< cycle
    std::uint64_t end = 0;          ///< how far it has come
    std::uint64_t interpreted = 0;  ///< instructions by then, without those of translated code

    // To take it back:
    riscv::HartState before;   ///< when the turn began
    std::uint64_t cycles = 0;  ///< of the hart before that
    std::uint64_t window_end = 0;
    std::uint64_t translated = 0;
    UndoLog undo;
};

/// The event begins a turn of the core, that is not known to do something for others at once.
bool can_begin(const Tile& tile, std::uint32_t processor, const ScheduledEvent& event);
/// can_begin(), and turns of this core have been worth it.
bool worth_beginning(Tile& tile, std::uint32_t processor);
void begin_turn(Tile& tile, std::uint32_t processor, const ScheduledEvent& event);
/// The core and its memories are as they were before begin_turn().
void take_back_turn(Tile& tile, std::uint32_t processor);

}  // namespace tilewright
