// Memory of the host on the network, and buffers that lie in the L1s of all tiles.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

std::span<std::byte> bytes_of(std::vector<std::uint32_t>& words) {
    return std::as_writable_bytes(std::span(words));
}

// Copies `count` bytes of `from` through L1 to `to`.
Kernel copy_kernel() {
    return precompiled([] {
        return make_kernel("copy", "Buffer from, Buffer to, std::uint32_t count", R"(
        auto* words = l1<std::uint32_t>(l1_user_base);
        from.read(0, words, count);
        noc_async_read_barrier();
        to.write(0, words, count);
        noc_async_write_barrier();
    )");
    });
}

// Writes 4096 bytes and stores how long that took.
Kernel timed_write() {
    return precompiled([] {
        return make_kernel("timed_write", "Buffer to, std::uint32_t count, Buffer result", R"(
        auto* words = l1<std::uint32_t>(l1_user_base);
        const std::uint32_t start = cycles();
        to.write(0, words, count);
        noc_async_write_barrier();
        words[0] = cycles() - start;
        result.write(0, words, 4);
        noc_async_write_barrier();
    )");
    });
}

TEST(Pinned, KernelsReadAndWriteTheHostsMemoryInPlace) {
    Device device("tiny");
    std::vector<std::uint32_t> source(3000);
    std::vector<std::uint32_t> target(3000);
    std::iota(source.begin(), source.end(), 7u);
    const Buffer from = device.pin(bytes_of(source));
    const Buffer to = device.pin(bytes_of(target));
    device.run(copy_kernel(), {{{1, 1}, 0}}, {from, to, std::int64_t{12'000}});
    EXPECT_EQ(target, source);
    source[5] = 99;  // the next run sees what the host wrote, without a call in between
    device.run(copy_kernel(), {{{0, 0}, 4}}, {from, to, std::int64_t{12'000}});
    EXPECT_EQ(target, source);
}

// The host of `tiny` shares the router of bank 0, so all else is equal.
TEST(Pinned, CostsTheHostLinkInsteadOfTheBank) {
    Device device("tiny");
    const ChipConfig& config = device.config();
    std::vector<std::uint32_t> memory(4096 / 4);
    const Buffer host = device.pin(bytes_of(memory));
    const Buffer bank = device.allocate(4096, Placement::in_bank(0));
    const Buffer result = device.allocate(64, Placement::in_bank(1));
    const auto measure = [&](const Buffer& to) {
        device.run(timed_write(), {{{1, 0}, 0}}, {to, std::int64_t{2048}, result});
        std::uint32_t cycles = 0;
        result.read(std::as_writable_bytes(std::span(&cycles, 1)));
        return cycles;
    };
    const auto over = [](std::uint32_t rate) { return (2048 + rate - 1) / rate; };
    EXPECT_EQ(measure(host) - config.host_latency_cycles - over(config.host_bytes_per_cycle),
              measure(bank) - config.dram_row_miss_cycles - over(config.dram_bytes_per_cycle));
}

TEST(Pinned, GuestsReachNothingElseOfTheHost) {
    Device device("tiny");
    std::vector<std::uint32_t> memory(1024, 5u);
    std::vector<std::uint32_t> other(1024, 6u);
    Buffer pinned = device.pin(bytes_of(memory));
    const Kernel poke = precompiled([] {
        return make_kernel("poke", "std::uint32_t address, std::uint32_t count", R"(
        noc_async_write(l1<std::uint32_t>(l1_user_base),
                        {tilewright::abi::node(tilewright::abi::NodeSpace::host, 0, 0), address},
                        count);
        noc_async_write_barrier();
    )");
    });
    const auto address = static_cast<std::int64_t>(pinned.address());
    const auto refused = [&](std::int64_t at, std::int64_t count) {
        try {
            device.run(poke, {{{0, 0}, 0}}, {at, count});
        } catch (const KernelFault& fault) {
            return std::string(fault.what()).find("memory that the host has pinned") !=
                   std::string::npos;
        }
        return false;
    };
    EXPECT_TRUE(refused(address - 16, 16));
    EXPECT_TRUE(refused(address + 4096 - 16, 32));
    EXPECT_TRUE(refused(address + 4096, 16));
    EXPECT_TRUE(refused(0, 16));
    EXPECT_TRUE(refused(0xFFFF'FFF0, 16));
    EXPECT_TRUE(std::ranges::all_of(memory, [](std::uint32_t v) { return v == 5; }));
    EXPECT_FALSE(refused(address + 4096 - 16, 16));
    EXPECT_EQ(memory.back(), 0u);
    pinned.free();
    EXPECT_TRUE(refused(address, 16));
    EXPECT_TRUE(std::ranges::all_of(other, [](std::uint32_t v) { return v == 6; }));
}

TEST(Pinned, GivenBackTooSoonIsAFault) {
    Device device("tiny");
    std::vector<std::uint32_t> memory(1024);
    Buffer pinned = device.pin(bytes_of(memory));
    const Buffer bank = device.allocate(4096, Placement::in_bank(0));
    const Launch one{copy_kernel(), {{{1, 1}, 0}}, {bank, pinned, std::int64_t{4096}}};
    device.launch(std::span(&one, 1));
    device.advance_to(Cycle{1200});  // the read has landed, the write is on its way
    ASSERT_TRUE(device.busy());
    pinned.free();
    EXPECT_THROW(device.finish(), KernelFault);
    EXPECT_FALSE(device.busy());
}

TEST(Pinned, SnapshotsRefuseItByName) {
    Device device("tiny");
    std::vector<std::uint32_t> memory(1024);
    Buffer pinned = device.pin(bytes_of(memory));
    EXPECT_THROW(device.snapshot(), SnapshotError);
    pinned.free();
    EXPECT_NO_THROW(device.snapshot());
}

TEST(Pinned, NeedsAHostOnTheNetwork) {
    ChipConfig config = preset("tiny");
    config.host_router.reset();
    Device device(config);
    std::vector<std::uint32_t> memory(16);
    EXPECT_THROW(device.pin(bytes_of(memory)), UnsupportedError);
    Device tiny("tiny");
    EXPECT_THROW(tiny.pin({}), ArgumentError);
    config.host_router = Router{1, 0};
    EXPECT_THROW(config.check(), ConfigError);
    config.host_router = Router{9, 9};
    EXPECT_THROW(config.check(), ConfigError);
}

TEST(Pinned, KeepsItsOwnerUntilTheLastHandleGoes) {
    Device device("tiny");
    auto memory = std::make_shared<std::vector<std::uint32_t>>(16);
    const std::weak_ptr<std::vector<std::uint32_t>> watch = memory;
    Buffer pinned = device.pin(bytes_of(*memory), memory);
    const Buffer copy = pinned;
    memory.reset();
    pinned = Buffer{};
    EXPECT_FALSE(watch.expired());
    device.close();
    EXPECT_TRUE(watch.expired());
}

TEST(AllL1, PagesGoRoundTheTilesRowByRow) {
    Device device("tiny");
    std::vector<std::uint32_t> words(11 * 16);  // 11 pages of 64 bytes on four tiles
    std::iota(words.begin(), words.end(), 1u);
    Placement top = Placement::in_all_l1(64);
    top.from_top = true;  // out of the way of what the kernel uses
    const Buffer buffer = device.allocate(words.size() * 4, top);
    buffer.write(bytes_of(words));
    for (std::uint32_t page = 0; page < 11; ++page) {
        const TileId tile{static_cast<std::uint16_t>(page % 2),
                          static_cast<std::uint16_t>(page / 2 % 2)};
        std::uint32_t first = 0;
        device.read_l1(tile, static_cast<std::uint32_t>(buffer.address()) + page / 4 * 64,
                       std::as_writable_bytes(std::span(&first, 1)));
        EXPECT_EQ(first, words[page * 16]);
    }
    // Kernels find the same pages.
    const Buffer out = device.allocate(words.size() * 4);
    device.run(copy_kernel(), {{{1, 0}, 0}},
               {buffer, out, static_cast<std::int64_t>(words.size() * 4)});
    std::vector<std::uint32_t> seen(words.size());
    out.read(bytes_of(seen));
    EXPECT_EQ(seen, words);
}

TEST(AllL1, TakesTheSamePlaceInEveryTileFromEitherEnd) {
    Device device("tiny");
    const Buffer low = device.allocate(100, Placement::in_l1({1, 1}));
    const Buffer all = device.allocate(64 * 4, Placement::in_all_l1(64));
    EXPECT_GE(all.address(), low.address() + 100);
    Placement top = Placement::in_all_l1(64);
    top.from_top = true;
    const Buffer first = device.allocate(64 * 4, top);
    const Buffer second = device.allocate(64 * 5, top);
    EXPECT_EQ(first.address(), device.config().l1_bytes - 64);
    EXPECT_EQ(second.address(), first.address() - 128);
    EXPECT_THROW(device.allocate(64, Placement::in_all_l1(24)), ArgumentError);
    EXPECT_THROW(device.allocate(std::uint64_t{4} << 21, Placement::in_all_l1(64)),
                 OutOfMemoryError);
}

}  // namespace
}  // namespace tilewright
