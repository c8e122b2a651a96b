// The registers of the network interface (NIU), one set for each core and NoC, by byte offset from
// its base; its commands; and how places on the network are written in a word.
//
// The simulator implements it, kernels are compiled against it; so it is freestanding: constants
// and plain structs of 32-bit words.
#pragma once

#include <cstdint>

namespace tilewright::abi {

inline constexpr std::uint32_t noc_count = 2;
inline constexpr std::uint32_t max_packet_bytes = 16384;  ///< the largest `length` of one command

namespace noc_register {
inline constexpr std::uint32_t remote_node = 0x00;     ///< see Node below
inline constexpr std::uint32_t remote_address = 0x04;  ///< byte offset in that node's memory
inline constexpr std::uint32_t local_address = 0x08;   ///< byte address in this tile's L1
inline constexpr std::uint32_t length = 0x0C;          ///< bytes, 1 to max_packet_bytes
inline constexpr std::uint32_t value = 0x10;           ///< operand of atomics and inline writes
/// write: start the transfer (NocCommand); read: 0, as the interface takes the next command (a
/// store waits while too many transfers are under way)
inline constexpr std::uint32_t command = 0x14;
/// tiles that a multicast must reach, or it is refused; 0: whatever lies in its rectangle
inline constexpr std::uint32_t receivers = 0x18;
// Counters of this core's own transfers. `lr.w` may reserve them and `wrs.nto` wait for a change.
inline constexpr std::uint32_t reads_pending = 0x20;    ///< reads whose data has not landed
inline constexpr std::uint32_t writes_pending = 0x24;   ///< writes not acknowledged
inline constexpr std::uint32_t writes_unsent = 0x28;    ///< writes whose source may still be read
inline constexpr std::uint32_t atomics_pending = 0x2C;  ///< atomics not acknowledged
inline constexpr std::uint32_t node = 0x30;             ///< read: this tile's router, physical Node
inline constexpr std::uint32_t size = 0x40;
}  // namespace noc_register

enum class NocCommand : std::uint32_t {
    read = 1,          ///< remote memory to local L1
    write = 2,         ///< local L1 to remote memory, acknowledged
    write_inline = 3,  ///< the 32-bit `value` to remote memory, acknowledged
    atomic_add = 4,    ///< add `value` to a 32-bit word of a remote L1, acknowledged
    /// Add `value` to a queue in a remote L1, acknowledged like an atomic. The queue is a 32-bit
    /// count of words added so far and, behind it, a ring of `length` bytes (a power of two) for
    /// the last of them: word number n lies at index n modulo the ring's words. What is not read in
    /// time is written over.
    append = 5,
};
/// Added to a command that writes: it goes to all worker tiles of a multicast_node but this one,
/// and each acknowledges it.
inline constexpr std::uint32_t noc_multicast = 0x100;
/// Added to that: this tile is no exception.
inline constexpr std::uint32_t noc_multicast_self = 0x200;

/// A place on the network: x in bits 0-7, y in bits 8-15, the space in bits 16-18.
enum class NodeSpace : std::uint32_t {
    physical = 0,     ///< router coordinates
    tile = 1,         ///< logical coordinates of a tile, translated by the NIU; the row after the
                      ///< last one of the workers is that of the control tiles
    dram = 2,         ///< x is the number of a DRAM bank, translated by the NIU
    host = 3,         ///< memory that the host has pinned, at the host's router
    tile_number = 4,  ///< x and y together (bits 0-15) count the worker tiles row by row
};
constexpr std::uint32_t node(NodeSpace space, std::uint32_t x, std::uint32_t y) {
    return (x & 0xFF) | (y & 0xFF) << 8 | static_cast<std::uint32_t>(space) << 16;
}
/// A rectangle of worker tiles: as a node, with the far corner's x in bits 19-24 and y in 25-30.
/// Physical corners are taken in the direction in which the NoC travels, logical ones (of tiles) as
/// the lowest and the highest.
constexpr std::uint32_t multicast_node(NodeSpace space, std::uint32_t x, std::uint32_t y,
                                       std::uint32_t end_x, std::uint32_t end_y) {
    return node(space, x, y) | (end_x & 0x3F) << 19 | (end_y & 0x3F) << 25;
}

}  // namespace tilewright::abi
