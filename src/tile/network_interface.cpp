#include "tilewright/tile/network_interface.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "tile/watch.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/devices.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/run.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {
namespace {

namespace reg = abi::noc_register;
using abi::NocCommand;
using riscv::Cause;

// Transfers that one core may have in flight on one NoC; a further command waits for a completion.
constexpr std::uint32_t max_outstanding = 128;

[[noreturn]] void refuse(const std::string& message) {
    throw BusRefusal{"NoC command: " + message};
}

bool is_counter(std::uint32_t offset) {
    return offset % 4 == 0 && offset >= reg::reads_pending && offset <= reg::atomics_pending;
}

TransferCounter counter_at(std::uint32_t offset) {
    switch (offset) {
        case reg::reads_pending:
            return TransferCounter::reads;
        case reg::writes_pending:
            return TransferCounter::writes;
        case reg::writes_unsent:
            return TransferCounter::unsent;
        default:
            return TransferCounter::atomics;
    }
}

// What is kept for each core, by word.
using Kept = std::uint32_t NocPort::*;
constexpr auto kept_registers = [] {
    std::array<Kept, reg::size / 4> kept{};
    kept[reg::remote_node / 4] = &NocPort::remote_node;
    kept[reg::remote_address / 4] = &NocPort::remote_address;
    kept[reg::local_address / 4] = &NocPort::local_address;
    kept[reg::length / 4] = &NocPort::length;
    kept[reg::value / 4] = &NocPort::value;
    kept[reg::receivers / 4] = &NocPort::receivers;
    kept[reg::reads_pending / 4] = &NocPort::reads_pending;
    kept[reg::writes_pending / 4] = &NocPort::writes_pending;
    kept[reg::writes_unsent / 4] = &NocPort::writes_unsent;
    kept[reg::atomics_pending / 4] = &NocPort::atomics_pending;
    return kept;
}();

Kept kept_at(std::uint32_t offset) {
    return offset % 4 == 0 ? kept_registers[offset / 4] : nullptr;
}

Packet::Kind kind_of(NocCommand command) {
    switch (command) {
        case NocCommand::read:
            return Packet::Kind::read;
        case NocCommand::write:
        case NocCommand::write_inline:
            return Packet::Kind::write;
        case NocCommand::atomic_add:
        case NocCommand::append:
            return Packet::Kind::atomic;
    }
    refuse("unknown command " + std::to_string(static_cast<std::uint32_t>(command)));
}

// What a command wants to do at its other end.
struct Target {
    const Surroundings& around;
    NetworkPort::Remote remote;

    bool host() const { return remote.memory.kind == MemoryKind::host; }
    bool dram() const { return remote.memory.kind == MemoryKind::dram; }
    bool tile() const { return remote.memory.kind == MemoryKind::tile_l1; }
    std::string name() const {
        return host()   ? "the host"
               : dram() ? "DRAM bank " + std::to_string(remote.memory.index)
                        : "L1 of " + tile_name(around.sites[remote.memory.index]);
    }
};

// The far end: in a memory, where the command may go, and aligned.
void check_remote(const Target& target, const NocPort& port, NocCommand command,
                  std::uint32_t length) {
    const TileParameters& chip = target.around.parameters;
    const std::uint32_t address = port.remote_address;
    const std::uint64_t size =
        target.host() ? 0 : target.around.network->bytes_of(target.remote.memory);
    const bool moves_l1 = command == NocCommand::read || command == NocCommand::write;
    if (target.host()) {
        if (!target.around.network->pinned(address, length)) {
            refuse(std::to_string(length) + " bytes at " + hex(address) +
                   " do not lie in memory that the host has pinned");
        }
    } else if (std::uint64_t{address} + length > size) {
        refuse(std::to_string(length) + " bytes at " + hex(address) + " reach past the end of " +
               target.name() + " (" + hex(size) + ")");
    }
    const bool word = length == 4 && chip.conventions.is_synchronising_word(address);
    if (command != NocCommand::read && target.tile() && address < chip.conventions.l1_user_base &&
        !word) {
        refuse("write to " + hex(address) + " in reserved L1 (below " +
               hex(chip.conventions.l1_user_base) + ") of " + target.name());
    }
    if (!moves_l1 && address % 4 != 0) {
        refuse("address " + hex(address) + " of a word is not a multiple of 4");
    }
    if (kind_of(command) == Packet::Kind::atomic && !target.tile()) {
        refuse("atomics work on L1; " + target.name() + " has none");
    }
    if (command != NocCommand::append) return;
    if (port.length < 4 || !std::has_single_bit(port.length)) {
        refuse("a queue of " + std::to_string(port.length) +
               " bytes; expected a power of two, at least 4");
    }
    if (std::uint64_t{address} + 4 + port.length > size ||
        address < chip.conventions.l1_user_base) {
        refuse("a queue of " + std::to_string(port.length) + " bytes behind its count at " +
               hex(address) + " does not lie in the user's part of the " + target.name());
    }
}

// The near end of a command that moves bytes of L1.
void check_local(const Target& target, const NocPort& port, bool writes) {
    const TileParameters& chip = target.around.parameters;
    if (std::uint64_t{port.local_address} + port.length > chip.l1_bytes) {
        refuse(std::to_string(port.length) + " bytes at local address " + hex(port.local_address) +
               " do not lie in this tile's L1 (0x0 to " + hex(chip.l1_bytes) + ")");
    }
    if (!writes && port.local_address < chip.conventions.l1_user_base) {
        refuse("read into " + hex(port.local_address) + " in reserved L1 (below " +
               hex(chip.conventions.l1_user_base) + ")");
    }
    const std::uint32_t alignment =
        !target.tile() && !writes ? chip.noc_dram_alignment : chip.noc_l1_alignment;
    if ((port.local_address ^ port.remote_address) & (alignment - 1)) {
        refuse("local address " + hex(port.local_address) + " and remote address " +
               hex(port.remote_address) + " of " + target.name() + " differ modulo " +
               std::to_string(alignment));
    }
}

}  // namespace

NetworkInterface::NetworkInterface(Tile& tile, std::uint32_t noc)
    : tile_(tile), noc_(noc), ports_(tile.core_count()) {}

// --- Registers -----------------------------------------------------------------------------------

RegisterDevice::Word NetworkInterface::word(std::uint32_t offset) const {
    if (is_counter(offset)) return Word::counter;
    const bool known = offset == reg::node || offset == reg::command || kept_at(offset) != nullptr;
    return known ? Word::constant : Word::other;
}

std::uint32_t NetworkInterface::value(std::uint32_t core, std::uint32_t offset) const {
    if (offset == reg::node) {
        const NocNode router = tile_.site.router;
        return abi::node(abi::NodeSpace::physical, router.x, router.y);
    }
    const Kept kept = kept_at(offset);
    return kept == nullptr ? 0 : ports_[core].*kept;  // a command reads as 0
}

riscv::Access NetworkInterface::load(std::uint32_t core, std::uint32_t offset, std::uint64_t) {
    if (word(offset) == Word::other) return {0, Cause::load_unmapped, 0};
    const std::uint32_t loaded = value(core, offset);
    OrderObserver* const order = tile_.around.probes.order;
    if (order != nullptr && loaded == 0 && is_counter(offset)) {
        order->on_none_pending(tile_.core_number(core), noc_, counter_at(offset));
    }
    return {loaded, Cause::none, 0};
}

Cause NetworkInterface::store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                              std::uint32_t value, std::uint64_t cycle) {
    if (bytes != 4 || is_counter(offset)) return Cause::store_unmapped;
    if (offset != reg::command) {
        const Kept kept = kept_at(offset);
        if (kept == nullptr) return Cause::store_unmapped;
        ports_[core].*kept = value;
        return Cause::none;
    }
    if (ports_[core].outstanding() >= max_outstanding) {
        tile_.cores[core].status = CoreStatus::blocked;
        tile_.cores[core].event_cycle = ~0ull;  // none, until one of its transfers completes
        return Cause::retry;
    }
    start_transfer(core, value, cycle);
    return Cause::none;
}

bool NetworkInterface::can_change(std::uint32_t core, std::uint32_t) const {
    return ports_[core].outstanding() != 0;
}

std::string NetworkInterface::describe_word(std::uint32_t, std::uint32_t offset) const {
    const auto of = [&](const char* what) { return what + std::to_string(noc_); };
    switch (offset) {
        case reg::reads_pending:
            return of("its reads over NoC ");
        case reg::writes_pending:
            return of("the acknowledgements of its writes over NoC ");
        case reg::writes_unsent:
            return of("its writes to leave over NoC ");
        case reg::atomics_pending:
            return of("its atomics over NoC ");
        default:
            return of("a register of NoC ");
    }
}

void NetworkInterface::save(ArchiveWriter& archive) const {
    archive(ports_);
}
void NetworkInterface::load_state(ArchiveReader& archive) {
    archive(ports_);
}
void NetworkInterface::check() const {
    if (ports_.size() == tile_.core_count()) return;
    throw SnapshotError("snapshot: a network interface for " + std::to_string(ports_.size()) +
                        " cores in a tile of " + std::to_string(tile_.core_count()));
}
void NetworkInterface::launched(std::uint32_t core) {
    ports_[core] = {};
}
void NetworkInterface::abort() {
    std::ranges::fill(ports_, NocPort{});
}

// --- Transfers -----------------------------------------------------------------------------------

void NetworkInterface::start_transfer(std::uint32_t core, std::uint32_t word, std::uint64_t cycle) {
    const Surroundings& around = tile_.around;
    NocPort& port = ports_[core];
    const NocNode from = tile_.site.router;
    const std::uint32_t flags = word & (abi::noc_multicast | abi::noc_multicast_self);
    const auto command = static_cast<NocCommand>(word ^ flags);
    const bool writes = command != NocCommand::read;

    // Where to.
    Packet packet;
    std::uint32_t node = port.remote_node;
    if (flags != 0) {
        if (flags == abi::noc_multicast_self) refuse("it means this tile, too, but no multicast");
        if (!writes) refuse("a read goes to one node, not to a multicast");
        packet.targets =
            around.network->find_all(noc_, node, from, (flags & abi::noc_multicast_self) != 0);
        const auto reached = static_cast<std::uint32_t>(packet.targets.size());
        if (reached == 0 || (port.receivers != 0 && port.receivers != reached)) {
            refuse("the multicast reaches " + std::to_string(reached) + " tiles; expected " +
                   (port.receivers == 0 ? "one or more" : std::to_string(port.receivers)));
        }
        const NocNode first = packet.targets.front();
        node = abi::node(abi::NodeSpace::physical, first.x, first.y);
    }
    const auto receivers = std::max(1u, static_cast<std::uint32_t>(packet.targets.size()));
    const Target target{around, around.network->find(noc_, node)};

    // What.
    const bool moves_l1 = command == NocCommand::read || command == NocCommand::write;
    packet.kind = kind_of(command);
    packet.length = moves_l1 ? port.length : 4;
    if (packet.length == 0 || packet.length > abi::max_packet_bytes) {
        refuse("length " + std::to_string(packet.length) + "; expected 1 to " +
               std::to_string(abi::max_packet_bytes));
    }
    check_remote(target, port, command, packet.length);
    if (moves_l1) check_local(target, port, writes);

    packet.noc = static_cast<std::uint8_t>(noc_);
    packet.x = packet.from_x = from.x;
    packet.y = packet.from_y = from.y;
    packet.to_x = target.remote.router.x;
    packet.to_y = target.remote.router.y;
    packet.initiator = tile_.core_number(core);
    packet.remote_address = port.remote_address;
    packet.local_address = port.local_address;
    packet.value = port.value;
    packet.ring_bytes = command == NocCommand::append ? port.length : 0;
    packet.inline_data = command == NocCommand::write_inline;
    packet.with_host = target.host();
    check_command(tile_, packet);
    if (const auto& guard = around.checks.guard; guard && moves_l1) {
        const auto tell = writes ? &AccessGuard::reads : &AccessGuard::writes;
        (guard.get()->*tell)(tile_, core, packet.local_address, packet.length,
                             AccessGuard::By::transfer);
    }
    tell_transfer(tile_, packet);
    if (around.probes.order != nullptr) tell_command(tile_, packet, cycle);
    switch (packet.kind) {
        case Packet::Kind::read:
            ++port.reads_pending;
            if (auto& landing = around.checks.landing) {
                landing->begin(tile_.index, packet.local_address, packet.length);
            }
            break;
        case Packet::Kind::write:
            port.writes_pending += receivers;
            ++port.writes_unsent;
            if (auto& leaving = around.checks.leaving; leaving && !packet.inline_data) {
                leaving->begin(tile_.index, packet.local_address, packet.length);
            }
            break;
        case Packet::Kind::atomic:
            port.atomics_pending += receivers;
            break;
    }
    around.network->send(std::move(packet), cycle);
}

void NetworkInterface::capture(Packet& packet) const {
    packet.data.resize(packet.length);
    const std::byte* const source = packet.inline_data
                                        ? reinterpret_cast<const std::byte*>(&packet.value)
                                        : tile_.l1 + packet.local_address;
    std::memcpy(packet.data.data(), source, packet.length);
}

void NetworkInterface::departed(const Packet& packet, std::uint64_t cycle) {
    const std::uint32_t core = packet.initiator - tile_.site.first_core;
    --ports_[core].writes_unsent;
    if (auto& leaving = tile_.around.checks.leaving; leaving && !packet.inline_data) {
        leaving->end(tile_.index, packet.local_address, packet.length);
    }
    counter_changed(core, reg::writes_unsent, cycle);
}

void NetworkInterface::finish(Packet& packet, std::uint64_t cycle) {
    const Surroundings& around = tile_.around;
    const std::uint32_t core = packet.initiator - tile_.site.first_core;
    NocPort& port = ports_[core];
    std::uint32_t counter = 0;
    TransferRecord::Kind kind = TransferRecord::Kind::read;
    switch (packet.kind) {
        case Packet::Kind::read:
            around.memories.will_write({MemoryKind::tile_l1, tile_.index, packet.local_address},
                                       packet.length,
                                       {.cycle = cycle,
                                        .turn = cycle,
                                        .component = around.clock.acting,
                                        .core = packet.initiator});
            std::memcpy(tile_.l1 + packet.local_address, packet.data.data(), packet.length);
            if (OrderObserver* const order = around.probes.order) {
                const MemoryRef place{MemoryKind::tile_l1, tile_.index, packet.local_address};
                order->on_effect(packet.order_number, place, packet.length, place);
            }
            --port.reads_pending;
            if (auto& landing = around.checks.landing) {
                landing->end(tile_.index, packet.local_address, packet.length);
            }
            counter = reg::reads_pending;
            break;
        case Packet::Kind::write:
            --port.writes_pending;
            counter = reg::writes_pending;
            kind = TransferRecord::Kind::write;
            break;
        case Packet::Kind::atomic:
            --port.atomics_pending;
            counter = reg::atomics_pending;
            kind = TransferRecord::Kind::atomic;
            break;
    }
    if (Observer* const observer = around.probes.observer) {
        observer->on_transfer(
            {.kind = kind,
             .initiator = tile_.core_id(core),
             .noc = packet.noc,
             .node = abi::node(abi::NodeSpace::physical, packet.from_x, packet.from_y),
             .address = packet.remote_address,
             .bytes = packet.length,
             .issued = Cycle{packet.issued},
             .completed = Cycle{cycle}});
    }
    counter_changed(core, counter, cycle);
    try_retire(tile_, core, cycle);
}

void NetworkInterface::counter_changed(std::uint32_t core, std::uint32_t counter,
                                       std::uint64_t cycle) {
    register_changed(tile_, core, abi::noc_registers + noc_ * abi::noc_stride + counter, cycle,
                     tile_.core_number(core));
    unblock(tile_, core, cycle);
}

DeviceKind network_interface(std::uint32_t noc) {
    return {.name = "network interface of NoC " + std::to_string(noc),
            .base = abi::noc_registers + noc * abi::noc_stride,
            .bytes = reg::size,
            .loads = "words",
            .stores = "words",
            .make = [noc](Tile& tile) { return std::make_unique<NetworkInterface>(tile, noc); }};
}

}  // namespace tilewright
