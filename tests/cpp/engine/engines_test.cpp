// Engines that move data: closed forms, contention, what is read and published when.
#include "tilewright/engine/engines.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <numeric>
#include <random>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/tile/order.hpp"

namespace tilewright {
namespace {

constexpr EngineId dma(std::uint32_t index) {
    return {EngineKind::dma, index};
}

std::vector<std::byte> pattern(std::size_t bytes, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::vector<std::byte> data(bytes);
    for (std::byte& b : data) b = static_cast<std::byte>(random());
    return data;
}

/// A chip, and its memories by global address.
struct Machine {
    explicit Machine(const ChipConfig& config = preset("kpu"))
        : chip(config, {.l1_user_base = 0x2'0000}) {}

    GlobalAddress at(MemoryKind kind, std::uint32_t index, std::uint64_t offset = 0) const {
        return chip.map().address(kind, index, offset);
    }
    void write(GlobalAddress address, std::span<const std::byte> data) {
        chip.write(chip.map().resolve(address, data.size()), data);
    }
    std::vector<std::byte> read(GlobalAddress address, std::size_t bytes) const {
        std::vector<std::byte> data(bytes);
        chip.read(chip.map().resolve(address, bytes), data);
        return data;
    }
    void copy(std::uint32_t engine, GlobalAddress from, GlobalAddress to, std::uint64_t bytes,
              std::uint64_t completion = 0) {
        chip.submit(dma(engine),
                    {.work = DmaCopy{.source = from, .destination = to, .bytes = bytes},
                     .completion = completion});
    }
    /// Let everything happen; cycles that it took.
    std::uint64_t run() {
        const std::uint64_t start = chip.now();
        while (chip.run(~0ull, {}) != Chip::Outcome::ended) {
        }
        return chip.now() - start;
    }
    void run_until(std::uint64_t cycle) { chip.run(cycle, {}); }

    Chip chip;
};

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

TEST(Engines, ACopyAloneTakesWhatTheFormulaSays) {
    struct Case {
        MemoryKind from, to;
        std::uint64_t latency, rate;
    };
    constexpr auto host = MemoryKind::host, dram = MemoryKind::dram, l3 = MemoryKind::l3,
                   pad = MemoryKind::scratchpad;
    for (const Case& c :
         {Case{dram, pad, 100, 64}, Case{pad, dram, 100, 64}, Case{host, dram, 300, 50},
          Case{dram, host, 300, 50}, Case{host, pad, 200, 50}, Case{pad, host, 200, 50},
          Case{l3, pad, 0, 64}, Case{pad, l3, 0, 64}, Case{l3, l3, 0, 64}, Case{pad, pad, 0, 64},
          Case{dram, dram, 100, 64}, Case{host, host, 200, 50}, Case{host, l3, 200, 50},
          Case{l3, host, 200, 50}, Case{dram, l3, 100, 64}, Case{l3, dram, 100, 64}}) {
        Machine m;
        for (std::uint64_t bytes : {0, 1, 63, 64, 65, 1000, 1024, 1025, 4096, 30'001}) {
            const auto data = pattern(bytes, static_cast<unsigned>(bytes));
            const GlobalAddress from = m.at(c.from, 0);
            const GlobalAddress to = m.at(c.to, 0, 32'768);
            m.write(from, data);
            m.copy(0, from, to, bytes);
            EXPECT_EQ(m.run(), 29 + c.latency + ceil_div(bytes, c.rate))
                << memory_name(c.from) << " to " << memory_name(c.to) << ", " << bytes;
            EXPECT_EQ(m.read(to, bytes), data);
        }
    }
}

TEST(Engines, TheFirstScriptTakes145Cycles) {
    Machine m;
    EXPECT_EQ(value(m.at(MemoryKind::dram, 0)), 0x1'0000'0000u);
    EXPECT_EQ(value(m.at(MemoryKind::scratchpad, 0)), 0x1'8010'0000u);
    m.copy(0, m.at(MemoryKind::dram, 0), m.at(MemoryKind::scratchpad, 0), 1024);
    EXPECT_EQ(m.run(), 145u);
}

// The second command of an engine begins in an event, behind which the run may come to its end.
TEST(Engines, ARaceIsToldBeforeWhatElseTheRunCameTo) {
    Machine m;
    m.chip.set_checks({.races = true});
    const GlobalAddress from = m.at(MemoryKind::dram, 0);
    const GlobalAddress to = m.at(MemoryKind::scratchpad, 0);
    m.copy(0, from, to, 64 * 1024);
    m.copy(1, from, m.at(MemoryKind::scratchpad, 1), 64);
    m.copy(1, m.at(MemoryKind::dram, 1), to, 64);
    for (std::uint64_t stop = 1; stop < 1000; ++stop) {
        const Chip::Outcome outcome = m.chip.run(stop, {});
        if (m.chip.race() != nullptr) {
            EXPECT_EQ(outcome, Chip::Outcome::faulted);
            return;
        }
        ASSERT_EQ(outcome, Chip::Outcome::reached);
    }
    FAIL() << "no race";
}

TEST(Engines, RatesAreExactFractions) {
    std::mt19937 random(3);
    for (int round = 0; round < 40; ++round) {
        ChipConfig config = preset("kpu");
        const std::uint64_t gigabytes = 1 + random() % 200;
        const std::uint64_t mhz = 300 + random() % 2000;
        config.clock_mhz = static_cast<double>(mhz);
        config.dram_bytes_per_cycle =
            static_cast<double>(gigabytes * 1000) / static_cast<double>(mhz);
        config.dma_bytes_per_cycle = 1 + random() % 256;
        config.sram_bytes_per_cycle = 256;
        const std::uint64_t bytes = 1 + random() % 60'000;
        Machine m(config);
        m.copy(0, m.at(MemoryKind::dram, 0), m.at(MemoryKind::scratchpad, 0), bytes);
        // gigabytes * 1000 / mhz bytes a cycle, unless the engine is slower
        const std::uint64_t bank = ceil_div(bytes * mhz, gigabytes * 1000);
        const std::uint64_t engine = ceil_div(bytes, config.dma_bytes_per_cycle);
        EXPECT_EQ(m.run(), 129 + std::max(bank, engine)) << gigabytes << " GB/s, " << mhz << " MHz";
    }
}

TEST(Engines, TwoOnOneBankShareItsRateAndOnTwoBanksDoNot) {
    constexpr std::uint64_t bytes = 60'000;
    const auto both = [](std::uint32_t second_bank) {
        Machine m;
        m.copy(0, m.at(MemoryKind::dram, 0), m.at(MemoryKind::scratchpad, 0), bytes);
        m.copy(1, m.at(MemoryKind::dram, second_bank, 1 << 20), m.at(MemoryKind::scratchpad, 1),
               bytes);
        return m.run();
    };
    EXPECT_EQ(both(1), 129 + ceil_div(bytes, 64));
    // 100 bytes a cycle for both together: no sooner, and later by no more than a burst.
    const std::uint64_t shared = both(0);
    EXPECT_GE(shared, 129 + 2 * bytes / 100);
    EXPECT_LE(shared, 129 + 2 * bytes / 100 + 1024 / 64 + 2);
}

TEST(Engines, BytesAreReadWhenTheirBurstStartsAndPublishedWhenItLands) {
    Machine m;
    const GlobalAddress from = m.at(MemoryKind::dram, 0);
    const GlobalAddress to = m.at(MemoryKind::scratchpad, 0);
    const auto before = pattern(8192, 1);
    const auto after = pattern(8192, 2);
    m.write(from, before);
    m.copy(0, from, to, 8192);
    // Bursts of 1024 start at 29 + 16 k: those that start before 29 + 50 are 0 to 3.
    m.run_until(29 + 50);
    m.write(from, after);
    // Burst k lands at 29 + 100 + 16 (k + 1).
    m.run_until(29 + 100 + 16 + 1);
    EXPECT_TRUE(std::ranges::equal(m.read(to, 1024), std::span(before).first(1024)));
    EXPECT_EQ(m.read(to + 1024, 1024), std::vector<std::byte>(1024));
    m.run();
    const auto arrived = m.read(to, 8192);
    EXPECT_TRUE(std::equal(arrived.begin(), arrived.begin() + 4096, before.begin()));
    EXPECT_TRUE(std::equal(arrived.begin() + 4096, arrived.end(), after.begin() + 4096));
}

TEST(Engines, OverlappingCopiesMoveLikeMemmove) {
    for (const std::int64_t shift : {-5000, -700, -1, 1, 3, 1024, 5000}) {
        Machine m;
        const auto data = pattern(20'000);
        const GlobalAddress base = m.at(MemoryKind::l3, 1);
        m.write(base, data);
        auto expected = data;
        const std::size_t from = 6000, count = 8000;
        const auto to = static_cast<std::size_t>(static_cast<std::int64_t>(from) + shift);
        std::memmove(expected.data() + to, expected.data() + from, count);
        m.copy(0, base + from, base + to, count);
        m.run();
        EXPECT_EQ(m.read(base, data.size()), expected) << shift;
    }
}

TEST(Engines, RowsAreCopiedByTheirStrides) {
    Machine m;
    const auto data = pattern(10'000);
    m.write(m.at(MemoryKind::dram, 0), data);
    m.chip.submit(dma(1), {.work = DmaCopy{.source = m.at(MemoryKind::dram, 0, 7),
                                           .destination = m.at(MemoryKind::l2, 3, 100),
                                           .bytes = 33,
                                           .rows = 50,
                                           .source_stride = 170,
                                           .destination_stride = 40}});
    EXPECT_EQ(m.run(), 129 + ceil_div(33 * 50, 64));
    std::vector<std::byte> expected(50 * 40);
    for (std::size_t r = 0; r < 50; ++r) {
        std::memcpy(expected.data() + 40 * r, data.data() + 7 + 170 * r, 33);
    }
    EXPECT_EQ(m.read(m.at(MemoryKind::l2, 3, 100), expected.size()), expected);
}

TEST(Engines, BlockMoversTransform) {
    constexpr std::uint32_t height = 37, width = 21;
    std::vector<std::uint32_t> source(height * width);
    std::iota(source.begin(), source.end(), 1);
    const auto moved = [&](BlockMove move, std::size_t count) {
        Machine m;
        move.source = m.at(MemoryKind::l3, 2, 64);
        move.destination = m.at(MemoryKind::l2, 5, 128);
        move.height = height;
        move.width = width;
        m.write(move.source, std::as_bytes(std::span(source)));
        m.chip.submit({EngineKind::block_mover, 3}, {.work = move});
        EXPECT_EQ(m.run(), 4 + ceil_div(height * width * 4, 64));
        const auto bytes = m.read(move.destination, count * 4);
        std::vector<std::uint32_t> words(count);
        std::memcpy(words.data(), bytes.data(), bytes.size());
        return words;
    };
    EXPECT_EQ(moved({}, source.size()), source);
    EXPECT_EQ(moved({.transform = Transform::reshape}, source.size()), source);

    const auto transposed = moved({.transform = Transform::transpose}, source.size());
    const auto shuffled = moved({.transform = Transform::shuffle}, source.size());
    const auto strided = moved({.destination_stride = 100}, 25 * height);
    const auto reshaped = moved(
        {.transform = Transform::reshape, .reshaped_width = 7, .destination_stride = 64}, 16 * 111);
    for (std::uint32_t r = 0; r < height; ++r) {
        for (std::uint32_t c = 0; c < width; ++c) {
            const std::uint32_t element = source[r * width + c];
            EXPECT_EQ(transposed[c * height + r], element);
            EXPECT_EQ(strided[r * 25 + c], element);
            EXPECT_EQ(reshaped[(r * width + c) / 7 * 16 + (r * width + c) % 7], element);
            const std::uint32_t half = (width + 1) / 2;
            EXPECT_EQ(shuffled[r * width + (c < half ? 2 * c : 2 * (c - half) + 1)], element);
        }
    }
}

TEST(Engines, StreamersGoByRowsOrColumnsAndBack) {
    constexpr std::uint32_t height = 20, width = 35;
    std::vector<std::uint16_t> source(height * width);
    std::iota(source.begin(), source.end(), 1);
    for (const auto order : {StreamMove::Order::rows, StreamMove::Order::columns}) {
        Machine m;
        StreamMove s{.l2 = m.at(MemoryKind::l2, 0),
                     .l1 = m.at(MemoryKind::l1_buffer, 1),
                     .height = height,
                     .width = width,
                     .element_bytes = 2,
                     .order = order};
        m.write(s.l2, std::as_bytes(std::span(source)));
        m.chip.submit({EngineKind::streamer, 7}, {.work = s});
        // 16 x 16: a row of 35 enters in 3 cycles, a column of 20 in 2.
        EXPECT_EQ(m.run(), order == StreamMove::Order::rows ? 1 + 3 * height : 1 + 2 * width);
        const auto bytes = m.read(s.l1, source.size() * 2);
        std::vector<std::uint16_t> arrived(source.size());
        std::memcpy(arrived.data(), bytes.data(), bytes.size());
        for (std::uint32_t r = 0; r < height; ++r) {
            for (std::uint32_t c = 0; c < width; ++c) {
                const bool rows = order == StreamMove::Order::rows;
                EXPECT_EQ(arrived[rows ? r * width + c : c * height + r], source[r * width + c]);
            }
        }
        s.direction = StreamMove::Direction::from_array;
        s.l2 = m.at(MemoryKind::l2, 1);
        m.chip.submit({EngineKind::streamer, 0}, {.work = s});
        m.run();
        EXPECT_EQ(m.read(s.l2, source.size() * 2),
                  m.read(m.at(MemoryKind::l2, 0), source.size() * 2));
    }
}

TEST(Engines, CommandsOfAnEngineFollowEachOtherAndFlagsHoldThemUp) {
    Machine m;
    const GlobalAddress from = m.at(MemoryKind::dram, 0);
    const GlobalAddress pad = m.at(MemoryKind::scratchpad, 0);
    const GlobalAddress l3 = m.at(MemoryKind::l3, 0);
    // Engine 1 carries on what engine 0 brings, piece by piece: the pieces overlap.
    constexpr std::uint32_t pieces = 8, bytes = 4096;
    const auto data = pattern(pieces * bytes);
    m.write(from, data);
    for (std::uint32_t i = 0; i < pieces; ++i) {
        m.chip.submit(dma(1), {.work = DmaCopy{.source = pad + bytes * i,
                                               .destination = l3 + bytes * i,
                                               .bytes = bytes},
                               .wait_flag = 5,
                               .wait_value = i + 1});
    }
    EXPECT_EQ(m.chip.engines().engine(dma(1)).phase, Engine::Phase::waiting);
    for (std::uint32_t i = 0; i < pieces; ++i) {
        m.chip.submit(dma(0), {.work = DmaCopy{.source = from + bytes * i,
                                               .destination = pad + bytes * i,
                                               .bytes = bytes},
                               .done_flag = 5});
    }
    EXPECT_EQ(m.run(), pieces * (129 + bytes / 64) + 29 + bytes / 64);
    EXPECT_EQ(m.read(l3, data.size()), data);
    EXPECT_EQ(m.chip.engines().flag(5), pieces);
    const EngineCounters& second = m.chip.engines().engine(dma(1)).counters;
    EXPECT_EQ(second.commands, pieces);
    EXPECT_EQ(second.bytes, data.size());
    EXPECT_EQ(second.busy_cycles, pieces * (29 + bytes / 64));
    EXPECT_EQ(second.waiting_cycles,
              pieces * (129 + bytes / 64) - (pieces - 1) * (29 + bytes / 64));
    EXPECT_EQ(second.stalled_cycles, 0u);
}

TEST(Engines, AFlagThatNobodySetsIsADeadlockUnlessItIsTheHosts) {
    for (const bool host : {false, true}) {
        Machine m;
        if (host) m.chip.make_host_flag(9);
        m.chip.submit(dma(1), {.work = DmaCopy{.source = m.at(MemoryKind::l3, 0),
                                               .destination = m.at(MemoryKind::l3, 1),
                                               .bytes = 64},
                               .wait_flag = 9,
                               .wait_value = 3});
        if (!host) {
            EXPECT_EQ(m.chip.run(~0ull, {}), Chip::Outcome::deadlocked);
            const std::string text = m.chip.engines().describe();
            EXPECT_NE(text.find("DMA engine 1 waits for flag 9 to be at least 3 (it is 0)"),
                      std::string::npos)
                << text;
            EXPECT_NE(text.find("copy of 64 bytes"), std::string::npos);
            m.chip.abort();
            EXPECT_EQ(m.chip.engines().busy(), 0u);
            continue;
        }
        EXPECT_EQ(m.chip.run(~0ull, {}), Chip::Outcome::idle);
        m.chip.add_to_flag(9, 2);
        EXPECT_EQ(m.chip.run(~0ull, {}), Chip::Outcome::idle);
        m.chip.set_flag(9, 3);
        EXPECT_EQ(m.run(), 29u + 1);
    }
}

TEST(Engines, WhatDoesNotExistOrFitIsRefusedByName) {
    Machine m;
    const GlobalAddress l3 = m.at(MemoryKind::l3, 0);
    const GlobalAddress pad = m.at(MemoryKind::scratchpad, 1);
    const auto refused = [&](EngineId engine, const EngineCommand& command) {
        try {
            m.chip.submit(engine, command);
        } catch (const Error& error) {
            EXPECT_EQ(m.chip.engines().busy(), 0u);
            return std::string(error.what());
        }
        ADD_FAILURE();
        return std::string();
    };
    const auto copy = [&](GlobalAddress from, GlobalAddress to, std::uint64_t bytes) {
        return refused(dma(0),
                       {.work = DmaCopy{.source = from, .destination = to, .bytes = bytes}});
    };
    const auto has = [](const std::string& text, const char* part) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    };
    has(copy(l3, pad + 1, 65'536), "reach past the end of scratchpad 1");
    has(copy(l3 + 100, l3 + (131'072 - 10), 11), "reach past the end of L3 tile 0");
    has(copy(GlobalAddress{~0ull - 10}, pad, 100), "no memory is there");
    has(copy(l3, GlobalAddress{~0ull}, 1), "no memory is there");
    has(copy(l3, pad, ~0ull), "more bytes than any memory has");
    has(copy(l3, m.at(MemoryKind::tile_l1, 0), 4), "reserved L1");
    has(refused(dma(2), {.work = DmaCopy{}}), "no DMA engine 2; there are 2");
    has(refused({EngineKind::streamer, 0}, {.work = DmaCopy{}}), "streamer 0 cannot do this");
    has(refused(dma(0),
                {.work = DmaCopy{.source = l3, .destination = pad, .bytes = 1}, .done_flag = 1024}),
        "no flag 1024");
    has(refused(dma(0), {.work = DmaCopy{.source = l3,
                                         .destination = l3 + 10,
                                         .bytes = 8,
                                         .rows = 3,
                                         .source_stride = 16}}),
        "overlap");
    has(refused(
            dma(0),
            {.work =
                 DmaCopy{.source = l3, .destination = pad, .bytes = 1u << 20, .rows = 1ull << 44}}),
        "more bytes");
    has(refused({EngineKind::block_mover, 0},
                {.work = BlockMove{.source = m.at(MemoryKind::dram, 0),
                                   .destination = pad,
                                   .height = 1,
                                   .width = 1}}),
        "on the chip");
    has(refused({EngineKind::block_mover, 0},
                {.work = BlockMove{.source = l3, .destination = pad, .height = 0, .width = 1}}),
        "at least 1");
    has(refused({EngineKind::streamer, 0},
                {.work = StreamMove{.l2 = pad, .l1 = l3, .height = 1, .width = 1}}),
        "expected its other end in an L1 buffer");
}

// The bursts of a command land in their order. One that lands behind those after it would still be
// on its way when the command ends, and end the next one, too.
TEST(Engines, ASnapshotWithABurstThatLandsTooLateIsRefused) {
    Machine first;
    first.copy(0, first.at(MemoryKind::dram, 0), first.at(MemoryKind::scratchpad, 0), 7777);
    first.run_until(140);  // the first of its bursts is on its way
    ArchiveWriter archive;
    first.chip.save(archive);
    std::vector<std::byte> image = archive.take();

    // It begins with the cycle, who acts, and the events: their number, then each with its cycle.
    constexpr std::size_t first_event = 8 + 4 + 8;
    ScheduledEvent event;
    std::size_t at = first_event;
    for (;; at += 24) {
        ASSERT_LT(at + 24, image.size());
        ArchiveReader reader(std::span<const std::byte>(image).subspan(at));
        reader(event);
        if (event.component == engine_component && event.data == 2) break;  // engine 0 lands
    }
    const auto load = [&] {
        Machine second;
        ArchiveReader reader(image);
        second.chip.load(reader, [](auto, const auto&) {});
    };
    EXPECT_NO_THROW(load());
    event.cycle += 1000;
    std::memcpy(image.data() + at, &event.cycle, sizeof event.cycle);
    EXPECT_NE(message_of<SnapshotError>(load).find("lands too late"), std::string::npos);
}

TEST(Engines, AtAnyCycleASnapshotContinuesEqual) {
    const auto prepare = [](Machine& m) {
        m.write(m.at(MemoryKind::dram, 0), pattern(50'000));
        for (std::uint32_t i = 0; i < 4; ++i) {
            m.copy(i % 2, m.at(MemoryKind::dram, 0, 1000 * i), m.at(MemoryKind::scratchpad, i % 2),
                   7777);
        }
        m.chip.submit({EngineKind::block_mover, 0},
                      {.work = BlockMove{.source = m.at(MemoryKind::scratchpad, 0),
                                         .destination = m.at(MemoryKind::l2, 0),
                                         .height = 30,
                                         .width = 40,
                                         .transform = Transform::transpose},
                       .wait_flag = 3,
                       .wait_value = 1});
        m.chip.submit(dma(0), {.work = DmaCopy{.source = m.at(MemoryKind::l2, 0),
                                               .destination = m.at(MemoryKind::host, 0, 77),
                                               .bytes = 4800},
                               .done_flag = 3});
    };
    const auto bytes_of = [](const Machine& m) {
        ArchiveWriter archive;
        m.chip.save(archive);
        return archive.take();
    };
    Machine whole;
    prepare(whole);
    whole.run();
    for (std::uint64_t cycle = 0; cycle < whole.chip.now(); cycle += 23) {
        Machine first;
        prepare(first);
        first.run_until(cycle);
        const auto image = bytes_of(first);
        Machine second;
        ArchiveReader reader(image);
        second.chip.load(reader, [](std::span<const std::uint32_t>, const EngineState&) {});
        EXPECT_EQ(bytes_of(second), image);
        second.run();
        ASSERT_EQ(bytes_of(second), bytes_of(whole)) << cycle;
    }
}

TEST(Engines, EveryCounterIsListedOnceWithItsUnitAndWhatItCounts) {
    Machine m;
    m.copy(0, m.at(MemoryKind::l3, 0), m.at(MemoryKind::scratchpad, 0), 3000);
    m.run();
    std::map<std::string, std::uint64_t> counters;
    m.chip.engines().count([&](const std::string& name, std::string_view unit,
                               std::string_view text, std::uint64_t value) {
        EXPECT_TRUE(counters.emplace(name, value).second) << name << " twice";
        EXPECT_FALSE(unit.empty() || text.empty()) << name;
    });
    EXPECT_EQ(counters.at("dma0.commands"), 1u);
    EXPECT_EQ(counters.at("dma0.bytes"), 3000u);
    EXPECT_EQ(counters.at("l3_tile0.bytes_read"), 3000u);
    EXPECT_EQ(counters.at("scratchpad0.bytes_written"), 3000u);
    EXPECT_EQ(counters.at("systolic_array0.macs"), 0u);
    EXPECT_FALSE(counters.contains("dma0.macs"));
}

TEST(Engines, StateOfAnotherNumberOfArraysIsRefused) {
    const Machine m;
    EngineState state = m.chip.engines().state();
    EXPECT_NO_THROW(m.chip.engines().check_state(state, {}));
    state.arrays.emplace_back();
    EXPECT_THROW(m.chip.engines().check_state(state, {}), SnapshotError);
}

}  // namespace
}  // namespace tilewright
