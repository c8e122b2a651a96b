// Products over the whole hierarchy: values against the plain loop, cycles and bytes against what
// no machine can beat, whatever the shape, type, dataflow and tiles.
#include "tilewright/ops/matmul.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

using namespace tilewright;

namespace {

ChipConfig small_kpu() {
    ChipConfig config = preset("kpu");
    config.systolic_rows = config.systolic_columns = 4;
    config.l3_tile_bytes = 16 * 1024;
    config.l2_bank_bytes = 8 * 1024;
    config.l1_buffer_bytes = 4 * 1024;
    return config;
}

struct Product {
    GemmShape shape;
    std::vector<float> a, b, bias, expected;
};

Product random_product(GemmShape s, unsigned seed) {
    std::mt19937 random(seed);
    Product p{s, std::vector<float>(s.m * s.k), std::vector<float>(s.k * s.n),
              std::vector<float>(s.n), std::vector<float>(s.m * s.n)};
    for (auto* values : {&p.a, &p.b, &p.bias}) {
        for (float& v : *values) v = std::normal_distribution<float>()(random);
    }
    for (std::uint64_t i = 0; i < s.m; ++i) {
        for (std::uint64_t j = 0; j < s.n; ++j) {
            for (std::uint64_t k = 0; k < s.k; ++k) {
                const volatile float product = p.a[i * s.k + k] * p.b[k * s.n + j];
                p.expected[i * s.n + j] += product;
            }
        }
    }
    return p;
}

Buffer put(Device& device, const std::vector<float>& values, const Placement& placement = {}) {
    Buffer buffer = device.allocate(values.size() * 4, placement);
    buffer.write(std::as_bytes(std::span(values)));
    return buffer;
}

MatmulReport multiply(Device& device, const Product& p, const MatmulOptions& options,
                      std::vector<float>& result, bool with_bias = false,
                      const Placement& placement = {}) {
    const Buffer a = put(device, p.a, placement), b = put(device, p.b, placement);
    const Buffer c = device.allocate(p.expected.size() * 4, placement);
    const Buffer bias = put(device, p.bias, placement);
    MatmulReport report = device.matmul(a, b, c, p.shape, options, with_bias ? &bias : nullptr);
    result.resize(p.expected.size());
    c.read(std::as_writable_bytes(std::span(result)));
    return report;
}

void expect_possible(const MatmulReport& r, const ChipConfig& config) {
    EXPECT_EQ(r.macs, r.plan.shape.macs());
    EXPECT_LE(r.array_utilisation, 1.0);
    EXPECT_DOUBLE_EQ(r.utilisation * config.systolic_array_count,
                     r.array_utilisation * static_cast<double>(r.plan.lanes.size()));
    EXPECT_GE(r.cycles, r.compute_cycles);
    EXPECT_EQ(r.compute_cycles, r.plan.compute_cycles);
    EXPECT_GE(r.dram_bytes_read + r.dram_bytes_written, r.compulsory_bytes);
    const double rate = config.dram_bytes_per_cycle * config.dram_bank_count;
    EXPECT_GE(static_cast<double>(r.cycles) * rate,
              static_cast<double>(r.dram_bytes_read + r.dram_bytes_written));
    EXPECT_GE(r.cycles, r.memory_cycles);
}

}  // namespace

TEST(Matmul, AnyShapeGivesTheBitsOfThePlainLoop) {
    std::mt19937 random(1);
    const ChipConfig config = small_kpu();
    for (unsigned i = 0; i < 40; ++i) {
        const auto size = [&] { return 1 + random() % (i < 30 ? 50 : 200); };
        const Product p = random_product({size(), size(), size()}, i);
        for (const auto dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary,
                                    Dataflow::input_stationary}) {
            Device device(config);
            std::vector<float> result;
            const MatmulReport report = multiply(device, p, {.dataflow = dataflow}, result);
            ASSERT_EQ(result, p.expected) << report.plan.describe();
            expect_possible(report, config);
        }
    }
}

TEST(Matmul, AnyTilesGiveTheSameBits) {
    std::mt19937 random(2);
    const ChipConfig config = small_kpu();
    const Product p = random_product({37, 29, 41}, 3);
    for (unsigned i = 0; i < 60; ++i) {
        const auto size = [&] { return 1 + random() % 16; };
        const MatmulTiles tiles{size(), size(), size(), size(), size()};
        Device device(config);
        std::vector<float> result;
        const MatmulReport report = multiply(device, p, {.tiles = tiles}, result);
        ASSERT_EQ(result, p.expected) << report.plan.describe();
        expect_possible(report, config);
    }
}

TEST(Matmul, BiasAndActivationAreFused) {
    for (const std::uint64_t k : {5, 300}) {
        Product p = random_product({30, 70, k}, 4);
        for (std::size_t i = 0; i < p.expected.size(); ++i) {
            p.expected[i] = activate(Activation::silu, p.expected[i] + p.bias[i % p.shape.n]);
        }
        Device device(small_kpu());
        std::vector<float> result;
        const MatmulReport report =
            multiply(device, p, {.activation = Activation::silu}, result, true);
        EXPECT_EQ(result, p.expected);
        EXPECT_GT(report.vector_cycles, 0U);
        expect_possible(report, device.config());
    }
}

TEST(Matmul, OperandsMayLieInAnyMemoryOfTheDevice) {
    const Product p = random_product({20, 33, 27}, 5);
    for (const Placement& placement :
         {Placement::in_bank(1), Placement::interleaved(64), Placement::interleaved(4096),
          Placement::in_l1({0, 0}), Placement::in_all_l1(256)}) {
        Device device(small_kpu());
        std::vector<float> result;
        multiply(device, p, {}, result, true, placement);
        for (std::size_t i = 0; i < result.size(); ++i) {
            ASSERT_EQ(result[i], p.expected[i] + p.bias[i % p.shape.n]);
        }
    }
}

TEST(Matmul, WithoutAHierarchyScratchpadsServe) {
    ChipConfig config = small_kpu();
    config.l3_tile_count = config.l1_buffer_count = 0;
    config.scratchpad_bytes = 8 * 1024;
    const Product p = random_product({50, 60, 70}, 6);
    Device device(config);
    std::vector<float> result;
    const MatmulReport report = multiply(device, p, {}, result);
    EXPECT_EQ(result, p.expected);
    EXPECT_EQ(report.plan.path, std::vector{MemoryKind::scratchpad});
    expect_possible(report, config);
}

TEST(Matmul, OneEngineOfEachKindIsEnoughForManyArrays) {
    ChipConfig config = small_kpu();
    config.dma_engine_count = config.block_mover_count = config.streamer_count = 1;
    config.systolic_array_count = 3;
    const Product p = random_product({50, 60, 70}, 7);
    Device device(config);
    std::vector<float> result;
    const MatmulReport report = multiply(device, p, {}, result);
    EXPECT_EQ(result, p.expected);
    EXPECT_EQ(report.plan.lanes.size(), 3U);
    expect_possible(report, config);
}

TEST(Matmul, LargeTilesComeCloseToTheClosedForm) {
    Device device("kpu");
    const Product p = random_product({256, 256, 256}, 8);
    std::vector<float> result;
    const MatmulReport report = multiply(device, p, {}, result, false, Placement::in_bank(0));
    EXPECT_EQ(result, p.expected);
    expect_possible(report, device.config());
    // What is not passes is getting the first operands there and the last results back.
    EXPECT_LT(report.cycles, report.compute_cycles * 1.25) << report.plan.describe();
}

TEST(Matmul, LittleBandwidthShowsAndMoreThanEnoughDoesNot) {
    const Product p = random_product({64, 64, 64}, 9);
    ChipConfig config = small_kpu();
    std::uint64_t before = ~0ull;
    for (const double rate : {0.5, 2.0, 8.0, 64.0}) {
        config.dram_bytes_per_cycle = rate;
        Device device(config);
        std::vector<float> result;
        const MatmulReport report = multiply(device, p, {}, result);
        expect_possible(report, config);
        EXPECT_LT(report.cycles, before);
        before = report.cycles;
    }
}

TEST(Matmul, PlansAndRunsAreDeterministic) {
    const Product p = random_product({64, 100, 80}, 10);
    std::vector<float> result;
    std::vector<std::uint64_t> cycles;
    std::vector<std::string> plans;
    for (int i = 0; i < 2; ++i) {
        Device device(small_kpu());
        const MatmulReport report = multiply(device, p, {}, result);
        cycles.push_back(report.cycles);
        plans.push_back(report.plan.describe());
        // A second product on the same device takes as long.
        EXPECT_NEAR(static_cast<double>(multiply(device, p, {}, result).cycles),
                    static_cast<double>(report.cycles), 2);
    }
    EXPECT_EQ(cycles[0], cycles[1]);
    EXPECT_EQ(plans[0], plans[1]);
}

TEST(Matmul, WhatCannotBeIsRefusedAndNothingHappens) {
    Device device(small_kpu());
    const Buffer a = device.allocate(64), b = device.allocate(64), c = device.allocate(64);
    const GemmShape s{4, 4, 4};
    const auto refused = [&](const Buffer& x, const Buffer& y, const Buffer& z, GemmShape shape,
                             const MatmulOptions& options) {
        EXPECT_THROW(device.matmul(x, y, z, shape, options), ArgumentError);
        EXPECT_EQ(count(device.cycle()), 0U);
    };
    refused(a, b, c, {4, 4, 0}, {});
    refused(a, b, c, {4, 4, 5}, {});
    refused(a, b, a, s, {});
    refused(a, b, c, s, {.type = DataType::int32});
    refused(a, b, c, s, {.out = DataType::int32});
    refused(a, b, c, s, {.tiles = MatmulTiles{0, 1, 1, 1, 1}});
    EXPECT_THROW(plan_matmul(device.config(), {4000, 4000, 4000},
                             {.tiles = MatmulTiles{4000, 4000, 4000, 4000, 4000}}),
                 ArgumentError);
    EXPECT_THROW(plan_matmul(preset("ascend"), s), ConfigError);
    Device other(small_kpu());
    EXPECT_THROW(device.matmul(a, b, other.allocate(64), s, {}), ArgumentError);
}

TEST(Matmul, AtACycleLimitTheDeviceStaysUsable) {
    const Product p = random_product({40, 40, 40}, 11);
    Device device(small_kpu());
    const Buffer a = put(device, p.a), b = put(device, p.b);
    const Buffer c = device.allocate(p.expected.size() * 4);
    EXPECT_THROW(
        device.matmul(a, b, c, p.shape, {}, nullptr, {.cycle_limit = 100, .stop_requested = {}}),
        CycleLimitError);
    std::vector<float> result;
    multiply(device, p, {}, result);
    EXPECT_EQ(result, p.expected);
}
