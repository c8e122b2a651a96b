// The network alone, between endpoints that only note when they were called: latency and contention
// against closed forms.
#include "tilewright/noc/noc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

namespace tilewright {
namespace {

constexpr NocTiming timing{.columns = 17,
                           .rows = 12,
                           .flit_bytes = 64,
                           .inject_cycles = 5,
                           .hop_cycles = 9,
                           .eject_cycles = 5};

struct Endpoints final : NocEndpoints {
    std::vector<std::uint64_t> departures, served, performed, finished;
    void capture(Packet& packet) override { packet.data.resize(packet.length); }
    void departed(const Packet&, std::uint64_t cycle) override { departures.push_back(cycle); }
    std::uint64_t serve(Packet& packet, std::uint64_t cycle) override {
        served.push_back(cycle);
        packet.stream_cycles = stream_cycles;
        return cycle + memory_cycles;
    }
    void perform(Packet& packet, std::uint64_t cycle) override {
        if (packet.kind == Packet::Kind::read) packet.data.resize(packet.length);
        performed.push_back(cycle);
        orders.push_back(packet.order_number);
    }
    void finish(Packet&, std::uint64_t cycle) override { finished.push_back(cycle); }
    std::vector<std::uint64_t> orders;  // by which an observer knows what was performed
    std::uint64_t memory_cycles = 0;
    std::uint32_t stream_cycles = 0;
};

Packet packet(Packet::Kind kind, int noc, int x, int y, int to_x, int to_y, std::uint32_t length) {
    Packet p;
    p.kind = kind;
    p.noc = static_cast<std::uint8_t>(noc);
    p.x = p.from_x = static_cast<std::uint16_t>(x);
    p.y = p.from_y = static_cast<std::uint16_t>(y);
    p.to_x = static_cast<std::uint16_t>(to_x);
    p.to_y = static_cast<std::uint16_t>(to_y);
    p.length = length;
    return p;
}

struct Net {
    Noc noc{timing, 0};
    EventQueue queue;
    Endpoints ends;
    void run(std::uint64_t stop = ~0ull) {
        while (!queue.empty() && queue.top().cycle < stop) {
            const ScheduledEvent event = queue.pop();
            noc.handle(queue, event, ends, stop);
        }
    }
};

TEST(Noc, HopsGoRoundTheTorusInOppositeDirections) {
    const Noc noc(timing, 0);
    EXPECT_EQ(noc.hops(0, 1, 2, 4, 2), 3u);
    EXPECT_EQ(noc.hops(1, 1, 2, 4, 2), 14u);
    EXPECT_EQ(noc.hops(0, 4, 5, 1, 2), 14u + 9u);
    EXPECT_EQ(noc.hops(1, 4, 5, 1, 2), 3u + 3u);
    EXPECT_EQ(noc.hops(0, 7, 7, 7, 7), 0u);
}

TEST(Noc, WhatIsUnderWayWhenAnObserverGoesIsNotTakenForWhatTheNextOneKnows) {
    Net net;
    Packet known = packet(Packet::Kind::write, 0, 1, 3, 4, 3, 64);
    known.order_number = 1;
    net.noc.send(net.queue, Packet(known), 1000);
    net.run(1010);
    net.noc.forget_order();
    net.noc.send(net.queue, Packet(known), 1100);
    net.run();
    EXPECT_EQ(net.ends.orders, (std::vector<std::uint64_t>{0, 1}));
}

TEST(Noc, LatencyOfOnePacketIsTheClosedForm) {
    for (int kind = 0; kind < 2; ++kind) {
        for (std::uint32_t length : {1u, 64u, 65u, 4096u, 16384u}) {
            for (int n : {0, 1}) {
                for (int to_x : {0, 1, 9, 16}) {
                    for (int to_y : {0, 3, 11}) {
                        Net net;
                        net.ends.memory_cycles = 31;
                        const auto k = kind == 0 ? Packet::Kind::read : Packet::Kind::write;
                        net.noc.send(net.queue, packet(k, n, 1, 3, to_x, to_y, length), 1000);
                        net.run();
                        const auto x = static_cast<std::uint16_t>(to_x);
                        const auto y = static_cast<std::uint16_t>(to_y);
                        const std::uint64_t there = net.noc.hops(n, 1, 3, x, y);
                        const std::uint64_t back = net.noc.hops(n, x, y, 1, 3);
                        const std::uint64_t data = (length + 63) / 64;  // flits behind the header
                        const bool write = k == Packet::Kind::write;
                        const std::uint64_t served = 1000 + 5 + 9 * there + 5 + (write ? data : 0);
                        ASSERT_EQ(net.ends.served, std::vector{served});
                        const std::uint64_t done =
                            served + 31 + 5 + 9 * back + 5 + (write ? 0 : data);
                        ASSERT_EQ(net.ends.finished, std::vector{done});
                        if (write) {
                            ASSERT_EQ(net.ends.departures, std::vector{1000 + 1 + data});
                        }
                    }
                }
            }
        }
    }
}

TEST(Noc, AnAnswerWhoseBytesComeSlowlyHoldsItsLinksForThatLong) {
    // 4096 bytes are 65 flits; from a memory of 47 bytes a cycle they come in 88 cycles. Two tiles
    // read from (0, 2); the request of (2, 2) is there first, as it has a hop less.
    for (const std::uint32_t stream : {0u, 88u}) {
        Net net;
        net.ends.stream_cycles = stream;
        const std::uint64_t holds = std::max(stream, 65u);
        net.noc.send(net.queue, packet(Packet::Kind::read, 0, 1, 2, 0, 2, 4096), 0);
        net.noc.send(net.queue, packet(Packet::Kind::read, 0, 2, 2, 0, 2, 4096), 0);
        net.run();
        const std::uint64_t first = 5 + 9 * 15 + 5;
        EXPECT_EQ(net.ends.served, (std::vector<std::uint64_t>{first, first + 9}));
        EXPECT_EQ(net.ends.finished,
                  (std::vector<std::uint64_t>{first + 5 + 9 * 2 + 5 + holds - 1,
                                              first + holds + 5 + 9 + 5 + holds - 1}));
        EXPECT_EQ(net.noc.counters(0).blocked_cycles, holds - 9);
    }
}

TEST(Noc, PacketsOfOneSenderShareItsLinkAtOneFlitACycle) {
    Net net;
    for (int i = 0; i < 10; ++i) {
        net.noc.send(net.queue, packet(Packet::Kind::write, 0, 1, 2, 4, 2, 16384), 0);
    }
    net.run();
    ASSERT_EQ(net.ends.served.size(), 10u);
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(net.ends.served[i], 5 + 9 * 3 + 5 + 256 + i * 257) << i;
    }
}

TEST(Noc, PacketsThatShareALinkWaitForEachOther) {
    // Both go east through router (3, 2); the second arrives there while the first still passes.
    Net net;
    net.noc.send(net.queue, packet(Packet::Kind::write, 0, 2, 2, 6, 2, 640), 0);
    net.noc.send(net.queue, packet(Packet::Kind::write, 0, 3, 2, 6, 2, 640), 8);
    net.run();
    // First at router 3 at 5 + 9 = 14, takes 11 flits; second is there at 13 and goes first.
    const std::uint64_t second = 8 + 5 + 9 * 3 + 5 + 10;
    EXPECT_EQ(net.ends.served[0], second);
    // The first then waits until 13 + 11 = 24 for the link, and for each further one likewise.
    EXPECT_EQ(net.ends.served[1], 24 + 9 * 3 + 5 + 10);
    EXPECT_EQ(net.noc.counters(0).blocked_cycles, 10u);
}

TEST(Noc, TheTwoNetworksDoNotShareLinks) {
    Net alone;
    alone.noc.send(alone.queue, packet(Packet::Kind::read, 0, 1, 2, 4, 2, 4096), 0);
    alone.run();
    Net both;
    both.noc.send(both.queue, packet(Packet::Kind::read, 0, 1, 2, 4, 2, 4096), 0);
    both.noc.send(both.queue, packet(Packet::Kind::read, 1, 1, 2, 4, 2, 4096), 0);
    both.run();
    EXPECT_EQ(both.noc.counters(0).blocked_cycles + both.noc.counters(1).blocked_cycles, 0u);
    EXPECT_NE(
        std::find(both.ends.finished.begin(), both.ends.finished.end(), alone.ends.finished[0]),
        both.ends.finished.end());
}

TEST(Noc, StoppingAnywhereChangesNothing) {
    const auto traffic = [](Net& net) {
        for (int i = 0; i < 40; ++i) {
            net.noc.send(
                net.queue,
                packet(i % 3 == 0 ? Packet::Kind::read : Packet::Kind::write, i % 2, i % 17, i % 12,
                       (i * 7) % 17, (i * 5) % 12, static_cast<std::uint32_t>(1 + i * 397 % 16384)),
                0);
        }
    };
    Net through;
    traffic(through);
    through.run();
    Net cut;
    traffic(cut);
    for (std::uint64_t stop = 0; !cut.queue.empty(); stop += 7) cut.run(stop);
    EXPECT_EQ(through.ends.finished, cut.ends.finished);
    EXPECT_EQ(through.ends.performed, cut.ends.performed);
}

Packet multicast(int noc, int x, int y, const std::vector<NocNode>& targets, std::uint32_t length) {
    Packet p = packet(Packet::Kind::write, noc, x, y, targets[0].x, targets[0].y, length);
    p.targets = targets;
    return p;
}

std::vector<NocNode> rectangle(int x, int y, int end_x, int end_y) {
    std::vector<NocNode> targets;
    for (int at_y = y; at_y <= end_y; ++at_y) {
        for (int at_x = x; at_x <= end_x; ++at_x) {
            targets.push_back({static_cast<std::uint16_t>(at_x), static_cast<std::uint16_t>(at_y)});
        }
    }
    return targets;
}

// Alone on the network, each receiver is served as soon as a single transfer to it would be, and
// every link on the ways carries the packet once.
TEST(Noc, MulticastServesEachReceiverAtItsOwnHopTime) {
    for (const int n : {0, 1}) {
        for (const auto& targets : {rectangle(2, 3, 6, 8), rectangle(0, 0, 16, 11),
                                    rectangle(4, 5, 4, 5), rectangle(15, 1, 16, 2)}) {
            Net net;
            net.noc.send(net.queue, multicast(n, 4, 5, targets, 200), 1000);
            net.run();
            std::vector<std::uint64_t> served;
            std::set<std::array<int, 4>> links;  // from a router, in a row or a column
            for (const NocNode t : targets) {
                served.push_back(1000 + 5 + 9 * net.noc.hops(n, 4, 5, t.x, t.y) + 5 + 4);
                int x = 4;
                int y = 5;
                while (x != t.x || y != t.y) {
                    const bool row = n == 0 ? x != t.x : y == t.y;
                    links.insert({x, y, row});
                    int& at = row ? x : y;
                    const int size = row ? 17 : 12;
                    at = (at + (n == 0 ? 1 : size - 1)) % size;
                }
            }
            std::ranges::sort(served);
            EXPECT_EQ(net.ends.served, served);
            EXPECT_EQ(net.ends.finished.size(), targets.size());
            std::uint64_t answers = 0;
            for (const NocNode t : targets) answers += net.noc.hops(n, t.x, t.y, 4, 5);
            const auto network = static_cast<std::uint32_t>(n);
            EXPECT_EQ(net.noc.counters(network).hops, links.size() + answers);
            EXPECT_EQ(net.noc.counters(network).packets, 1 + targets.size());
            EXPECT_EQ(net.ends.departures, (std::vector<std::uint64_t>{1000 + 5}));
        }
    }
}

TEST(Noc, MulticastSavedOnItsWayGoesOnEqual) {
    Net whole;
    whole.noc.send(whole.queue, multicast(0, 1, 2, rectangle(3, 2, 9, 9), 4096), 0);
    whole.run();
    for (std::uint64_t cut = 1; cut < 200; cut += 13) {
        Net first;
        first.noc.send(first.queue, multicast(0, 1, 2, rectangle(3, 2, 9, 9), 4096), 0);
        first.run(cut);
        ArchiveWriter out;
        out(first.noc, first.queue);
        const std::vector<std::byte> bytes = out.take();
        Net second;
        ArchiveReader in(bytes);
        in(second.noc, second.queue);
        second.noc.check(second.queue);
        second.run();
        first.run();
        EXPECT_EQ(first.ends.finished, whole.ends.finished);
        EXPECT_EQ(second.noc.counters(0).hops, whole.noc.counters(0).hops);
        EXPECT_TRUE(second.ends.finished.empty() ||
                    second.ends.finished.back() == whole.ends.finished.back());
    }
}

}  // namespace
}  // namespace tilewright
