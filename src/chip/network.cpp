#include "chip/network.hpp"

#include <bit>
#include <cstdio>
#include <cstring>

#include "chip/multicast.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/network_interface.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {
namespace {

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: ") + what);
}

[[noreturn]] void refuse(const std::string& message) {
    throw BusRefusal{"NoC command: " + message};
}

std::string pair(std::uint32_t x, std::uint32_t y) {
    return "(" + std::to_string(x) + ", " + std::to_string(y) + ")";
}

NocNode node_of(Router router) {
    return {router.x, router.y};
}

}  // namespace

Network::Network(const ChipConfig& config, SimClock& clock, Memories& memories,
                 const Probes& probes, Tiles& tiles, DramBanks& dram, HostSide& host)
    : config_(config),
      clock_(clock),
      memories_(memories),
      probes_(probes),
      tiles_(tiles),
      dram_(dram),
      host_(host),
      dram_rate_(dram_timing(config).rate),
      places_(config.router_columns * config.router_rows),
      noc_({.columns = config.router_columns,
            .rows = config.router_rows,
            .flit_bytes = config.noc_flit_bytes,
            .inject_cycles = config.noc_inject_cycles,
            .hop_cycles = config.noc_hop_cycles,
            .eject_cycles = config.noc_eject_cycles},
           fabric_component) {
    const auto at = [&](Router r) -> auto& {
        return places_[r.y * config.router_columns + r.x];
    };
    for (std::uint32_t t = 0; t < config.all_tile_count(); ++t) {
        at(config.tile_router(t)) = {MemoryKind::tile_l1, t, 0};
    }
    for (std::uint32_t b = 0; b < config.dram.size(); ++b) {
        at(config.dram[b].noc0) = {MemoryKind::dram, b, 0};
        at(config.dram[b].noc1) = {MemoryKind::dram, b, 0};
    }
    if (config.host_router && !at(*config.host_router)) {
        at(*config.host_router) = {MemoryKind::host, 0, 0};
    }
}

// --- What nodes mean
// ------------------------------------------------------------------------------

NetworkPort::Remote Network::find(std::uint32_t noc, std::uint32_t node) const {
    const std::uint32_t x = node & 0xFF;
    const std::uint32_t y = node >> 8 & 0xFF;
    const std::uint32_t columns = config_.tile_columns();
    const std::uint32_t rows = config_.tile_rows();
    Router to;
    switch (static_cast<abi::NodeSpace>(node >> 16)) {
        case abi::NodeSpace::physical:
            if (x >= config_.router_columns || y >= config_.router_rows) {
                refuse("router " + pair(x, y) + " lies outside the " +
                       std::to_string(config_.router_columns) + "x" +
                       std::to_string(config_.router_rows) + " network");
            }
            to = {static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)};
            break;
        case abi::NodeSpace::tile:
            if (y == rows && x < config_.control_tiles.size()) {
                to = config_.control_tiles[x].router;
                break;
            }
            if (x >= columns || y >= rows) {
                refuse("tile " + pair(x, y) + " lies outside the " + std::to_string(columns) + "x" +
                       std::to_string(rows) + " grid");
            }
            to = config_.tile_router(y * columns + x);
            break;
        case abi::NodeSpace::tile_number: {
            const std::uint32_t number = node & 0xFFFF;
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
            return {node_of(*config_.host_router), {MemoryKind::host, 0, 0}};
        default: {
            char text[16];
            std::snprintf(text, sizeof text, "0x%x", node);
            refuse("remote_node " + std::string(text) + " is in no known space");
        }
    }
    const std::optional<MemoryRef> memory = memory_at(node_of(to));
    if (!memory) refuse("nothing stands at router " + pair(to.x, to.y));
    return {node_of(to), *memory};
}

std::vector<NocNode> Network::find_all(std::uint32_t noc, std::uint32_t node, NocNode from,
                                       bool with_sender) const {
    return multicast_targets(config_, noc, node, {from.x, from.y}, with_sender);
}

bool Network::pinned(std::uint32_t address, std::uint32_t bytes) const {
    return host_.find_pinned(address, bytes) != nullptr;
}

std::uint64_t Network::bytes_of(const MemoryRef& memory) const {
    return memories_.map().window(memory.kind).bytes;
}

void Network::send(Packet&& packet, std::uint64_t cycle) {
    noc_.send(clock_.queue, std::move(packet), cycle);
}

// --- The ends of transfers
// ------------------------------------------------------------------------

NetworkInterface& Network::initiator(const Packet& packet) {
    return tiles_.tile_with(packet.initiator).network(packet.noc);
}

void Network::capture(Packet& packet) {
    initiator(packet).capture(packet);
}
void Network::departed(const Packet& packet, std::uint64_t cycle) {
    initiator(packet).departed(packet, cycle);
}
void Network::finish(Packet& packet, std::uint64_t cycle) {
    initiator(packet).finish(packet, cycle);
}

MemoryRef Network::remote_memory(const Packet& packet) const {
    MemoryRef memory = *memory_at({packet.to_x, packet.to_y});
    memory.offset = packet.remote_address;
    return memory;
}

std::byte* Network::pinned_memory(const Packet& packet) const {
    std::byte* const memory = host_.find_pinned(packet.remote_address, packet.length);
    if (memory != nullptr) return memory;
    throw CoreFault{packet.initiator, tiles_.core(packet.initiator).hart.pc,
                    "the host gave back pinned memory with " + std::to_string(packet.length) +
                        " bytes under way to or from it"};
}

std::uint64_t Network::serve(Packet& packet, std::uint64_t cycle) {
    if (packet.with_host) return host_.cross_link(cycle, packet.length);
    const MemoryRef memory = remote_memory(packet);
    if (memory.kind == MemoryKind::tile_l1) return cycle + config_.noc_serve_cycles;
    const bool writes = packet.kind == Packet::Kind::write;
    const std::uint64_t done =
        dram_.access(memory.index, cycle, packet.remote_address, packet.length, writes);
    if (writes) return done;
    // The answer leaves as its bytes come, at the rate of the bank.
    const Moment end = after({0, 0, dram_rate_.bytes}, packet.length, dram_rate_);
    packet.stream_cycles = static_cast<std::uint32_t>(end.rounded_up());
    return done - packet.stream_cycles;
}

void Network::perform(Packet& packet, std::uint64_t cycle) {
    if (packet.with_host) {  // which neither waits for words nor has atomics
        std::byte* const memory = pinned_memory(packet);
        if (packet.kind == Packet::Kind::read) {
            packet.data.assign(memory, memory + packet.length);
        } else {
            std::memcpy(memory, packet.data.data(), packet.length);
        }
        return;
    }
    const MemoryRef remote = remote_memory(packet);
    std::byte* const memory = memories_.at(remote);
    const Writer writer{
        .cycle = cycle, .turn = cycle, .component = clock_.acting, .core = packet.initiator};
    switch (packet.kind) {
        case Packet::Kind::read:
            check_fetched(tiles_.tile_with(packet.initiator), packet, remote);
            packet.data.resize(packet.length);
            std::memcpy(packet.data.data(), memory, packet.length);
            return;
        case Packet::Kind::write:
            memories_.will_write(remote, packet.length, writer);
            std::memcpy(memory, packet.data.data(), packet.length);
            if (probes_.order != nullptr) {
                probes_.order->on_effect(packet.order_number, remote, packet.length, remote);
            }
            return;
        case Packet::Kind::atomic: {
            std::uint32_t word = 0;
            std::memcpy(&word, memory, sizeof word);
            MemoryRef place = remote;  // of the word that is added to a queue
            if (packet.ring_bytes != 0) {
                place.offset += 4 + word % (packet.ring_bytes / 4) * 4;
                memories_.will_write(place, sizeof packet.value, writer);
                std::memcpy(memories_.at(place), &packet.value, sizeof packet.value);
            }
            memories_.will_write(remote, packet.length, writer);
            word += packet.ring_bytes != 0 ? 1 : packet.value;
            std::memcpy(memory, &word, sizeof word);
            if (probes_.order != nullptr) {
                probes_.order->on_effect(packet.order_number, remote, packet.length, place);
            }
            return;
        }
    }
}

// --- The contract of a component
// -------------------------------------------------------------------

std::optional<News> Network::handle(const ScheduledEvent& event) {
    noc_.handle(clock_.queue, event, *this, clock_.stop);
    return std::nullopt;
}

void Network::count(const CountSink& sink) const {
    for (std::uint32_t n = 0; n < abi::noc_count; ++n) {
        const NocCounters& noc = noc_.counters(n);
        const std::string prefix = "noc" + std::to_string(n) + ".";
        sink(prefix + "packets", "packets", "sent", noc.packets);
        sink(prefix + "flits", "flits", "of those, headers included", noc.flits);
        sink(prefix + "data_bytes", "bytes", "that receivers got", noc.data_bytes);
        sink(prefix + "hops", "hops", "from router to router", noc.hops);
        sink(prefix + "blocked_cycles", "cycles", "that heads waited for a link",
             noc.blocked_cycles);
    }
}

void Network::check_saved() const {
    for (const Packet& packet : noc_.packets()) {
        expect(!packet.in_use || !packet.with_host, "a transfer with the host is under way");
    }
}

void Network::check(const State& state, const EventQueue& queue) const {
    state.check(queue);
    const auto known = [&](std::uint32_t x, std::uint32_t y) {
        if (x >= config_.router_columns || y >= config_.router_rows) return false;
        const auto memory =
            memory_at({static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
        return memory && memory->kind != MemoryKind::host;
    };
    for (const Packet& packet : state.packets()) {
        if (!packet.in_use) continue;
        const bool there = packet.initiator < tiles_.core_count();
        const bool word = packet.inline_data || packet.kind == Packet::Kind::atomic;
        expect(there && packet.length >= 1 && packet.length <= abi::max_packet_bytes &&
                   (!word || packet.length == 4),
               "a packet nobody sent");
        expect(known(packet.to_x, packet.to_y) && known(packet.from_x, packet.from_y),
               "a packet to nowhere");
        const MemoryRef remote = packet.answer ? *memory_at({packet.from_x, packet.from_y})
                                               : *memory_at({packet.to_x, packet.to_y});
        expect(packet.remote_address + std::uint64_t{packet.length} <= bytes_of(remote) &&
                   (packet.local_address + std::uint64_t{packet.length} <= config_.l1_bytes ||
                    packet.kind == Packet::Kind::atomic || packet.inline_data),
               "a packet past the end of a memory");
        expect(
            packet.ring_bytes == 0 ||
                (word && std::has_single_bit(packet.ring_bytes) && packet.ring_bytes >= 4 &&
                 std::uint64_t{packet.remote_address} + 4 + packet.ring_bytes <= config_.l1_bytes),
            "a packet for a queue that cannot be");
        for (const NocNode& target : packet.targets) {
            expect(known(target.x, target.y) && memory_at(target)->kind == MemoryKind::tile_l1 &&
                       packet.remote_address + std::uint64_t{packet.length} <= config_.l1_bytes,
                   "a multicast to where no tile stands");
        }
        const bool carries = packet.kind == Packet::Kind::read
                                 ? packet.answer
                                 : packet.kind == Packet::Kind::write && !packet.answer &&
                                       packet.phase != Packet::Phase::depart;
        expect(!carries || packet.data.size() == packet.length, "a packet without its data");
    }
}

}  // namespace tilewright
