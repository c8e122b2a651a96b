// Transfers over the network on chip. All are asynchronous: they are started here, and a barrier
// waits for those that this core started on that network.
//
// The local side is always this tile's L1; a pointer into local memory (a global, something on the
// stack) is not reachable from the network, and the device says so. `noc` is 0 or 1.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

/// A place in the memory of some node of the network.
struct NocAddress {
    std::uint32_t node;    ///< abi::node(...)
    std::uint32_t offset;  ///< byte offset in that node's memory
};

constexpr NocAddress operator+(NocAddress address, std::uint32_t bytes) {
    return {address.node, address.offset + bytes};
}

/// A byte of the L1 of worker tile (x, y), in logical coordinates.
constexpr NocAddress tile_address(std::uint32_t x, std::uint32_t y, std::uint32_t offset) {
    return {abi::node(abi::NodeSpace::tile, x, y), offset};
}

/// The L1 of worker tile (x, y) at the place that `local` has in this tile's L1.
TILEWRIGHT_DEVICE NocAddress tile_address(std::uint32_t x, std::uint32_t y, const void* local) {
    return tile_address(x, y, reinterpret_cast<std::uint32_t>(local));
}

/// That byte of the L1 of every worker tile from (x, y) to (end_x, end_y), for multicasts.
constexpr NocAddress tiles_address(std::uint32_t x, std::uint32_t y, std::uint32_t end_x,
                                   std::uint32_t end_y, std::uint32_t offset) {
    return {abi::multicast_node(abi::NodeSpace::tile, x, y, end_x, end_y), offset};
}

/// A byte of a DRAM bank.
constexpr NocAddress dram_address(std::uint32_t bank, std::uint32_t offset) {
    return {abi::node(abi::NodeSpace::dram, bank, 0), offset};
}

namespace device {

TILEWRIGHT_DEVICE std::uint32_t noc_base(std::uint32_t noc) {
    return abi::noc_registers + noc * abi::noc_stride;
}

/// Starts one command for each packet. The memory barrier makes the compiler finish the stores
/// that the network is about to read.
TILEWRIGHT_DEVICE void noc_transfer(abi::NocCommand command, NocAddress remote, std::uint32_t local,
                                    std::uint32_t bytes, std::uint32_t noc) {
    const std::uint32_t base = noc_base(noc);
    compiler_barrier();
    write_register(base + abi::noc_register::remote_node, remote.node);
    while (bytes != 0) {
        const std::uint32_t part = bytes < abi::max_packet_bytes ? bytes : abi::max_packet_bytes;
        write_register(base + abi::noc_register::remote_address, remote.offset);
        write_register(base + abi::noc_register::local_address, local);
        write_register(base + abi::noc_register::length, part);
        write_register(base + abi::noc_register::command, static_cast<std::uint32_t>(command));
        remote.offset += part;
        local += part;
        bytes -= part;
    }
}

/// One command, whatever its length.
TILEWRIGHT_DEVICE void noc_packet(abi::NocCommand command, NocAddress remote, std::uint32_t local,
                                  std::uint32_t bytes, std::uint32_t noc) {
    const std::uint32_t base = noc_base(noc);
    compiler_barrier();
    write_register(base + abi::noc_register::remote_node, remote.node);
    write_register(base + abi::noc_register::remote_address, remote.offset);
    write_register(base + abi::noc_register::local_address, local);
    write_register(base + abi::noc_register::length, bytes);
    write_register(base + abi::noc_register::command, static_cast<std::uint32_t>(command));
}

TILEWRIGHT_DEVICE void noc_word(abi::NocCommand command, NocAddress remote, std::uint32_t value,
                                std::uint32_t noc) {
    const std::uint32_t base = noc_base(noc);
    compiler_barrier();
    write_register(base + abi::noc_register::remote_node, remote.node);
    write_register(base + abi::noc_register::remote_address, remote.offset);
    write_register(base + abi::noc_register::value, value);
    write_register(base + abi::noc_register::command, static_cast<std::uint32_t>(command));
}

/// The command as a multicast that must reach so many tiles (0: any number).
TILEWRIGHT_DEVICE abi::NocCommand multicast(abi::NocCommand command, std::uint32_t receivers,
                                            bool with_self, std::uint32_t noc) {
    write_register(noc_base(noc) + abi::noc_register::receivers, receivers);
    return static_cast<abi::NocCommand>(static_cast<std::uint32_t>(command) | abi::noc_multicast |
                                        (with_self ? abi::noc_multicast_self : 0));
}

TILEWRIGHT_DEVICE std::uint32_t noc_pending(std::uint32_t counter, std::uint32_t noc) {
    return *reinterpret_cast<const volatile std::uint32_t*>(noc_base(noc) + counter);
}

TILEWRIGHT_DEVICE void noc_drain(std::uint32_t counter, std::uint32_t noc) {
    wait_word(noc_base(noc) + counter, [](std::uint32_t pending) { return pending == 0; });
}

}  // namespace device

/// Starts to copy `bytes` from `source` to `destination` in this tile's L1.
TILEWRIGHT_DEVICE void noc_async_read(NocAddress source, void* destination, std::uint32_t bytes,
                                      std::uint32_t noc = 0) {
    device::noc_transfer(abi::NocCommand::read, source,
                         reinterpret_cast<std::uint32_t>(destination), bytes, noc);
}

/// Starts to copy `bytes` from `source` in this tile's L1 to `destination`.
TILEWRIGHT_DEVICE void noc_async_write(const void* source, NocAddress destination,
                                       std::uint32_t bytes, std::uint32_t noc = 0) {
    device::noc_transfer(abi::NocCommand::write, destination,
                         reinterpret_cast<std::uint32_t>(source), bytes, noc);
}

/// Starts to write one 32-bit word that is in a register of this core.
TILEWRIGHT_DEVICE void noc_inline_write(NocAddress destination, std::uint32_t value,
                                        std::uint32_t noc = 0) {
    device::noc_word(abi::NocCommand::write_inline, destination, value, noc);
}

/// Starts to add `increment` to a 32-bit word in the L1 of some tile.
TILEWRIGHT_DEVICE void noc_semaphore_inc(NocAddress destination, std::uint32_t increment,
                                         std::uint32_t noc = 0) {
    device::noc_word(abi::NocCommand::atomic_add, destination, increment, noc);
    device::note_signal<abi::Signal::sets_word>(destination.offset);
}

/// Starts to add a word to the queue at `destination` in the L1 of some tile, whose ring has
/// `ring_bytes` (abi::NocCommand::append).
TILEWRIGHT_DEVICE void noc_append(NocAddress destination, std::uint32_t ring_bytes,
                                  std::uint32_t value, std::uint32_t noc = 0) {
    device::write_register(device::noc_base(noc) + abi::noc_register::length, ring_bytes);
    device::noc_word(abi::NocCommand::append, destination, value, noc);
}

/// Whether a multicast leaves out the tile that sends it, if that lies in the rectangle.
enum class Multicast : bool { to_others, to_all };

/// Starts to copy `bytes` from `source` in this tile's L1 to the same place in many tiles
/// (tiles_address). If `receivers` is not 0, it must be how many they are, or the run stops.
TILEWRIGHT_DEVICE void noc_async_write_multicast(const void* source, NocAddress destination,
                                                 std::uint32_t bytes, std::uint32_t receivers = 0,
                                                 Multicast to = Multicast::to_others,
                                                 std::uint32_t noc = 0) {
    const bool all = to == Multicast::to_all;
    device::noc_transfer(device::multicast(abi::NocCommand::write, receivers, all, noc),
                         destination, reinterpret_cast<std::uint32_t>(source), bytes, noc);
}

/// Starts to write one 32-bit word to many tiles.
TILEWRIGHT_DEVICE void noc_inline_write_multicast(NocAddress destination, std::uint32_t value,
                                                  std::uint32_t receivers = 0,
                                                  Multicast to = Multicast::to_others,
                                                  std::uint32_t noc = 0) {
    const bool all = to == Multicast::to_all;
    device::noc_word(device::multicast(abi::NocCommand::write_inline, receivers, all, noc),
                     destination, value, noc);
}

/// Starts to add `increment` to a 32-bit word of many tiles.
TILEWRIGHT_DEVICE void noc_semaphore_inc_multicast(NocAddress destination, std::uint32_t increment,
                                                   std::uint32_t receivers = 0,
                                                   Multicast to = Multicast::to_others,
                                                   std::uint32_t noc = 0) {
    const bool all = to == Multicast::to_all;
    device::noc_word(device::multicast(abi::NocCommand::atomic_add, receivers, all, noc),
                     destination, increment, noc);
    device::note_signal<abi::Signal::sets_word>(destination.offset);
}

/// Waits until the data of every read of this core has landed in L1.
TILEWRIGHT_DEVICE void noc_async_read_barrier(std::uint32_t noc = 0) {
    device::noc_drain(abi::noc_register::reads_pending, noc);
}

/// Waits until every write of this core has arrived where it went.
TILEWRIGHT_DEVICE void noc_async_write_barrier(std::uint32_t noc = 0) {
    device::noc_drain(abi::noc_register::writes_pending, noc);
}

/// Waits until every write of this core has left L1: its source may be changed again.
TILEWRIGHT_DEVICE void noc_async_writes_flushed(std::uint32_t noc = 0) {
    device::noc_drain(abi::noc_register::writes_unsent, noc);
}

/// Waits until every atomic of this core has taken effect.
TILEWRIGHT_DEVICE void noc_async_atomic_barrier(std::uint32_t noc = 0) {
    device::noc_drain(abi::noc_register::atomics_pending, noc);
}

}  // namespace tilewright::kernel
