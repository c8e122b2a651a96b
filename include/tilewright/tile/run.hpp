// What a core does when it is its turn: it runs, parks, ends its kernel, and comes back.
#pragma once

#include <cstdint>

#include "tilewright/tile/tile.hpp"

namespace tilewright {

/// Begin a program on an idle core now, which has its arguments.
void start(Tile& tile, std::uint32_t processor, std::uint32_t image);
/// The core goes on in another image.
void enter_image(Tile& tile, std::uint32_t processor, std::uint32_t image);
/// The core gets its memories, in which it may write anywhere without telling.
void open_memory(Tile& tile, std::uint32_t processor);
/// Its event is due at `cycle`; others that it has in the queue are stale.
void schedule(Tile& tile, std::uint32_t processor, std::uint64_t cycle);

/// A core's event. True if this was the end of its kernel. Throws CoreFault or EndlessWait.
bool handle_core(Tile& tile, std::uint32_t processor, const ScheduledEvent& event);

/// RegisterDevice::handle() of this one is due at `cycle`.
void schedule_device(Tile& tile, const RegisterDevice& device, std::uint64_t cycle);
/// The same by its place among the tile's devices, for one that is due at almost every cycle.
void schedule_device(Tile& tile, std::uint32_t row, std::uint64_t cycle);
/// If the core's kernel has ended and none of its transfers is under way, it retires: at `cycle`,
/// or at the core's own time if that is later.
void try_retire(Tile& tile, std::uint32_t processor, std::uint64_t cycle);
/// Tell of a call or return that no instruction of the program makes.
void note_call(Tile& tile, std::uint32_t processor, const riscv::CallRecord& record);

}  // namespace tilewright
