// Telling observers what programs read and write, and what puts that in an order. What cores load
// and store comes here through their bus, as their windows are empty where somebody watches.
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

// The same for an observer of the order, which there must be; BusRefusal if that ends the run.

/// Where the core stands.
CodeSite code_site(const Tile& tile, std::uint32_t processor, std::uint64_t cycle);
void tell_load(const Tile& tile, std::uint32_t processor, std::uint32_t address,
               std::uint32_t bytes, std::uint64_t cycle);
void tell_store(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                std::uint32_t bytes, std::uint64_t cycle);
enum class Synchronising : std::uint8_t { load_reserved, store_conditional, atomic };
void tell_synchronising(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                        Synchronising what);
/// Its turn has come for the instruction that it stands before.
void tell_granted(const Tile& tile, std::uint32_t processor);
/// The loop in which it is parked has loaded its words.
void tell_parked(const Tile& tile, std::uint32_t processor);
void tell_command(const Tile& tile, Packet& packet, std::uint64_t cycle);
void check_order(const OrderObserver& order);

}  // namespace tilewright
