// Two networks on chip: unidirectional tori of routers, packets of flits, links reserved hop by
// hop.
//
// NoC 0 goes towards higher x, then towards higher y; NoC 1 towards lower y, then towards lower x;
// both wrap round. Answers travel on the network of their request. A packet is one header flit and
// its data flits. Its head takes noc_inject_cycles into the first router, noc_hop_cycles a hop and
// noc_eject_cycles out; every link on the way is held for as many cycles as there are flits, or as
// its bytes take to come, first come, first served. A multicast is one packet on the ways that
// single ones would take, doubled where they part, so that every link carries it once; each
// receiver answers. Left out: virtual channels and finite buffers (a packet that waits for a link
// holds no other).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tilewright/base/archive.hpp"
#include "tilewright/sim/event_queue.hpp"

namespace tilewright {

struct NocTiming {
    std::uint32_t columns = 1;
    std::uint32_t rows = 1;
    std::uint32_t flit_bytes = 64;
    std::uint32_t inject_cycles = 5;
    std::uint32_t hop_cycles = 9;
    std::uint32_t eject_cycles = 5;
};

/// Coordinates of a router.
struct NocNode {
    std::uint16_t x = 0, y = 0;
};

template <class Archive>
void fields(Archive& archive, NocNode& n) {
    archive(n.x, n.y);
}

struct Packet {
    enum class Kind : std::uint8_t { read, write, atomic };
    enum class Phase : std::uint8_t {
        depart,    ///< the first flit leaves the sender's network interface
        route,     ///< the head is at router (x, y)
        arrive,    ///< the last flit is in the receiver's network interface
        complete,  ///< the receiver's memory has done its part
    };
    Kind kind = Kind::read;
    Phase phase = Phase::depart;
    bool answer = false;       ///< on the way back
    bool inline_data = false;  ///< a write of `value` itself
    bool in_use = false;
    bool with_host = false;  ///< the remote end is the host; never in a snapshot
    std::uint8_t noc = 0;
    std::uint16_t x = 0, y = 0;            ///< where the head is
    std::uint16_t to_x = 0, to_y = 0;      ///< where it goes
    std::uint16_t from_x = 0, from_y = 0;  ///< where the answer goes
    std::uint32_t initiator = 0;           ///< whoever waits for the answer, for the endpoints
    std::uint32_t remote_address = 0;
    std::uint32_t local_address = 0;
    std::uint32_t length = 0;      ///< bytes of data moved
    std::uint32_t value = 0;       ///< operand of atomics
    std::uint32_t ring_bytes = 0;  ///< of the queue that an atomic adds `value` to; else 0
    /// Of an answer that leaves while its memory still reads: cycles until the last byte has come.
    std::uint32_t stream_cycles = 0;
    std::uint64_t issued = 0;  ///< cycle of the command
    /// By which an observer of the order knows it; in no snapshot, where 0 takes its place.
    std::uint64_t order_number = 0;
    /// Of a multicast: where this head still goes; (to_x, to_y) is the first of them.
    std::vector<NocNode> targets;
    std::vector<std::byte> data;
};
constexpr Packet::Kind last_of(Packet::Kind) {
    return Packet::Kind::atomic;
}
constexpr Packet::Phase last_of(Packet::Phase) {
    return Packet::Phase::complete;
}

template <class Archive>
void fields(Archive& archive, Packet& p) {
    archive(p.kind, p.phase, p.answer, p.inline_data, p.in_use, p.noc, p.x, p.y, p.to_x, p.to_y,
            p.from_x, p.from_y, p.initiator, p.remote_address, p.local_address, p.length, p.value,
            p.ring_bytes, p.stream_cycles, p.issued, p.targets, p.data);
}

struct NocCounters {
    std::uint64_t packets = 0;
    std::uint64_t flits = 0;
    std::uint64_t data_bytes = 0;
    std::uint64_t hops = 0;
    std::uint64_t blocked_cycles = 0;  ///< heads waited for a link
};

template <class Archive>
void fields(Archive& archive, NocCounters& c) {
    archive(c.packets, c.flits, c.data_bytes, c.hops, c.blocked_cycles);
}

/// The two ends of a transfer, which the network does not know. Called once a packet, not a hop.
class NocEndpoints {
public:
    virtual ~NocEndpoints() = default;
    /// A write leaves: put the source's bytes into packet.data.
    virtual void capture(Packet& packet) = 0;
    /// The last flit of a packet that carries its source's bytes has left.
    virtual void departed(const Packet& packet, std::uint64_t cycle) = 0;
    /// A request has arrived: when may the answer leave? That of a read may while its bytes still
    /// come, for packet.stream_cycles.
    virtual std::uint64_t serve(Packet& packet, std::uint64_t cycle) = 0;
    /// The memory has served it: move the bytes (into packet.data, or out of it), do the atomic.
    virtual void perform(Packet& packet, std::uint64_t cycle) = 0;
    /// The answer is back with its initiator.
    virtual void finish(Packet& packet, std::uint64_t cycle) = 0;
};

class Noc {
public:
    /// Events of the network carry `component`.
    Noc(const NocTiming& timing, std::uint32_t component);

    /// Start a transfer at `cycle`: kind, noc, x, y, to, from, addresses, length and value are set.
    void send(EventQueue& queue, Packet&& packet, std::uint64_t cycle);

    /// Handle an event of the network; goes on with the same packet while its next step comes
    /// before `queue`'s next event and before `stop`.
    void handle(EventQueue& queue, const ScheduledEvent& event, NocEndpoints& endpoints,
                std::uint64_t stop);

    /// Forget all packets in flight; links are free at once.
    void clear();
    /// No observer of the order knows the packets that are in flight.
    void forget_order();

    const NocCounters& counters(std::uint32_t noc) const { return counters_[noc]; }
    /// Router-to-router distance on that network.
    std::uint32_t hops(std::uint32_t noc, std::uint16_t x, std::uint16_t y, std::uint16_t to_x,
                       std::uint16_t to_y) const;

    template <class Archive>
    friend void fields(Archive& archive, Noc& n) {
        archive(n.packets_, n.free_slots_, n.link_free_at_, n.counters_);
    }
    /// SnapshotError unless packets, slots and the events that name them fit together.
    void check(const EventQueue& queue) const;
    const std::vector<Packet>& packets() const { return packets_; }

private:
    enum class Link : std::uint32_t { column, row, inject, eject };
    std::uint64_t reserve(const Packet& packet, Link link, std::uint64_t cycle);
    std::uint32_t flits(const Packet& packet) const;
    std::uint32_t cycles_on_a_link(const Packet& packet) const;
    void split(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle);
    bool along_row(const Packet& packet, NocNode target) const;
    std::uint32_t take_slot();
    std::uint64_t depart(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle);
    void schedule(EventQueue& queue, std::uint32_t slot, std::uint64_t cycle);

    NocTiming timing_;
    std::uint32_t component_;
    std::vector<Packet> packets_;
    std::vector<std::uint32_t> free_slots_;
    std::vector<std::uint64_t> link_free_at_;  // by noc, router and Link
    std::array<NocCounters, 2> counters_{};
};

}  // namespace tilewright
