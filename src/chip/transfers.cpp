// Both ends of a NoC transfer: the command of a core, and the memories that serve it.
#include <algorithm>
#include <bit>
#include <cstring>

#include "chip/multicast.hpp"
#include "chip/tile_bus.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using abi::NocCommand;

std::string hex(std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

[[noreturn]] void refuse(const std::string& message) {
    throw BusRefusal{"NoC command: " + message};
}

std::uint32_t counter_address(std::uint32_t noc, std::uint32_t counter) {
    return abi::noc_registers + noc * abi::noc_stride + counter;
}

}  // namespace

void Chip::start_transfer(std::uint32_t index, std::uint32_t noc, NocCommand command,
                          std::uint64_t cycle) {
    NocPort& port = cores_[index].noc[noc];
    const Router from = config_.tile_router(tile_of(index));

    Packet packet;
    const std::uint32_t flags =
        static_cast<std::uint32_t>(command) & (abi::noc_multicast | abi::noc_multicast_self);
    command = static_cast<NocCommand>(static_cast<std::uint32_t>(command) ^ flags);
    std::uint32_t remote_node = port.remote_node;
    if (flags != 0) {
        if (flags == abi::noc_multicast_self) refuse("it means this tile, too, but no multicast");
        if (command == NocCommand::read) refuse("a read goes to one node, not to a multicast");
        packet.targets = multicast_targets(config_, noc, port.remote_node, from,
                                           (flags & abi::noc_multicast_self) != 0);
        const auto reached = static_cast<std::uint32_t>(packet.targets.size());
        if (reached == 0 || (port.receivers != 0 && port.receivers != reached)) {
            refuse("the multicast reaches " + std::to_string(reached) + " tiles; expected " +
                   (port.receivers == 0 ? "one or more" : std::to_string(port.receivers)));
        }
        const NocNode first = packet.targets.front();
        remote_node = abi::node(abi::NodeSpace::physical, first.x, first.y);
    }
    const auto receivers = std::max(1u, static_cast<std::uint32_t>(packet.targets.size()));

    // Where to: translate the node to a router.
    const std::uint32_t x = remote_node & 0xFF;
    const std::uint32_t y = remote_node >> 8 & 0xFF;
    Router to;
    bool with_host = false;
    switch (static_cast<abi::NodeSpace>(remote_node >> 16)) {
        case abi::NodeSpace::physical:
            if (x >= config_.router_columns || y >= config_.router_rows) {
                refuse("router (" + std::to_string(x) + ", " + std::to_string(y) +
                       ") lies outside the " + std::to_string(config_.router_columns) + "x" +
                       std::to_string(config_.router_rows) + " network");
            }
            to = {static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)};
            break;
        case abi::NodeSpace::tile:
            if (y == config_.tile_rows() && x < config_.control_tiles.size()) {
                to = config_.control_tiles[x].router;
                break;
            }
            if (x >= config_.tile_columns() || y >= config_.tile_rows()) {
                refuse("tile (" + std::to_string(x) + ", " + std::to_string(y) +
                       ") lies outside the " + std::to_string(config_.tile_columns()) + "x" +
                       std::to_string(config_.tile_rows()) + " grid");
            }
            to = config_.tile_router(y * config_.tile_columns() + x);
            break;
        case abi::NodeSpace::tile_number: {
            const std::uint32_t number = remote_node & 0xFFFF;
            if (number >= config_.tile_count()) {
                refuse("tile number " + std::to_string(number) + " does not exist; there are " +
                       std::to_string(config_.tile_count()));
            }
            to = config_.tile_router(number);
            break;
        }
        case abi::NodeSpace::dram:
            if (x >= config_.dram_bank_count) {
                refuse("DRAM bank " + std::to_string(x) + " does not exist; there are " +
                       std::to_string(config_.dram_bank_count));
            }
            if (x >= config_.dram.size()) {
                refuse("DRAM bank " + std::to_string(x) +
                       " has no port on the network; a DMA engine reaches it");
            }
            to = noc == 0 ? config_.dram[x].noc0 : config_.dram[x].noc1;
            break;
        case abi::NodeSpace::host:
            if (!config_.host_router) refuse("the host of this chip is not on its network");
            to = *config_.host_router;
            with_host = true;
            break;
        default:
            refuse("remote_node " + hex(remote_node) + " is in no known space");
    }
    const Place target = place(to.x, to.y);
    with_host = with_host || target.kind == Place::Kind::host;
    if (target.kind == Place::Kind::nothing) {
        refuse("nothing stands at router (" + std::to_string(to.x) + ", " + std::to_string(to.y) +
               ")");
    }
    const bool to_dram = target.kind == Place::Kind::dram && !with_host;
    // Only refusals need the name of the place.
    const auto where = [&] {
        return with_host ? "the host"
               : to_dram ? "DRAM bank " + std::to_string(target.index)
                         : "L1 of " + tile_name(target.index);
    };

    // What: check the ranges at both ends.
    switch (command) {
        case NocCommand::read:
            packet.kind = Packet::Kind::read;
            break;
        case NocCommand::write:
        case NocCommand::write_inline:
            packet.kind = Packet::Kind::write;
            break;
        case NocCommand::atomic_add:
        case NocCommand::append:
            packet.kind = Packet::Kind::atomic;
            break;
        default:
            refuse("unknown command " + std::to_string(static_cast<std::uint32_t>(command)));
    }
    const bool moves_l1 = command == NocCommand::read || command == NocCommand::write;
    packet.length = moves_l1 ? port.length : 4;
    if (packet.length == 0 || packet.length > abi::max_packet_bytes) {
        refuse("length " + std::to_string(packet.length) + "; expected 1 to " +
               std::to_string(abi::max_packet_bytes));
    }
    const std::uint64_t size = to_dram ? config_.dram_bank_bytes : config_.l1_bytes;
    if (with_host) {
        if (pinned(port.remote_address, packet.length) == nullptr) {
            refuse(std::to_string(packet.length) + " bytes at " + hex(port.remote_address) +
                   " do not lie in memory that the host has pinned");
        }
    } else if (std::uint64_t{port.remote_address} + packet.length > size) {
        refuse(std::to_string(packet.length) + " bytes at " + hex(port.remote_address) +
               " reach past the end of " + where() + " (" + hex(size) + ")");
    }
    const bool writes = command != NocCommand::read;
    const bool word = packet.length == 4 && abi::is_synchronising_word(port.remote_address);
    if (writes && !to_dram && !with_host && port.remote_address < abi::l1_user_base && !word) {
        refuse("write to " + hex(port.remote_address) + " in reserved L1 (below " +
               hex(abi::l1_user_base) + ") of " + where());
    }
    if (!moves_l1 && port.remote_address % 4 != 0) {
        refuse("address " + hex(port.remote_address) + " of a word is not a multiple of 4");
    }
    if (packet.kind == Packet::Kind::atomic && (to_dram || with_host)) {
        refuse("atomics work on L1; " + where() + " has none");
    }
    if (command == NocCommand::append) {
        if (port.length < 4 || !std::has_single_bit(port.length)) {
            refuse("a queue of " + std::to_string(port.length) +
                   " bytes; expected a power of two, at least 4");
        }
        if (std::uint64_t{port.remote_address} + 4 + port.length > size ||
            port.remote_address < abi::l1_user_base) {
            refuse("a queue of " + std::to_string(port.length) + " bytes behind its count at " +
                   hex(port.remote_address) + " does not lie in the user's part of the " + where());
        }
        packet.ring_bytes = port.length;
    }
    if (moves_l1) {
        if (std::uint64_t{port.local_address} + packet.length > config_.l1_bytes) {
            refuse(std::to_string(packet.length) + " bytes at local address " +
                   hex(port.local_address) + " do not lie in this tile's L1 (0x0 to " +
                   hex(config_.l1_bytes) + ")");
        }
        if (!writes && port.local_address < abi::l1_user_base) {
            refuse("read into " + hex(port.local_address) + " in reserved L1 (below " +
                   hex(abi::l1_user_base) + ")");
        }
        const std::uint32_t alignment = (to_dram || with_host) && !writes
                                            ? config_.noc_dram_alignment
                                            : config_.noc_l1_alignment;
        if ((port.local_address ^ port.remote_address) & (alignment - 1)) {
            refuse("local address " + hex(port.local_address) + " and remote address " +
                   hex(port.remote_address) + " of " + where() + " differ modulo " +
                   std::to_string(alignment));
        }
    }

    packet.noc = static_cast<std::uint8_t>(noc);
    packet.x = packet.from_x = from.x;
    packet.y = packet.from_y = from.y;
    packet.to_x = to.x;
    packet.to_y = to.y;
    packet.initiator = index;
    packet.remote_address = port.remote_address;
    packet.local_address = port.local_address;
    packet.value = port.value;
    packet.inline_data = command == NocCommand::write_inline;
    packet.with_host = with_host;
    check_command(packet);
    tell_transfer(packet);
    if (packet.kind == Packet::Kind::read) {
        ++port.reads_pending;
        if (landing_) landing_->begin(tile_of(index), packet.local_address, packet.length);
    }
    if (packet.kind == Packet::Kind::atomic) port.atomics_pending += receivers;
    if (packet.kind == Packet::Kind::write) {
        port.writes_pending += receivers;
        ++port.writes_unsent;
        if (leaving_ && !packet.inline_data) {
            leaving_->begin(tile_of(index), packet.local_address, packet.length);
        }
    }
    noc_.send(queue_, std::move(packet), cycle);
}

void Chip::capture(Packet& packet) {
    packet.data.resize(packet.length);
    const std::byte* source = packet.inline_data
                                  ? reinterpret_cast<const std::byte*>(&packet.value)
                                  : l1(tile_of(packet.initiator)) + packet.local_address;
    std::memcpy(packet.data.data(), source, packet.length);
}

void Chip::departed(const Packet& packet, std::uint64_t cycle) {
    --cores_[packet.initiator].noc[packet.noc].writes_unsent;
    if (leaving_ && !packet.inline_data) {
        leaving_->end(tile_of(packet.initiator), packet.local_address, packet.length);
    }
    counter_changed(packet.initiator, counter_address(packet.noc, abi::noc_register::writes_unsent),
                    cycle);
}

std::uint64_t Chip::serve(const Packet& packet, std::uint64_t cycle) {
    if (packet.with_host) return cross_host_link(cycle, packet.length);
    const Place& target = place(packet.to_x, packet.to_y);
    if (target.kind == Place::Kind::tile) return cycle;
    DramBank& bank = dram_banks_[target.index];
    const bool write = packet.kind == Packet::Kind::write;
    const std::uint64_t start = std::max(cycle, bank.free.rounded_up());
    const std::uint64_t done =
        dram_access(bank, dram_timing_, cycle, packet.remote_address, packet.length, write);
    if (observer_ != nullptr) {
        observer_->on_dram({.bank = target.index,
                            .write = write,
                            .address = packet.remote_address,
                            .bytes = packet.length,
                            .start = Cycle{start},
                            .busy_cycles = bank.free.cycle - start});
    }
    return done;
}

void Chip::perform(Packet& packet, std::uint64_t cycle) {
    const Place& target = place(packet.to_x, packet.to_y);
    const bool to_l1 = target.kind == Place::Kind::tile;
    std::byte* memory = remote_memory(packet);
    switch (packet.kind) {
        case Packet::Kind::read:
            if (!packet.with_host) check_read(packet, memory, target);
            packet.data.resize(packet.length);
            std::memcpy(packet.data.data(), memory, packet.length);
            return;
        case Packet::Kind::write:
            if (!packet.with_host) touch(memory, packet.length);
            std::memcpy(memory, packet.data.data(), packet.length);
            break;
        case Packet::Kind::atomic: {
            touch(memory, packet.length);
            std::uint32_t word = 0;
            std::memcpy(&word, memory, sizeof word);
            if (packet.ring_bytes != 0) {
                const std::uint32_t at = 4 + word % (packet.ring_bytes / 4) * 4;
                touch(memory + at, sizeof packet.value);
                std::memcpy(memory + at, &packet.value, sizeof packet.value);
                written(target.index, packet.remote_address + at, 4, cycle, packet.initiator);
            }
            word += packet.ring_bytes != 0 ? 1 : packet.value;
            std::memcpy(memory, &word, sizeof word);
            break;
        }
    }
    if (to_l1) written(target.index, packet.remote_address, packet.length, cycle, packet.initiator);
}

void Chip::finish(Packet& packet, std::uint64_t cycle) {
    const std::uint32_t index = packet.initiator;
    NocPort& port = cores_[index].noc[packet.noc];
    std::uint32_t counter = 0;
    TransferRecord::Kind kind = TransferRecord::Kind::read;
    switch (packet.kind) {
        case Packet::Kind::read: {
            std::byte* landing = l1(tile_of(index)) + packet.local_address;
            touch(landing, packet.length);
            std::memcpy(landing, packet.data.data(), packet.length);
            written(tile_of(index), packet.local_address, packet.length, cycle, index);
            --port.reads_pending;
            if (landing_) landing_->end(tile_of(index), packet.local_address, packet.length);
            counter = abi::noc_register::reads_pending;
            break;
        }
        case Packet::Kind::write:
            --port.writes_pending;
            counter = abi::noc_register::writes_pending;
            kind = TransferRecord::Kind::write;
            break;
        case Packet::Kind::atomic:
            --port.atomics_pending;
            counter = abi::noc_register::atomics_pending;
            kind = TransferRecord::Kind::atomic;
            break;
    }
    if (observer_ != nullptr) {
        observer_->on_transfer(
            {.kind = kind,
             .initiator = core_id(index),
             .noc = packet.noc,
             .node = abi::node(abi::NodeSpace::physical, packet.from_x, packet.from_y),
             .address = packet.remote_address,
             .bytes = packet.length,
             .issued = Cycle{packet.issued},
             .completed = Cycle{cycle}});
    }
    counter_changed(index, counter_address(packet.noc, counter), cycle);
    settle(index, cycle);
}

}  // namespace tilewright
