// The KPU's C++ interface as its users write it: addresses, commands and their cycles, limits.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "message_of.hpp"
#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/error.hpp"

namespace stillwater::kpu {
namespace {

using tilewright::AddressError;
using tilewright::message_of;
using Floats = std::vector<float>;

Floats counting(std::size_t count, float from = 1) {
    Floats values(count);
    std::iota(values.begin(), values.end(), from);
    return values;
}

Floats read(const KPUSimulator& sim, MemoryKind kind, Size id, Address at, std::size_t count) {
    Floats values(count);
    sim.read_memory(kind, id, at, values.data(), count * 4);
    return values;
}

SimulatorConfig starting_config() {
    SimulatorConfig config;
    config.memory_bank_capacity_mb = 64;
    config.scratchpad_capacity_kb = 256;
    config.dma_engine_count = 4;
    return config;
}

// --- The address map ----------------------------------------------------------------------------

TEST(KpuAddresses, BeginAtFixedWindows) {
    for (const std::int64_t megabytes : {64, 1024}) {
        SimulatorConfig config;
        config.memory_bank_capacity_mb = megabytes;
        KPUSimulator sim(config);
        EXPECT_EQ(sim.get_host_memory_region_base(0), 0u);
        EXPECT_EQ(sim.get_external_bank_base(0), 0x1'0000'0000u);
        EXPECT_EQ(sim.get_memory_bank_base(1), 0x1'0000'0000u + (Size(megabytes) << 20));
        EXPECT_EQ(sim.get_l3_tile_base(0), 0x1'8000'0000u);
        EXPECT_EQ(sim.get_l3_tile_base(3), 0x1'8006'0000u);
        EXPECT_EQ(sim.get_l2_bank_base(0), 0x1'8008'0000u);
        EXPECT_EQ(sim.get_l2_bank_base(7), 0x1'800F'0000u);
        EXPECT_EQ(sim.get_scratchpad_base(0), 0x1'8010'0000u);
        EXPECT_EQ(sim.get_scratchpad_base(1), 0x1'8011'0000u);
        EXPECT_EQ(sim.get_l1_buffer_base(0), 0x1'8020'0000u);
        EXPECT_EQ(sim.get_page_buffer_base(0), 0x1'8030'0000u);
    }
}

TEST(KpuAddresses, OfAWindowThatOverflowsMoveWhatFollows) {
    SimulatorConfig config;
    config.l3_tile_count = 8;  // 1 MiB in a window of 512 KiB
    config.l1_buffer_base = 0x5'0000'0000;
    KPUSimulator sim(config);
    EXPECT_EQ(sim.get_l3_tile_base(7), 0x1'800E'0000u);
    EXPECT_GE(sim.get_l2_bank_base(0), 0x1'8010'0000u);
    EXPECT_EQ(sim.get_l1_buffer_base(1), 0x5'0001'0000u);
    // The bases of the getters are those of the engines.
    const Floats values = counting(8);
    sim.write_l3_tile(7, 64, values.data(), 32);
    sim.start_dma_transfer(0, sim.get_l3_tile_base(7) + 64, sim.get_l1_buffer_base(3) + 32, 32);
    sim.run_until_idle();
    EXPECT_EQ(read(sim, MemoryKind::l1_buffer, 3, 32, 8), values);
}

// --- Transfers ----------------------------------------------------------------------------------

TEST(KpuDma, TheScriptThatEverybodyStartsWith) {
    KPUSimulator sim(starting_config());
    const Floats values = counting(256);
    sim.write_memory_bank(0, 0, values.data(), 1024);
    const Address source = sim.get_external_bank_base(0), destination = sim.get_scratchpad_base(0);
    EXPECT_EQ(source, 0x1'0000'0000u);
    EXPECT_EQ(destination, 0x1'8010'0000u);
    std::uint64_t done_at = 0;
    sim.dma_external_to_scratchpad(0, source, destination, 1024,
                                   [&] { done_at = sim.get_current_cycle(); });
    EXPECT_TRUE(sim.is_dma_busy(0));
    EXPECT_FALSE(sim.is_dma_busy(1));
    sim.run_until_idle();
    EXPECT_FALSE(sim.is_dma_busy(0));
    EXPECT_EQ(sim.get_current_cycle(), 145u);
    EXPECT_EQ(done_at, 145u);
    EXPECT_EQ(sim.get_elapsed_time_ms(), 145e-6);
    EXPECT_EQ(read(sim, MemoryKind::scratchpad, 0, 0, 256), values);
}

TEST(KpuDma, StepByStepNothingArrivesBeforeItsCycle) {
    KPUSimulator sim(starting_config());
    const Floats values = counting(256);
    sim.write_memory_bank(0, 0, values.data(), 1024);
    sim.dma_external_to_scratchpad(3, sim.get_external_bank_base(0), sim.get_scratchpad_base(1),
                                   1024);
    for (std::uint64_t cycle = 1; cycle < 145; ++cycle) {
        sim.step();
        ASSERT_EQ(sim.get_current_cycle(), cycle);
        ASSERT_TRUE(sim.is_dma_busy(3));
    }
    EXPECT_EQ(read(sim, MemoryKind::scratchpad, 1, 0, 256), Floats(256));
    sim.step();
    EXPECT_FALSE(sim.is_dma_busy(3));
    EXPECT_EQ(read(sim, MemoryKind::scratchpad, 1, 0, 256), values);
}

TEST(KpuDma, EveryPairingMovesItsBytesInItsCycles) {
    using Method = void (KPUSimulator::*)(Size, Address, Address, Size, KPUSimulator::Callback);
    using Kpu = KPUSimulator;
    struct Pairing {
        Method method;
        MemoryKind from, to;
    };
    constexpr auto host = MemoryKind::host, external = MemoryKind::dram, l3 = MemoryKind::l3,
                   pad = MemoryKind::scratchpad;
    const std::array pairings = {
        Pairing{&Kpu::dma_host_to_host, host, host},
        Pairing{&Kpu::dma_host_to_external, host, external},
        Pairing{&Kpu::dma_host_to_l3, host, l3},
        Pairing{&Kpu::dma_host_to_scratchpad, host, pad},
        Pairing{&Kpu::dma_external_to_host, external, host},
        Pairing{&Kpu::dma_external_to_external, external, external},
        Pairing{&Kpu::dma_external_to_l3, external, l3},
        Pairing{&Kpu::dma_external_to_scratchpad, external, pad},
        Pairing{&Kpu::dma_l3_to_host, l3, host},
        Pairing{&Kpu::dma_l3_to_external, l3, external},
        Pairing{&Kpu::dma_l3_to_l3, l3, l3},
        Pairing{&Kpu::dma_l3_to_scratchpad, l3, pad},
        Pairing{&Kpu::dma_scratchpad_to_host, pad, host},
        Pairing{&Kpu::dma_scratchpad_to_external, pad, external},
        Pairing{&Kpu::dma_scratchpad_to_l3, pad, l3},
        Pairing{&Kpu::dma_scratchpad_to_scratchpad, pad, pad},
    };
    for (const Pairing& p : pairings) {
        for (const Size bytes : {Size{0}, Size{4}, Size{1000}, Size{16384}}) {
            KPUSimulator sim;
            const Floats values = counting(bytes / 4);
            sim.write_memory(p.from, 0, 128, values.data(), bytes);
            (sim.*p.method)(1, sim.memory_base(p.from, 0) + 128, sim.memory_base(p.to, 0) + 40000,
                            bytes, {});
            sim.run_until_idle();
            EXPECT_EQ(read(sim, p.to, 0, 40000, bytes / 4), values);
            const bool with_host = p.from == host || p.to == host;
            const bool with_external = p.from == external || p.to == external;
            const Size rate = with_host ? 50 : 64;
            EXPECT_EQ(
                sim.get_current_cycle(),
                29 + (with_host ? 200 : 0) + (with_external ? 100 : 0) + (bytes + rate - 1) / rate)
                << user_name(p.from) << " to " << user_name(p.to) << ", " << bytes;
            // The other kind of address is refused by the names of both.
            const MemoryKind wrong = p.to == pad ? l3 : pad;
            const std::string message = message_of<AddressError>([&] {
                (sim.*p.method)(1, sim.memory_base(p.from, 0), sim.memory_base(wrong, 0), 4, {});
            });
            EXPECT_NE(message.find(user_name(p.to)), std::string::npos) << message;
            EXPECT_NE(message.find(user_name(wrong)), std::string::npos) << message;
        }
    }
}

TEST(KpuDma, OneEngineQueuesAndTwoShareABank) {
    KPUSimulator sim;
    const Address bank = sim.get_external_bank_base(0), pad = sim.get_scratchpad_base(0);
    std::vector<int> order;
    for (int i = 0; i < 3; ++i) {
        sim.dma_external_to_scratchpad(0, bank, pad, 6400, [&order, i] { order.push_back(i); });
    }
    sim.run_until_idle();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(sim.get_current_cycle(), 3u * (129 + 100));
    sim.reset();
    for (Size engine : {0, 1}) {
        sim.dma_external_to_l3(engine, bank, sim.get_l3_tile_base(engine), 64000);
    }
    sim.run_until_idle();
    // 128,000 bytes at the 100 a cycle of one bank.
    EXPECT_GE(sim.get_current_cycle(), 129u + 1280);
    EXPECT_LE(sim.get_current_cycle(), 129u + 1280 + 16);
}

TEST(KpuDma, ACallbackThatThrowsReachesTheCallerAndTheRestGoesOn) {
    KPUSimulator sim;
    const Address bank = sim.get_external_bank_base(0), pad = sim.get_scratchpad_base(0);
    bool second = false;
    sim.dma_external_to_scratchpad(0, bank, pad, 64, [] { throw std::runtime_error("mine"); });
    sim.dma_external_to_scratchpad(1, bank, pad + 64, 64000 / 2, [&] { second = true; });
    EXPECT_EQ(message_of<std::runtime_error>([&] { sim.run_until_idle(); }), "mine");
    EXPECT_FALSE(sim.is_dma_busy(0));
    EXPECT_TRUE(sim.is_dma_busy(1));
    sim.run_until_idle();
    EXPECT_TRUE(second);
}

// --- Movers, streamers, tiles -------------------------------------------------------------------

TEST(KpuMovers, DoToMatricesWhatTheySay) {
    constexpr Size height = 6, width = 10;
    const Floats matrix = counting(height * width);
    const auto at = [&](Size row, Size column) { return matrix[row * width + column]; };
    const auto moved = [&](Transform transform) {
        KPUSimulator sim;
        sim.write_l3_tile(1, 256, matrix.data(), matrix.size() * 4);
        sim.start_block_transfer(2, 1, 256, 3, 512, height, width, 4, transform);
        sim.run_until_idle();
        return read(sim, MemoryKind::l2, 3, 512, matrix.size());
    };
    EXPECT_EQ(moved(Transform::identity), matrix);
    EXPECT_EQ(moved(Transform::reshape), matrix);  // the same elements in the same order
    const Floats transposed = moved(Transform::transpose), shuffled = moved(Transform::shuffle);
    for (Size row = 0; row < height; ++row) {
        for (Size column = 0; column < width; ++column) {
            ASSERT_EQ(transposed[column * height + row], at(row, column));
            const Size from = column % 2 == 0 ? column / 2 : width / 2 + column / 2;
            ASSERT_EQ(shuffled[row * width + column], at(row, from));
        }
    }
}

TEST(KpuStreamers, GoByRowsAndColumnsThereAndBack) {
    constexpr Size height = 9, width = 5;
    const Floats matrix = counting(height * width);
    for (const bool by_rows : {true, false}) {
        KPUSimulator sim;
        sim.write_l2_bank(7, 64, matrix.data(), matrix.size() * 4);
        const auto stream = [&](Size bank, bool l2_to_l1) {
            (sim.*(by_rows ? &KPUSimulator::start_row_stream : &KPUSimulator::start_column_stream))(
                5, bank, 64, 2, 128, height, width, 4, l2_to_l1, {});
            sim.run_until_idle();
        };
        stream(7, true);
        const Floats there = read(sim, MemoryKind::l1_buffer, 2, 128, matrix.size());
        for (Size i = 0; i < matrix.size(); ++i) {
            ASSERT_EQ(there[i], matrix[by_rows ? i : i % height * width + i / height]);
        }
        stream(0, false);
        EXPECT_EQ(read(sim, MemoryKind::l2, 0, 64, matrix.size()), matrix);
    }
}

TEST(KpuTiles, MultiplyInScratchpadsInTheCyclesOfTheArray) {
    constexpr Size m = 20, n = 33, k = 17;
    const Floats a = counting(m * k, -100), b = counting(k * n, -50);
    Floats expected(m * n);
    for (Size i = 0; i < m; ++i) {
        for (Size j = 0; j < n; ++j) {
            for (Size l = 0; l < k; ++l) expected[i * n + j] += a[i * k + l] * b[l * n + j];
        }
    }
    KPUSimulator sim;
    sim.write_scratchpad(1, 0, a.data(), a.size() * 4);
    sim.write_scratchpad(1, 4096, b.data(), b.size() * 4);
    bool done = false;
    sim.start_matmul(1, 1, m, n, k, 0, 4096, 8192, [&] { done = true; });
    EXPECT_TRUE(sim.is_compute_busy(1));
    sim.run_until_idle();
    EXPECT_TRUE(done);
    EXPECT_EQ(read(sim, MemoryKind::scratchpad, 1, 8192, m * n), expected);
    EXPECT_EQ(sim.get_current_cycle(), 2u * 3 * (k + 16 + 16 - 2));

    Floats tiled(m * n);
    const auto report = sim.matmul(a.data(), b.data(), tiled.data(), m, n, k);
    EXPECT_EQ(tiled, expected);
    EXPECT_EQ(report.macs, m * n * k);
    EXPECT_EQ(sim.matmul(a.data(), b.data(), tiled.data(), m, n, 0).cycles, 0u);
    EXPECT_EQ(tiled, Floats(m * n));  // an empty sum
}

// --- What cannot be -----------------------------------------------------------------------------

TEST(KpuLimits, IdsAndRangesThatDoNotExistAreNamedAndNothingIsWritten) {
    KPUSimulator sim;
    const Floats values = counting(16);
    Floats into(16);
    const Address bank = sim.get_external_bank_base(0), pad = sim.get_scratchpad_base(0);
    const auto refused = [&](const char* part, auto&& call) {
        const std::string message = message_of<tilewright::Error>(call);
        EXPECT_NE(message.find(part), std::string::npos) << message;
        EXPECT_TRUE(sim.is_idle());
    };
    refused("memory_bank 2 does not exist", [&] { sim.read_memory_bank(2, 0, into.data(), 4); });
    refused("scratchpad 9 does not exist", [&] { sim.get_scratchpad_base(9); });
    refused("l3_tile 4 does not exist", [&] { sim.get_l3_tile_capacity(4); });
    refused("page_buffer 2 does not exist", [&] { (void)sim.is_page_buffer_ready(2); });
    refused("do not lie in its 65536", [&] { sim.write_scratchpad(0, 65533, values.data(), 4); });
    refused("do not lie in", [&] { sim.write_l2_bank(0, ~Address{0} - 1, values.data(), 16); });
    refused("do not lie in", [&] { sim.read_l1_buffer(0, 4, into.data(), ~Size{0}); });
    refused("DMA engine 2", [&] { sim.start_dma_transfer(2, bank, pad, 4); });
    refused("DMA engine 4294967295", [&] { sim.start_dma_transfer(~Size{0}, bank, pad, 4); });
    refused("0x17fffffff", [&] { sim.start_dma_transfer(0, pad - 0x100001, pad, 8); });
    refused("0x180100000", [&] { sim.start_dma_transfer(0, bank, pad, Size{1} << 20); });
    refused("", [&] { sim.start_dma_transfer(0, ~Address{0} - 3, pad, 8); });  // wraps
    refused("", [&] { sim.start_dma_transfer(0, bank, pad, ~Size{0}); });
    refused("block mover 4", [&] { sim.start_block_transfer(4, 0, 0, 0, 0, 1, 1, 4); });
    refused("height and a width", [&] { sim.start_block_transfer(0, 0, 0, 0, 0, 0, 4, 4); });
    refused("height: expected at most 4294967295",
            [&] { sim.start_block_transfer(0, 0, 0, 0, 0, Size{1} << 40, 1, 4); });
    refused("elements of 1 to 64", [&] { sim.start_row_stream(0, 0, 0, 0, 0, 4, 4, 65); });
    refused("l2_bank 8 does not exist", [&] { sim.start_row_stream(0, 8, 0, 0, 0, 4, 4, 4); });
    refused("streamer 8", [&] { sim.start_column_stream(8, 0, 0, 0, 0, 4, 4, 4); });
    refused("systolic array 2", [&] { sim.start_matmul(2, 0, 4, 4, 4, 0, 64, 128); });
    refused("at least 1", [&] { sim.start_matmul(0, 0, 4, 0, 4, 0, 64, 128); });
    refused("a overlaps the result", [&] { sim.start_matmul(0, 0, 4, 4, 4, 0, 64, 32); });
    refused("not aligned", [&] { sim.start_matmul(0, 0, 4, 4, 4, 2, 64, 128); });
    sim.run_until_idle();
    EXPECT_EQ(sim.get_current_cycle(), 0u);
    for (const MemoryKind kind : {MemoryKind::dram, MemoryKind::l2, MemoryKind::scratchpad}) {
        EXPECT_EQ(read(sim, kind, 0, 0, 16384), Floats(16384));
    }
}

TEST(KpuLife, SizesInBytesGiveOneBankAndOneScratchpad) {
    KPUSimulator sim(Size{3} << 20, Size{1} << 16);
    EXPECT_EQ(sim.main_memory_size(), Size{3} << 20);
    EXPECT_EQ(sim.scratchpad_size(), Size{1} << 16);
    EXPECT_EQ(sim.get_memory_bank_count(), 1u);
    EXPECT_EQ(sim.get_scratchpad_count(), 1u);
    EXPECT_THROW(KPUSimulator(5, 1 << 16), tilewright::ConfigError);
}

TEST(KpuLife, ResetMakesItNewAndAnAttachedOneLeavesTheDeviceAlone) {
    KPUSimulator own;
    const Floats values = counting(8);
    own.write_l3_tile(0, 0, values.data(), 32);
    own.dma_l3_to_scratchpad(0, own.get_l3_tile_base(0), own.get_scratchpad_base(0), 32);
    own.reset();  // with a command under way
    EXPECT_TRUE(own.is_idle());
    EXPECT_EQ(own.get_current_cycle(), 0u);
    EXPECT_EQ(read(own, MemoryKind::l3, 0, 0, 8), Floats(8));

    tilewright::Device device("full");
    KPUSimulator attached(device);
    attached.write_l3_tile(0, 0, values.data(), 32);
    attached.dma_l3_to_scratchpad(0, attached.get_l3_tile_base(0), attached.get_scratchpad_base(0),
                                  32);
    EXPECT_THROW(attached.reset(), tilewright::BusyError);
    attached.run_until_idle();
    EXPECT_EQ(attached.get_current_cycle(), count(device.cycle()));
    attached.reset();
    EXPECT_EQ(attached.get_current_cycle(), 0u);
    EXPECT_EQ(read(attached, MemoryKind::scratchpad, 0, 0, 8), values);
}

TEST(KpuLife, StatisticsAddUp) {
    KPUSimulator sim;
    sim.dma_host_to_external(1, 0, sim.get_external_bank_base(1), 5000);
    sim.run_until_idle();
    const Statistics all = sim.statistics();
    EXPECT_EQ(all.cycles, 329u + 100);
    ASSERT_EQ(all.commands.size(), 1u);
    EXPECT_EQ(all.commands[0].engine, "dma1");
    EXPECT_EQ(all.commands[0].end - all.commands[0].start, all.cycles);
    EXPECT_EQ(all.commands[0].destination, sim.get_external_bank_base(1));
    for (const EngineStatistics& engine : all.engines) {
        EXPECT_EQ(engine.bytes, engine.name == "dma1" ? 5000u : 0u) << engine.name;
        EXPECT_LE(engine.busy_cycles, all.cycles);
    }
    for (const MemoryStatistics& memory : all.memories) {
        EXPECT_EQ(memory.bytes_read, memory.name == "host0" ? 5000u : 0u) << memory.name;
        EXPECT_EQ(memory.bytes_written, memory.name == "external1" ? 5000u : 0u) << memory.name;
    }
    EXPECT_NE(sim.stats_text().find("dma1"), std::string::npos);
    EXPECT_NE(sim.component_status_text().find("0x180100000"), std::string::npos);
}

}  // namespace
}  // namespace stillwater::kpu
