#include "tilewright/tile/checks.hpp"

#include <string>

#include "tilewright/base/text.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/network_interface.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {
namespace {

// Of any tile: what programs declare lies at the same addresses in all.
void check_declared(const Surroundings& around, std::uint32_t tile, std::uint32_t address) {
    if (!around.memories.tracks_undefined() ||
        !around.parameters.conventions.is_declared_word(address) ||
        around.memories.any_defined(around.memories.l1(tile) + address, 4)) {
        return;
    }
    throw BusRefusal{{}, MemoryRef{MemoryKind::tile_l1, tile, address}};
}

}  // namespace

void check_declared(const Tile& tile, std::uint32_t address) {
    check_declared(tile.around, tile.index, address);
}

void check_stack(const Tile& tile, std::uint32_t processor) {
    if (!tile.around.checks.enabled.stack) return;
    const std::uint32_t globals_end = tile.runs[processor].program.globals_end;
    const std::uint32_t stack = tile.cores[processor].hart.x[2];
    if (stack - abi::local_base >= globals_end - abi::local_base) return;
    throw BusRefusal{"stack overflow: the stack pointer " + hex(stack) +
                     " lies in the kernel's globals, which end at " + hex(globals_end)};
}

namespace {

std::string closed_text(const Surroundings& around, const Closed* range) {
    if (range == nullptr) return {};
    const MemoryRef& begin = range->begin;
    const std::string where = begin.kind == MemoryKind::tile_l1
                                  ? "the L1 of " + tile_name(around.sites[begin.index])
                                  : memory_name(begin.kind, begin.index);
    const std::string bytes = " of " + std::to_string(range->buffer_bytes) + " bytes";
    const std::string place =
        hex(begin.offset) + " to " + hex(begin.offset + range->bytes) + " of " + where;
    switch (range->why) {
        case Closed::Why::freed:
            return ", in a buffer" + bytes + " that was freed, which had " + place;
        case Closed::Why::padding:
            return ", in the padding behind a buffer" + bytes + ": " + place;
        case Closed::Why::owned:
            break;
    }
    return ", in a buffer" + bytes +
           " that no kernel under way was given as an argument, which has " + place;
}

}  // namespace

std::string read_refusal(const Surroundings& around, const std::byte* memory, std::uint64_t bytes) {
    return closed_text(around, around.memories.closed(memory, bytes, [](const Closed& range) {
        return range.why == Closed::Why::freed;
    }));
}

std::string write_refusal(const Surroundings& around, const std::byte* memory, std::uint64_t bytes,
                          std::optional<std::uint32_t> core) {
    return closed_text(around, around.memories.closed(memory, bytes, [&](const Closed& range) {
        return range.why != Closed::Why::owned ||
               (core && !around.checks.rights.may_write(*core, range.buffer));
    }));
}

void check_open(const Tile& tile, const std::byte* memory, std::uint32_t address,
                std::uint32_t bytes) {
    const std::string refusal = read_refusal(tile.around, memory, bytes);
    if (refusal.empty()) return;
    throw BusRefusal{"load of " + std::to_string(bytes) + " bytes from " + hex(address) + refusal};
}

void check_store(const Tile& tile, std::uint32_t processor, const std::byte* memory,
                 std::uint32_t address, std::uint32_t bytes) {
    const AccessChecks& checks = tile.around.checks;
    check_declared(tile, address);
    const std::string refusal =
        write_refusal(tile.around, memory, bytes, tile.core_number(processor));
    if (!refusal.empty()) {
        throw BusRefusal{"store of " + std::to_string(bytes) + " bytes to " + hex(address) +
                         refusal};
    }
    if (address >= tile.around.parameters.l1_bytes) return;
    if (checks.leaving && checks.leaving->touches(tile.index, address, bytes)) {
        throw BusRefusal{"store of " + std::to_string(bytes) + " bytes to " + hex(address) +
                         ", which a NoC write has still to take; wait for it with "
                         "noc_async_writes_flushed"};
    }
    if (checks.landing && checks.landing->touches(tile.index, address, bytes)) {
        throw BusRefusal{"store of " + std::to_string(bytes) + " bytes to " + hex(address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
}

void check_load(const Tile& tile, const std::byte* memory, std::uint32_t address,
                std::uint32_t bytes) {
    const AccessChecks& checks = tile.around.checks;
    const TileParameters& chip = tile.around.parameters;
    check_declared(tile, address);
    check_open(tile, memory, address, bytes);
    if (checks.landing && address < chip.l1_bytes &&
        checks.landing->touches(tile.index, address, bytes)) {
        throw BusRefusal{"load of " + std::to_string(bytes) + " bytes from " + hex(address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
    if (address < chip.conventions.l1_user_base || tile.around.memories.any_defined(memory, bytes))
        return;
    throw BusRefusal{"load of " + std::to_string(bytes) + " bytes from " + hex(address) +
                     ", which nothing has written"};
}

namespace {

// Neither end of a transfer lies where nobody may use it.
void check_ends(const Tile& tile, const Packet& packet) {
    const Surroundings& around = tile.around;
    const auto check = [&](const MemoryRef& place, std::uint32_t bytes, bool writes) {
        const std::byte* const memory = around.memories.at(place);
        const std::string closed = writes ? write_refusal(around, memory, bytes, packet.initiator)
                                          : read_refusal(around, memory, bytes);
        if (closed.empty()) return;
        throw BusRefusal{std::string("NoC command: ") + (writes ? "write" : "read") + " of " +
                         std::to_string(bytes) + " bytes at " + hex(place.offset) + closed};
    };
    const bool reads = packet.kind == Packet::Kind::read;
    if (reads || (packet.kind == Packet::Kind::write && !packet.inline_data)) {
        check({MemoryKind::tile_l1, tile.index, packet.local_address}, packet.length, reads);
    }
    if (packet.with_host) return;
    // An atomic that adds a word to a queue: the queue, too.
    const std::uint32_t bytes = packet.length + packet.ring_bytes;
    const auto check_far = [&](NocNode router) {
        MemoryRef place = *around.network->memory_at(router);
        place.offset = packet.remote_address;
        check(place, bytes, !reads);
    };
    if (packet.targets.empty()) check_far({packet.to_x, packet.to_y});
    for (const NocNode node : packet.targets) check_far(node);
}

}  // namespace

void check_command(const Tile& tile, const Packet& packet) {
    const Surroundings& around = tile.around;
    if (around.memories.tracks_closed()) check_ends(tile, packet);
    const auto& landing = around.checks.landing;
    const bool takes = packet.kind == Packet::Kind::write && !packet.inline_data;
    if (takes && landing && landing->touches(tile.index, packet.local_address, packet.length)) {
        throw BusRefusal{"NoC command: write from " + hex(packet.local_address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
    if (!around.memories.tracks_undefined() || packet.kind == Packet::Kind::read ||
        packet.with_host) {
        return;
    }
    const auto check_target = [&](NocNode router) {
        const MemoryRef target = *around.network->memory_at(router);
        if (target.kind != MemoryKind::tile_l1) return;
        check_declared(around, target.index, packet.remote_address);
    };
    if (packet.targets.empty()) check_target({packet.to_x, packet.to_y});
    for (const NocNode node : packet.targets) check_target(node);
}

void check_fetched(const Tile& tile, const Packet& packet, const MemoryRef& source) {
    const Memories& memories = tile.around.memories;
    if (packet.length == 0 || memories.any_defined(memories.at(source), packet.length)) return;
    const std::uint32_t processor = packet.initiator - tile.site.first_core;
    throw CoreFault{packet.initiator, tile.cores[processor].hart.pc,
                    "its NoC read of cycle " + std::to_string(packet.issued) + " fetched " +
                        std::to_string(packet.length) + " bytes at " + hex(packet.remote_address) +
                        " of " +
                        (source.kind == MemoryKind::tile_l1 ? "the L1 of tile " : "DRAM bank ") +
                        std::to_string(source.index) + ", which nothing has written"};
}

void check_flushed(const Tile& tile, std::uint32_t processor) {
    const Checks& checks = tile.around.checks.enabled;
    const auto refuse = [&](std::uint32_t pending, const char* kind, std::uint32_t noc,
                            const char* rest) {
        if (pending == 0) return;
        throw CoreFault{tile.core_number(processor), tile.cores[processor].hart.pc - 4,
                        "the kernel '" + std::string(tile.runs[processor].program.name) +
                            "' ended with " + std::to_string(pending) + " of its " + kind +
                            " on NoC " + std::to_string(noc) + rest};
    };
    for (std::uint32_t noc = 0; noc < abi::noc_count; ++noc) {
        const NocPort& port = tile.network(noc).port(processor);
        if (checks.unflushed_writes) {
            refuse(port.writes_pending, "writes", noc,
                   " not acknowledged; wait for them with noc_async_write_barrier");
        }
        if (checks.missing_barriers) {
            refuse(port.reads_pending, "reads", noc,
                   " in flight; wait for them with noc_async_read_barrier");
        }
    }
}

}  // namespace tilewright
