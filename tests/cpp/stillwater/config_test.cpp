// What a SimulatorConfig says: its defaults, what it refuses, and that every field has its effect.
#include "stillwater/kpu/config.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "message_of.hpp"
#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/error.hpp"

namespace stillwater::kpu {
namespace {

using tilewright::ConfigError;
using tilewright::message_of;

// Calls change(config) with a copy in which the field has the value.
SimulatorConfig with(const std::string& field, double value) {
    SimulatorConfig config;
    bool found = false;
    visit_fields([&](const std::string& name, auto member) {
        if (name != field) return;
        found = true;
        using Value = std::decay_t<decltype(config.*member)>;
        if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>) {
            config.*member = static_cast<std::int64_t>(value);
        } else {
            config.*member = static_cast<Value>(value);
        }
    });
    EXPECT_TRUE(found) << field;
    return config;
}

TEST(KpuConfig, DefaultsAreThoseThatUsersKnow) {
    const std::map<std::string, double> expected = {
        {"host_memory_region_count", 1},
        {"host_memory_region_capacity_mb", 4096},
        {"host_memory_bandwidth_gbps", 50},
        {"memory_bank_count", 2},
        {"memory_bank_capacity_mb", 1024},
        {"memory_bandwidth_gbps", 100},
        {"l3_tile_count", 4},
        {"l3_tile_capacity_kb", 128},
        {"l2_bank_count", 8},
        {"l2_bank_capacity_kb", 64},
        {"l1_buffer_count", 4},
        {"l1_buffer_capacity_kb", 64},
        {"scratchpad_count", 2},
        {"scratchpad_capacity_kb", 64},
        {"page_buffer_count", 2},
        {"page_buffer_capacity_kb", 16},
        {"compute_tile_count", 2},
        {"dma_engine_count", 2},
        {"block_mover_count", 4},
        {"streamer_count", 8},
        {"processor_array_rows", 16},
        {"processor_array_cols", 16},
        {"use_systolic_array_mode", 1},
        {"dma_setup_cycles", 29},
        {"dram_latency_cycles", 100},
        {"host_memory_latency_cycles", 200},
        {"dma_engine_width_bytes", 64},
        {"clock_mhz", 1000},
    };
    std::set<std::string> bases = {"host_memory_base", "external_memory_base", "l3_tile_base",
                                   "l2_bank_base",     "l1_buffer_base",       "scratchpad_base"};
    std::size_t numbers = 0;
    const SimulatorConfig config;
    visit_fields([&](const std::string& name, auto member) {
        using Value = std::decay_t<decltype(config.*member)>;
        if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>) {
            EXPECT_FALSE(config.*member) << name;
            EXPECT_EQ(bases.erase(name), 1u) << name;
        } else {
            ++numbers;
            ASSERT_TRUE(expected.contains(name)) << name;
            EXPECT_EQ(static_cast<double>(config.*member), expected.at(name)) << name;
        }
    });
    EXPECT_TRUE(bases.empty());
    EXPECT_EQ(numbers, expected.size());
    EXPECT_EQ(chip_config(config).systolic_array_count, 2u);
}

TEST(KpuConfig, WhatCannotBeIsRefusedByName) {
    struct Wrong {
        const char* field;
        double value;
        const char* named;  // what the message must name
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    for (const Wrong& wrong : {
             Wrong{"memory_bank_count", -1, "memory_bank_count"},
             Wrong{"scratchpad_capacity_kb", 0x1p60, "scratchpad_capacity_kb"},
             Wrong{"memory_bandwidth_gbps", 0, "memory_bandwidth_gbps"},
             Wrong{"memory_bandwidth_gbps", nan, "memory_bandwidth_gbps"},
             Wrong{"host_memory_bandwidth_gbps", infinity, "host_memory_bandwidth_gbps"},
             Wrong{"clock_mhz", -5, "clock_mhz"},
             Wrong{"clock_mhz", nan, "clock_mhz"},
             Wrong{"l2_bank_base", 0, "l2_bank_base"},
             Wrong{"scratchpad_base", -4, "scratchpad_base"},
             Wrong{"host_memory_base", -1, "host_memory_base"},
             // What only the chip finds has the chip's names.
             Wrong{"dma_engine_width_bytes", 0, "dma_bytes_per_cycle"},
             Wrong{"processor_array_rows", 0, "systolic_rows"},
         }) {
        const std::string message =
            message_of<ConfigError>([&] { chip_config(with(wrong.field, wrong.value)); });
        EXPECT_NE(message.find(wrong.named), std::string::npos)
            << wrong.field << " = " << wrong.value << ": " << message;
    }
}

TEST(KpuConfig, MemoriesThatOverlapAreRefusedByName) {
    SimulatorConfig config;
    config.l2_bank_base = config.scratchpad_base = 0x2'0000'0000;
    const std::string message = message_of<ConfigError>([&] { chip_config(config); });
    EXPECT_NE(message.find("l2_bank"), std::string::npos) << message;
    EXPECT_NE(message.find("scratchpad"), std::string::npos) << message;
}

TEST(KpuConfig, WithoutUnitsOfAKindTheyAreMissedByNameAndTheRestWorks) {
    const auto refused = [](const char* field, const char* part, auto&& use) {
        KPUSimulator sim(with(field, 0));
        const std::string message = message_of<tilewright::Error>([&] { use(sim); });
        EXPECT_NE(message.find(part), std::string::npos) << field << ": " << message;
        sim.run_until_idle();
        EXPECT_TRUE(sim.is_idle());
    };
    std::array<float, 4> m{};
    const auto multiply = [&](KPUSimulator& sim) {
        sim.matmul(m.data(), m.data(), m.data(), 2, 2, 2);
    };
    const auto dma = [](KPUSimulator& sim) {
        sim.start_dma_transfer(0, sim.get_l3_tile_base(0), sim.get_scratchpad_base(0), 4);
    };
    refused("dma_engine_count", "DMA engine 0; there are 0", dma);
    refused("dma_engine_count", "dma_engine_count is 0", multiply);
    refused("block_mover_count", "block mover 0; there are 0",
            [](KPUSimulator& sim) { sim.start_block_transfer(0, 0, 0, 0, 0, 2, 2, 4); });
    refused("streamer_count", "streamer 0; there are 0",
            [](KPUSimulator& sim) { sim.start_row_stream(0, 0, 0, 0, 0, 2, 2, 4); });
    refused("compute_tile_count", "systolic array 0; there are 0",
            [](KPUSimulator& sim) { sim.start_matmul(0, 0, 2, 2, 2, 0, 64, 128); });
    refused("compute_tile_count", "systolic_array_count", multiply);
    refused("scratchpad_count", "scratchpad 0 does not exist: there are 0", dma);
    refused("l3_tile_count", "l3_tile 0 does not exist: there are 0", dma);
    refused("memory_bank_count", "DRAM", multiply);
}

// --- Every field has its effect -----------------------------------------------------------------

// The same work on the first and on the last unit of a kind at the same time, so that it takes
// longer where they are one.
std::uint64_t cycles_of(const SimulatorConfig& config) {
    KPUSimulator sim(config);
    const Size bytes = 16 * 1024;
    const auto last = [](Size count) { return count - 1; };
    std::uint64_t total = 0;
    const auto measure = [&](const std::function<void()>& start) {
        const std::uint64_t before = sim.get_current_cycle();
        start();
        sim.run_until_idle();
        total += sim.get_current_cycle() - before;
    };
    const auto both = [&](MemoryKind from, MemoryKind to) {
        measure([&] {
            sim.start_dma_transfer(0, sim.memory_base(from, 0), sim.memory_base(to, 0), bytes);
            const Size a = last(sim.memory_count(from)), b = last(sim.memory_count(to));
            sim.start_dma_transfer(last(sim.get_dma_engine_count()),
                                   sim.memory_base(from, a) + bytes, sim.memory_base(to, b) + bytes,
                                   bytes);
        });
    };
    both(MemoryKind::host, MemoryKind::scratchpad);
    both(MemoryKind::dram, MemoryKind::l3);
    both(MemoryKind::l3, MemoryKind::scratchpad);
    measure([&] {
        sim.start_block_transfer(0, 0, 0, 0, 0, 64, 64, 4);
        sim.start_block_transfer(last(sim.get_block_mover_count()), last(sim.get_l3_tile_count()),
                                 0, last(sim.get_l2_bank_count()), 16384, 64, 64, 4);
    });
    measure([&] {
        sim.start_row_stream(0, 0, 0, 0, 0, 64, 64, 4);
        sim.start_row_stream(last(sim.get_streamer_count()), last(sim.get_l2_bank_count()), 0,
                             last(sim.get_l1_buffer_count()), 16384, 64, 64, 4);
    });
    measure([&] {
        sim.start_matmul(0, 0, 32, 32, 32, 0, 4096, 8192);
        sim.start_matmul(last(sim.get_compute_tile_count()), last(sim.get_scratchpad_count()), 32,
                         32, 32, 12288, 16384, 20480);
    });
    return total;
}

// A product whose blocks are as large as the memories allow.
std::uint64_t cycles_of_product(const SimulatorConfig& config) {
    KPUSimulator sim(config);
    constexpr Size n = 256;
    const std::vector<float> a(n * n, 1), b(n * n, 2);
    std::vector<float> c(n * n);
    sim.matmul(a.data(), b.data(), c.data(), n, n, n);
    EXPECT_EQ(c[12345], 2 * n);
    return sim.get_current_cycle();
}

TEST(KpuConfig, BandwidthsLatenciesCountsAndSizesChangeTheCycles) {
    const std::map<std::string, double> changes = {
        {"host_memory_region_count", 2},
        {"host_memory_bandwidth_gbps", 25},
        {"memory_bank_count", 1},
        {"memory_bandwidth_gbps", 40},
        {"l3_tile_count", 1},
        {"l3_tile_capacity_kb", 32},
        {"l2_bank_count", 1},
        {"l2_bank_capacity_kb", 32},
        {"l1_buffer_count", 1},
        {"l1_buffer_capacity_kb", 32},
        {"scratchpad_count", 1},
        {"compute_tile_count", 1},
        {"dma_engine_count", 1},
        {"block_mover_count", 1},
        {"streamer_count", 1},
        {"processor_array_rows", 8},
        {"processor_array_cols", 32},
        {"use_systolic_array_mode", 0},
        {"dma_setup_cycles", 30},
        {"dram_latency_cycles", 101},
        {"host_memory_latency_cycles", 201},
        {"dma_engine_width_bytes", 32},
        {"clock_mhz", 4000},  // bandwidths are by the second
    };
    // How much fits, and where it lies, are no matter of time; products go from banks by L3, L2 and
    // L1, and neither through host memory nor scratchpads nor page buffers.
    const std::map<std::string, double> without = {
        {"host_memory_region_capacity_mb", 64},
        {"memory_bank_capacity_mb", 64},
        {"scratchpad_capacity_kb", 256},
        {"page_buffer_count", 1},
        {"page_buffer_capacity_kb", 64},
        {"host_memory_base", 0x8000'0000'0000},
        {"external_memory_base", 0x8000'0000'0000},
        {"l3_tile_base", 0x8000'0000'0000},
        {"l2_bank_base", 0x8000'0000'0000},
        {"l1_buffer_base", 0x8000'0000'0000},
        {"scratchpad_base", 0x8000'0000'0000},
    };
    const std::uint64_t usual = cycles_of({}), product = cycles_of_product({});
    visit_fields([&](const std::string& name, auto) {
        ASSERT_NE(changes.contains(name), without.contains(name)) << name;
        const bool changed = changes.contains(name);
        const SimulatorConfig other = with(name, (changed ? changes : without).at(name));
        const bool same = cycles_of(other) == usual && cycles_of_product(other) == product;
        EXPECT_NE(same, changed) << name;
    });
}

TEST(KpuConfig, WideEnginesAreAsFastAsTheySay) {
    // The ports of memories on the chip are as wide as the engines, so that they hold none up.
    for (const std::int64_t width : {16, 64, 200, 256}) {
        SimulatorConfig config;
        config.dma_engine_width_bytes = width;
        KPUSimulator sim(config);
        sim.start_dma_transfer(0, sim.get_l3_tile_base(0), sim.get_scratchpad_base(1), 50000);
        sim.run_until_idle();
        EXPECT_EQ(sim.get_current_cycle(), 29 + (50000 + width - 1) / width) << width;
    }
}

}  // namespace
}  // namespace stillwater::kpu
