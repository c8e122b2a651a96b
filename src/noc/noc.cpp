#include "tilewright/noc/noc.hpp"

#include <algorithm>
#include <utility>

namespace tilewright {
namespace {

// An event names a packet's slot; the low bit tells its departure from its next step.
constexpr std::uint32_t step_event(std::uint32_t slot) {
    return slot * 2;
}
constexpr std::uint32_t departed_event(std::uint32_t slot) {
    return slot * 2 + 1;
}

constexpr std::uint16_t next_up(std::uint16_t at, std::uint32_t size) {
    return static_cast<std::uint16_t>(at + 1u == size ? 0 : at + 1);
}
constexpr std::uint16_t next_down(std::uint16_t at, std::uint32_t size) {
    return static_cast<std::uint16_t>(at == 0 ? size - 1 : at - 1u);
}

}  // namespace

Noc::Noc(const NocTiming& timing, std::uint32_t component)
    : timing_(timing), component_(component), link_free_at_(timing.columns * timing.rows * 4 * 2) {}

std::uint32_t Noc::hops(std::uint32_t noc, std::uint16_t x, std::uint16_t y, std::uint16_t to_x,
                        std::uint16_t to_y) const {
    const std::uint32_t dx = noc == 0 ? to_x + timing_.columns - x : x + timing_.columns - to_x;
    const std::uint32_t dy = noc == 0 ? to_y + timing_.rows - y : y + timing_.rows - to_y;
    return dx % timing_.columns + dy % timing_.rows;
}

std::uint32_t Noc::flits(const Packet& packet) const {
    const bool carries_data = packet.kind == Packet::Kind::read    ? packet.answer
                              : packet.kind == Packet::Kind::write ? !packet.answer
                                                                   : false;
    if (!carries_data) return 1;
    return 1 + (packet.length + timing_.flit_bytes - 1) / timing_.flit_bytes;
}

// From its first flit to its last one: links wait for a packet whose bytes come more slowly.
std::uint32_t Noc::cycles_on_a_link(const Packet& packet) const {
    return std::max(flits(packet), packet.answer ? packet.stream_cycles : 0);
}

std::uint64_t Noc::reserve(const Packet& packet, Link link, std::uint64_t cycle) {
    const std::size_t router =
        (packet.noc * timing_.rows + packet.y) * std::size_t{timing_.columns} + packet.x;
    std::uint64_t& free_at = link_free_at_[router * 4 + static_cast<std::uint32_t>(link)];
    const std::uint64_t start = std::max(cycle, free_at);
    free_at = start + cycles_on_a_link(packet);
    counters_[packet.noc].blocked_cycles += start - cycle;
    return start;
}

void Noc::schedule(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle) {
    queue.push(cycle, component_, step_event(slot));
}

std::uint32_t Noc::take_slot() {
    if (free_slots_.empty()) {
        packets_.emplace_back();
        return static_cast<std::uint32_t>(packets_.size() - 1);
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
}

void Noc::send(EventQueue& queue, Packet&& packet, std::uint64_t cycle) {
    const std::uint32_t slot = take_slot();
    packet.data = std::move(packets_[slot].data);  // keep what the slot has allocated
    packet.data.clear();
    packet.in_use = true;
    packet.issued = cycle;
    packets_[slot] = std::move(packet);
    schedule(queue, slot, depart(queue, slot, cycle));
}

// Take a place at the sender's network interface; returns when the first flit leaves.
std::uint64_t Noc::depart(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle) {
    Packet& packet = packets_[slot];
    packet.phase = Packet::Phase::depart;
    const std::uint64_t start = reserve(packet, Link::inject, cycle);
    NocCounters& counters = counters_[packet.noc];
    ++counters.packets;
    counters.flits += flits(packet);
    if (packet.kind == Packet::Kind::write && !packet.answer) {
        queue.push(start + flits(packet), component_, departed_event(slot));
    }
    return start;
}

// Whether the next link towards `target` is that of the row.
bool Noc::along_row(const Packet& packet, NocNode target) const {
    return packet.noc == 0 ? packet.x != target.x : packet.y == target.y;
}

// The head of a multicast keeps the targets whose way begins as that of the first one; copies of it
// go on with the others.
void Noc::split(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle) {
    enum Way { here, row, column };
    const auto way = [&](NocNode target) {
        const Packet& packet = packets_[slot];
        if (target.x == packet.x && target.y == packet.y) return here;
        return along_row(packet, target) ? row : column;
    };
    const Way kept = way(packets_[slot].targets.front());
    std::vector<NocNode>& targets = packets_[slot].targets;
    const auto parting = std::stable_partition(targets.begin(), targets.end(),
                                               [&](NocNode t) { return way(t) == kept; });
    if (parting != targets.end()) {
        std::vector<NocNode> others(parting, targets.end());
        targets.erase(parting, targets.end());
        const std::uint32_t copy = take_slot();
        Packet& other = packets_[copy];
        other = packets_[slot];
        other.targets = std::move(others);
        other.to_x = other.targets.front().x;
        other.to_y = other.targets.front().y;
        schedule(queue, copy, cycle);  // it stands here, and splits again if ways still part
    }
    Packet& packet = packets_[slot];
    packet.to_x = packet.targets.front().x;
    packet.to_y = packet.targets.front().y;
    if (packet.targets.size() == 1) packet.targets.clear();  // from here on a single transfer
}

void Noc::handle(EventQueue& queue, const ScheduledEvent& event, NocEndpoints& endpoints,
                 std::uint64_t stop) {
    const std::uint32_t slot = event.data / 2;
    if (event.data == departed_event(slot)) {
        endpoints.departed(packets_[slot], event.cycle);
        return;
    }

    std::uint64_t cycle = event.cycle;
    for (;;) {
        if (!packets_[slot].targets.empty() && packets_[slot].phase == Packet::Phase::route) {
            split(queue, slot, cycle);
        }
        // Endpoints never start transfers of their own, so the reference stays good.
        Packet& packet = packets_[slot];
        std::uint64_t next = 0;  // when the packet's next step is due
        switch (packet.phase) {
            case Packet::Phase::depart:
                if (packet.kind == Packet::Kind::write && !packet.answer) endpoints.capture(packet);
                packet.phase = Packet::Phase::route;
                next = cycle + timing_.inject_cycles;
                break;

            case Packet::Phase::route:
                if (packet.x == packet.to_x && packet.y == packet.to_y) {
                    const std::uint64_t start = reserve(packet, Link::eject, cycle);
                    packet.phase = Packet::Phase::arrive;
                    next = start + timing_.eject_cycles + cycles_on_a_link(packet) - 1;
                    break;
                }
                {
                    const bool row = along_row(packet, {packet.to_x, packet.to_y});
                    const std::uint64_t start =
                        reserve(packet, row ? Link::row : Link::column, cycle);
                    std::uint16_t& at = row ? packet.x : packet.y;
                    const std::uint32_t size = row ? timing_.columns : timing_.rows;
                    at = packet.noc == 0 ? next_up(at, size) : next_down(at, size);
                    ++counters_[packet.noc].hops;
                    next = start + timing_.hop_cycles;
                }
                break;

            case Packet::Phase::arrive:
                if (packet.answer) {
                    endpoints.finish(packet, cycle);
                    packet.in_use = false;
                    free_slots_.push_back(slot);
                    return;
                }
                packet.phase = Packet::Phase::complete;
                next = endpoints.serve(packet, cycle);
                break;

            case Packet::Phase::complete:
                endpoints.perform(packet, cycle);
                counters_[packet.noc].data_bytes += packet.length;
                packet.answer = true;
                std::swap(packet.to_x, packet.from_x);
                std::swap(packet.to_y, packet.from_y);
                next = depart(queue, slot, cycle);
                break;
        }
        const bool next_of_all = queue.empty() || next < queue.top().cycle;
        if (!next_of_all || next >= stop) {
            schedule(queue, slot, next);
            return;
        }
        cycle = next;
    }
}

void Noc::clear() {
    free_slots_.clear();
    for (std::uint32_t slot = 0; slot < packets_.size(); ++slot) {
        packets_[slot].in_use = false;
        free_slots_.push_back(slot);
    }
    std::fill(link_free_at_.begin(), link_free_at_.end(), 0);
}

void Noc::forget_order() {
    for (Packet& packet : packets_) packet.order_number = 0;
}

void Noc::check(const EventQueue& queue) const {
    const auto expect = [](bool good, const char* what) {
        if (!good) throw SnapshotError(std::string("snapshot: network: ") + what);
    };
    expect(link_free_at_.size() == timing_.columns * timing_.rows * 8, "wrong number of links");
    for (const Packet& p : packets_) {
        expect(p.noc < 2 && p.x < timing_.columns && p.to_x < timing_.columns &&
                   p.from_x < timing_.columns && p.y < timing_.rows && p.to_y < timing_.rows &&
                   p.from_y < timing_.rows,
               "a packet that cannot be");
        const bool on_its_way =
            p.targets.empty() || (!p.answer && p.phase <= Packet::Phase::route &&
                                  p.targets.front().x == p.to_x && p.targets.front().y == p.to_y);
        expect(on_its_way && p.targets.size() <= timing_.columns * timing_.rows,
               "a multicast that cannot be");
    }
    for (std::uint32_t slot : free_slots_) {
        expect(slot < packets_.size() && !packets_[slot].in_use, "a free slot that cannot be");
    }
    for (const ScheduledEvent& event : queue.events()) {
        if (event.component != component_) continue;
        expect(event.data / 2 < packets_.size() && packets_[event.data / 2].in_use,
               "an event without its packet");
    }
}

}  // namespace tilewright
