// Who waits for which word, and who wakes when it is written.
//
// A reservation (lr.w) lies on one word of the tile's L1 or of its device registers. While a core
// holds one in writable L1, plain stores of its neighbours go through the bus, which looks here;
// otherwise they go straight to memory. The words of a polling loop in which a core is parked are
// watched likewise.
#pragma once

#include <cstdint>

#include "tilewright/tile/tile.hpp"

namespace tilewright {

/// These bytes of the tile's L1 are changed: who waits for them wakes, reservations on them are
/// broken, but for that of a core's own plain store.
void l1_written(Tile& tile, std::uint64_t address, std::uint64_t bytes, const Writer& writer);
/// A counter of a device, at an address of this core, has changed.
void register_changed(Tile& tile, std::uint32_t processor, std::uint32_t address,
                      std::uint64_t cycle, std::uint32_t writer);
/// A core whose command was not taken tries again.
void unblock(Tile& tile, std::uint32_t processor, std::uint64_t cycle);
/// Something that can still happen would wake the waiting core.
bool can_wake(const Tile& tile, std::uint32_t processor);
/// Stores of each core go through the bus if others wait for words that it could write.
void update_watches(Tile& tile);

/// Visits the addresses for which a core waits, if it does: the reserved word, or those of its
/// loop.
template <class Visitor>
void for_each_awaited(const Core& core, Visitor&& visit) {
    if (core.status == CoreStatus::parked) visit(core.hart.reservation);
    if (core.status != CoreStatus::polling) return;
    for (std::uint32_t i = 0; i < core.polling.loop.count; ++i) {
        visit(core.polling.loop.words[i].address);
    }
}

}  // namespace tilewright
