// Copies between buffers in queues: what arrives, by which engines, how long it takes.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <tuple>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

using Bytes = std::vector<std::byte>;

Bytes random_bytes(std::uint64_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    Bytes bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
}

Bytes contents(const Buffer& buffer) {
    Bytes bytes(buffer.bytes());
    buffer.read(bytes);
    return bytes;
}

std::uint64_t at(const Event& event) {
    return count(event.cycle().value());
}

std::uint64_t sum_of(const Device& device, const std::string& name) {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < device.config().dma_engine_count; ++i) {
        sum += device.counters().at("dma" + std::to_string(i) + "." + name);
    }
    return sum;
}

ChipConfig four_banks() {
    ChipConfig config = preset("kpu");
    config.dram_bank_count = 4;
    config.dram_bank_bytes = 64 << 20;
    return config;
}

// Cycles of one copy, alone.
std::uint64_t cycles_of_copy(Device& device, const Buffer& to, const Buffer& from) {
    Queue queue = device.queue();
    const Event start = queue.record();
    queue.copy(to, from);
    const Event end = queue.record();
    queue.finish();
    return at(end) - at(start);
}

TEST(Copies, ArriveFromAnyPlacementInAnyOtherAndChangeNothingElse) {
    Device device(four_banks());
    const std::array placements = {
        Placement::in_bank(0),
        Placement::in_bank(3),
        Placement::interleaved(1024),
        Placement::interleaved(4096),
        Placement::interleaved(192),
        Placement::in_l1({0, 0}),
        Placement::in_all_l1(256),
        Placement::in_memory(MemoryKind::host, 0),
        Placement::in_memory(MemoryKind::l3, 2),
        Placement::in_memory(MemoryKind::scratchpad, 1),
    };
    std::mt19937 random(7);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    for (std::uint32_t round = 0; round < 150; ++round) {
        const Buffer from = device.allocate(1 + below(30000), placements[below(placements.size())]);
        const Buffer to = device.allocate(1 + below(30000), placements[below(placements.size())]);
        const Bytes source = random_bytes(from.bytes(), round);
        Bytes expected = random_bytes(to.bytes(), round + 1000);
        from.write(source);
        to.write(expected);
        const std::uint64_t from_at = below(from.bytes()), to_at = below(to.bytes());
        const std::uint64_t most = std::min(from.bytes() - from_at, to.bytes() - to_at);
        const std::uint64_t n = below(most + 1);
        Queue queue = device.queue();
        queue.copy(to, from, n, to_at, from_at);
        queue.finish();
        if (n != 0) std::memcpy(&expected[to_at], &source[from_at], n);
        ASSERT_EQ(contents(to), expected) << from.describe() << " to " << to.describe();
        ASSERT_EQ(contents(from), source);
    }
}

TEST(Copies, WithinABufferGoPageByPage) {
    Device device(four_banks());
    const Buffer buffer = device.allocate(40000, Placement::interleaved(512));
    Bytes expected = random_bytes(40000, 1);
    buffer.write(expected);
    Queue queue = device.queue();
    queue.copy(buffer, buffer, 17000, 20001, 300);
    queue.finish();
    std::memcpy(&expected[20001], &expected[300], 17000);
    EXPECT_EQ(contents(buffer), expected);
}

TEST(Copies, TakeOneTransferForEachPairOfMemories) {
    struct Case {
        Placement from, to;
        std::uint64_t transfers;
    };
    const Placement pages = Placement::interleaved(2048), one = Placement::in_bank(1);
    const std::array cases = {
        Case{one, Placement::in_bank(2), 1},
        Case{pages, pages, 4},
        Case{pages, one, 4},
        Case{one, pages, 4},
        Case{pages, Placement::in_memory(MemoryKind::l3, 0), 4},
        // Pages 2k and 2k + 1 come to the bank of page k: two banks for each of four.
        Case{pages, Placement::interleaved(4096), 8},
    };
    for (const Case& c : cases) {
        Device device(four_banks());
        const Buffer from = device.allocate(128 * 1024, c.from);
        const Buffer to = device.allocate(128 * 1024, c.to);
        const Bytes bytes = random_bytes(from.bytes(), 3);
        from.write(bytes);
        cycles_of_copy(device, to, from);
        EXPECT_EQ(contents(to), bytes);
        EXPECT_EQ(sum_of(device, "commands"), c.transfers) << c.transfers;
        EXPECT_EQ(sum_of(device, "bytes"), bytes.size());
    }
}

TEST(Copies, TakeTheTimeOfTheirTransfers) {
    Device device(four_banks());
    const ChipConfig& c = device.config();
    const auto transfer = [&](std::uint64_t n) {  // set-up, DRAM once, the width of the engine
        return c.dma_setup_cycles + c.dram_row_hit_cycles + (n + 63) / 64;
    };
    const std::uint64_t n = 40000;
    const Buffer a = device.allocate(n, Placement::in_bank(0));
    const Buffer b = device.allocate(n, Placement::in_bank(1));
    EXPECT_EQ(cycles_of_copy(device, b, a), transfer(n));
    // Two engines, two of four banks each, one after another.
    const Buffer p = device.allocate(64 * 1024), q = device.allocate(64 * 1024);
    EXPECT_EQ(cycles_of_copy(device, q, p), 2 * transfer(16 * 1024));
}

TEST(Copies, WithoutEnginesTheBytesCrossTheHostLinkTwice) {
    Device device("tiny");
    const ChipConfig& c = device.config();
    ASSERT_EQ(c.dma_engine_count, 0u);
    const std::uint64_t n = 5000;
    const std::uint64_t crossing =
        c.host_latency_cycles + (n + c.host_bytes_per_cycle - 1) / c.host_bytes_per_cycle;
    const Buffer from = device.allocate(n);
    const Buffer to = device.allocate(n, Placement::in_l1({1, 1}));
    const Bytes bytes = random_bytes(n, 5);
    from.write(bytes);
    EXPECT_EQ(cycles_of_copy(device, to, from), 2 * crossing);
    EXPECT_EQ(contents(to), bytes);

    Bytes memory(n);
    const Buffer pinned = device.pin(memory);
    EXPECT_EQ(cycles_of_copy(device, pinned, to), crossing);
    EXPECT_EQ(memory, bytes);
    for (std::byte& byte : memory) byte ^= std::byte{0xFF};
    EXPECT_EQ(cycles_of_copy(device, from, pinned), crossing);
    EXPECT_EQ(contents(from), memory);
    Queue queue = device.queue();
    EXPECT_NE(message_of<ArgumentError>([&] { queue.copy(pinned, pinned); }).find("of the host"),
              std::string::npos);
}

TEST(Copies, KeepTheOrderOfTheirQueueAndOverlapOthers) {
    Device device(four_banks());
    const std::uint64_t n = 64000;
    std::array<Buffer, 4> in_bank;
    for (std::uint32_t b = 0; b < 4; ++b) in_bank[b] = device.allocate(n, Placement::in_bank(b));
    Queue first = device.queue(), second = device.queue();
    const Bytes bytes = random_bytes(n, 9);
    Bytes result(n);
    first.write(in_bank[0], bytes);
    const Event written = first.record();
    first.copy(in_bank[1], in_bank[0]);
    const Event copied = first.record();
    second.wait(written);
    second.copy(in_bank[3], in_bank[2]);
    const Event other = second.record();
    first.read(in_bank[1], result);
    first.finish();
    second.finish();
    EXPECT_EQ(result, bytes);
    EXPECT_EQ(at(copied) - at(written), 29u + 100 + n / 64);
    EXPECT_EQ(at(other), at(copied));  // by another engine, between other banks
}

TEST(Copies, GoOnBesideAProduct) {
    Device device(four_banks());
    constexpr std::uint32_t side = 64, n = 4 * side * side;
    const std::vector<float> ones(side * side, 1);
    std::array<Buffer, 3> matrices;
    for (Buffer& matrix : matrices) {
        matrix = device.allocate(n, Placement::in_bank(0));
        matrix.write(std::as_bytes(std::span(ones)));
    }
    const Buffer from = device.allocate(300000), to = device.allocate(300000);
    const Bytes bytes = random_bytes(300000, 21);
    from.write(bytes);
    Queue queue = device.queue();
    queue.copy(to, from);
    device.matmul(matrices[0], matrices[1], matrices[2], {side, side, side}, {});
    queue.finish();
    EXPECT_EQ(contents(to), bytes);
    std::vector<float> product(side * side);
    matrices[2].read(std::as_writable_bytes(std::span(product)));
    EXPECT_EQ(product, std::vector<float>(side * side, side));
}

TEST(Copies, ASnapshotAtAnyCycleContinuesEqual) {
    for (const char* chip : {"kpu", "tiny"}) {
        const auto fill = [](Device& device) {
            const Buffer a = device.allocate(20000);
            const Buffer b = device.allocate(20000, Placement::in_bank(1));
            Queue queue = device.queue(), other = device.queue();
            queue.write(a, random_bytes(20000, 11));
            queue.copy(b, a);
            other.wait(queue.record());
            other.copy(a, b, 4000, 8000, 100);
            return std::pair(a, b);
        };
        const auto finish = [](Device& device) {
            for (Queue& queue : device.queues()) queue.finish();
            Bytes all;
            for (const Buffer& buffer : device.buffers()) {
                const Bytes bytes = contents(buffer);
                all.insert(all.end(), bytes.begin(), bytes.end());
            }
            Counters counters = device.counters();
            counters.erase("simulator.events");
            return std::tuple(device.cycle(), all, counters);
        };
        Device whole(chip);
        const auto kept = fill(whole);
        const auto expected = finish(whole);
        const std::uint64_t end = count(std::get<0>(expected));
        for (std::uint64_t cycle = 0; cycle <= end; cycle += end / 29) {
            Device here(chip), there(chip);
            const auto buffers = fill(here);
            here.advance_to(Cycle{cycle});
            there.restore(here.snapshot());
            EXPECT_EQ(finish(there), expected) << chip << " at " << cycle;
            EXPECT_EQ(finish(here), expected) << chip << " at " << cycle;
        }
    }
}

TEST(Copies, RefuseWhatDoesNotGoTogether) {
    Device device("kpu"), other("kpu");
    const Buffer a = device.allocate(4096), b = device.allocate(4000);
    Queue queue = device.queue();
    const auto refused = [&](const char* part, auto&& call) {
        const std::string message = message_of<Error>(call);
        EXPECT_NE(message.find(part), std::string::npos) << message;
        EXPECT_TRUE(queue.empty());
    };
    refused("the destination has 4000 bytes, the source 4096", [&] { queue.copy(b, a); });
    refused("do not fit", [&] { queue.copy(b, a, 4096); });
    refused("do not fit", [&] { queue.copy(b, a, 10, 3991); });
    refused("do not fit", [&] { queue.copy(b, a, 10, 0, ~0ull); });
    refused("another device", [&] { queue.copy(other.allocate(4096), a); });
    refused("overlap", [&] { queue.copy(a, a); });
    refused("overlap", [&] { queue.copy(a, a, 10, 5, 0); });
    Buffer gone = device.allocate(4096);
    gone.free();
    refused("freed", [&] { queue.copy(a, gone); });
}

}  // namespace
}  // namespace tilewright
