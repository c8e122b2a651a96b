// Telling an observer of memory what programs read and write. What cores load and store comes here
// through their bus, as their windows are empty where somebody watches.
#pragma once

#include <cstdint>

#include "tilewright/noc/noc.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

/// `memory` is where the address of the core leads.
void tell_access(const Tile& tile, std::uint32_t processor, const std::byte* memory,
                 std::uint32_t address, std::uint32_t bytes, bool write, std::uint32_t stored);
/// What the command takes from one end and leaves at the other. Atomics synchronise, and are left
/// out here as those of cores are.
void tell_transfer(const Tile& tile, const Packet& packet);

}  // namespace tilewright
