// Matmuls on compute engines: plans that fit every chip, and values against the plain loop.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

using namespace tilewright;

namespace {

constexpr std::uint64_t side = 32, face = 16;

/// Where an element of a matrix lies among the numbers of its tiles.
std::uint64_t place_of(std::uint64_t row, std::uint64_t column, std::uint64_t columns) {
    const std::uint64_t tiles = (columns + side - 1) / side;
    const std::uint64_t tile = row / side * tiles + column / side;
    const std::uint64_t y = row % side, x = column % side;
    return tile * side * side + (y / face * 2 + x / face) * face * face + y % face * face +
           x % face;
}

Buffer put(Device& device, const std::vector<float>& matrix, std::uint64_t rows,
           std::uint64_t columns) {
    std::vector<float> tiles(tiled_bytes(rows, columns, DataType::float32) / 4);
    for (std::uint64_t y = 0; y < rows; ++y) {
        for (std::uint64_t x = 0; x < columns; ++x) {
            tiles[place_of(y, x, columns)] = matrix[y * columns + x];
        }
    }
    Buffer buffer = device.allocate(tiles.size() * 4, Placement::interleaved(4096));
    buffer.write(std::as_bytes(std::span(tiles)));
    return buffer;
}

TEST(EngineMatmul, PlansFitTheL1AndCoverTheResult) {
    std::mt19937 random(1);
    const auto up_to = [&](std::uint64_t most) { return random() % most + 1; };
    for (const char* name : {"tiny", "blackhole", "wormhole", "p150", "n150"}) {
        const ChipConfig config = preset(name);
        for (int i = 0; i < 200; ++i) {
            const GemmShape shape{up_to(9000), up_to(9000), up_to(9000)};
            MatmulOptions options{.type = DataType::bfloat16};
            if (i % 2 != 0) options.out = DataType::float16;
            const MatmulPlan plan = plan_matmul(config, shape, options);
            ASSERT_TRUE(plan.grid);
            EXPECT_LE(plan.grid->l1_bytes, config.l1_bytes - tilewright::abi::l1_user_base);
            EXPECT_LE(plan.grid->rows, config.tile_rows());
            EXPECT_LE(plan.grid->columns, config.tile_columns());
            // No engine without a block, and the peak of all is never passed.
            EXPECT_LT((plan.grid->rows - 1) * plan.tiles().block_m, shape.m);
            EXPECT_LT((plan.grid->columns - 1) * plan.tiles().block_n, shape.n);
            EXPECT_GE(plan.compute_cycles * plan.units() * 2048 / 4, shape.macs());
        }
    }
}

TEST(EngineMatmul, MultipliesAsThePlainLoop) {
    constexpr std::uint64_t m = 70, n = 40, k = 50;
    std::mt19937 random(2);
    const auto integers = [&](std::uint64_t count) {
        std::vector<float> values(count);
        for (float& value : values) value = static_cast<float>(random() % 9) - 4;
        return values;
    };
    const std::vector<float> left = integers(m * k), right = integers(k * n);
    Device device("tiny");
    const Buffer a = put(device, left, m, k), b = put(device, right, k, n);
    const Buffer c =
        device.allocate(tiled_bytes(m, n, DataType::float32), Placement::interleaved(4096));
    const MatmulReport report = device.matmul(a, b, c, {m, n, k}, {});
    EXPECT_EQ(report.macs, m * n * k);
    EXPECT_EQ(report.dram_bytes_read, a.bytes() + b.bytes());
    EXPECT_EQ(report.dram_bytes_written, c.bytes());
    std::vector<float> tiles(c.bytes() / 4);
    c.read(std::as_writable_bytes(std::span(tiles)));
    for (std::uint64_t i = 0; i < m; ++i) {
        for (std::uint64_t j = 0; j < n; ++j) {
            float sum = 0;
            for (std::uint64_t l = 0; l < k; ++l) sum += left[i * k + l] * right[l * n + j];
            ASSERT_EQ(tiles[place_of(i, j, n)], sum) << i << ", " << j;
        }
    }
}

TEST(EngineMatmul, InterruptedItLeavesNothingBehind) {
    constexpr std::uint64_t size = 512;
    Device device("tiny");
    const std::vector<float> ones(size * size, 1);
    const Buffer a = put(device, ones, size, size), b = put(device, ones, size, size);
    const Buffer c = device.allocate(a.bytes(), Placement::interleaved(4096));
    const std::size_t leases = device.leases().size();
    const auto matmul = [&](const RunOptions& run) {
        return device.matmul(a, b, c, {size, size, size}, {}, nullptr, run);
    };
    RunOptions stopped, limited;
    stopped.stop_requested = [] { return true; };
    limited.cycle_limit = 1000;
    EXPECT_THROW(matmul(stopped), Interrupted);
    EXPECT_FALSE(device.busy());
    EXPECT_THROW(matmul(limited), CycleLimitError);
    EXPECT_FALSE(device.busy());
    EXPECT_EQ(device.leases().size(), leases);
    matmul({});
    std::vector<float> first(1);
    c.read(std::as_writable_bytes(std::span(first)));
    EXPECT_EQ(first[0], static_cast<float>(size));
}

TEST(EngineMatmul, RefusesBuffersThatAreNoTiles) {
    Device device("tiny");
    const Buffer tile = device.allocate(4096, Placement::interleaved(4096));
    const Buffer small = device.allocate(4 * 32, Placement::interleaved(4096));
    const Buffer cut = device.allocate(4096, Placement::interleaved(1024));
    const auto matmul = [&](const Buffer& a, const Buffer& b, const Buffer& c) {
        device.matmul(a, b, c, {32, 32, 32}, {});
    };
    EXPECT_THROW(matmul(small, tile, tile), ArgumentError);
    EXPECT_THROW(matmul(tile, tile, cut), ArgumentError);
    EXPECT_THROW(matmul(tile, tile, tile), ArgumentError);  // C is an operand
    MatmulOptions phases;
    phases.fidelity_phases = 5;
    EXPECT_THROW(plan_matmul(device.config(), {1, 1, 1}, phases), ArgumentError);
}

}  // namespace
