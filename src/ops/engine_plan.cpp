// Cuts a matmul for compute engines: all of C at once if the L1s hold the sums, else in rounds, and
// as many steps along k at a time as fit, up to what keeps the packer from being the slowest.
#include "ops/engine_plan.hpp"

#include <algorithm>

#include "ops/space.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {
namespace detail {
namespace {

// Numbers of 32 bits: half of Dst has four tiles.
constexpr std::uint64_t dst_tiles = 4;
// A packer takes 320 cycles to add a tile to the sums in L1, and the unpackers at least 36 for each
// product of two tiles: from here on the packer is not the slowest.
constexpr std::uint64_t enough_depth = 9;

void check(const ChipConfig& config, const MatmulOptions& options) {
    if (config.compute_engines == 0) {
        throw ConfigError("matmul: the chip '" + config.name +
                          "' has neither systolic arrays (systolic_array_count is 0) nor compute "
                          "engines (compute_engines is 0)");
    }
    const auto refuse = [](const std::string& what) {
        throw UnsupportedError("matmul on compute engines: " + what + " is not supported");
    };
    constexpr std::uint32_t most_phases = 4;
    if (options.fidelity_phases == 0 || options.fidelity_phases > most_phases) {
        throw ArgumentError("matmul: " + std::to_string(options.fidelity_phases) +
                            " fidelity phases; expected 1 (LoFi) to 4 (HiFi4)");
    }
    if (options.type == DataType::int8 || options.type == DataType::int32) {
        refuse(std::string(name_of(options.type)));
    }
    if (options.out == DataType::int8 || options.out == DataType::int32) {
        refuse("a result of " + std::string(name_of(*options.out)));
    }
    if (options.has_bias) refuse("a bias");
    if (options.activation != Activation::none) {
        refuse("the activation " + std::string(name_of(options.activation)));
    }
    if (options.dataflow && *options.dataflow != Dataflow::output_stationary) {
        refuse("the dataflow " + std::string(name_of(*options.dataflow)));
    }
    if (options.tiles) refuse("a choice of tiles");
    if (options.arrays != 0) refuse("a choice of how many to use");
}

}  // namespace

tensix::Format format_of(DataType type) {
    switch (type) {
        case DataType::float32:
            return tensix::Format::fp32;
        case DataType::float16:
            return tensix::Format::fp16;
        case DataType::int8:
            return tensix::Format::int8;
        case DataType::int32:
            return tensix::Format::int32;
        case DataType::bfloat16:
            break;
    }
    return tensix::Format::bf16;
}

std::uint64_t tile_bytes(DataType type) {
    return tile_side * tile_side * size_of(type);
}

EngineRings EngineRings::of(const MatmulPlan& plan) {
    const MatmulTiles& t = plan.tiles();
    const std::uint64_t rows = t.block_m / tile_side, columns = t.block_n / tile_side;
    const std::uint64_t depth = t.block_k / tile_side;
    const bool converts = *plan.options.out != DataType::float32;
    return {2 * rows * depth, 2 * columns * depth, rows * columns, converts ? 2 * columns : 0};
}

std::uint64_t EngineRings::bytes(const MatmulOptions& options) const {
    return (left + right) * tile_bytes(options.type) + sums * tile_bytes(DataType::float32) +
           out * tile_bytes(*options.out);
}

MatmulPlan plan_on_engines(const ChipConfig& config, const GemmShape& shape,
                           const MatmulOptions& options) {
    check(config, options);
    MatmulPlan plan{shape, options, {MemoryKind::tile_l1}, {}, {}, 0, 0};
    if (!plan.options.out) plan.options.out = DataType::float32;
    plan.options.dataflow = Dataflow::output_stationary;
    const GemmShape tiles{ceil_div(shape.m, tile_side), ceil_div(shape.n, tile_side),
                          ceil_div(shape.k, tile_side)};
    const std::uint64_t room = config.l1_bytes - abi::l1_user_base;
    const auto cut = [&](std::uint64_t rows, std::uint64_t columns, std::uint64_t depth) {
        plan.options.tiles = MatmulTiles{rows * tile_side, columns * tile_side, depth * tile_side,
                                         tile_side, std::min(columns, dst_tiles) * tile_side};
        return EngineRings::of(plan).bytes(plan.options) <= room;
    };
    std::uint64_t rows = ceil_div(tiles.m, config.tile_rows());
    std::uint64_t columns = ceil_div(tiles.n, config.tile_columns());
    // Steps as long as each other.
    const std::uint64_t wanted_depth = ceil_div(tiles.k, ceil_div(tiles.k, enough_depth));
    std::uint64_t depth = wanted_depth;
    while (!cut(rows, columns, depth)) {
        if (depth > wanted_depth / 2 + 1) {
            --depth;
        } else if (std::max(rows, columns) > 1) {
            (rows > columns ? rows : columns) = ceil_div(std::max(rows, columns), 2);
            depth = wanted_depth;
        } else if (depth > 1) {
            depth = ceil_div(depth, 2);
        } else {
            throw ConfigError("matmul: the L1 of the tiles of '" + config.name +
                              "' is too small for any matmul");
        }
    }
    plan.grid = MatmulGrid{static_cast<std::uint32_t>(std::min<std::uint64_t>(
                               config.tile_rows(), ceil_div(tiles.m, rows))),
                           static_cast<std::uint32_t>(std::min<std::uint64_t>(
                               config.tile_columns(), ceil_div(tiles.n, columns))),
                           EngineRings::of(plan).bytes(plan.options)};
    // Of the engine with the largest blocks in all rounds.
    constexpr std::uint64_t tile_cycles = 16;
    const std::uint64_t rounds =
        ceil_div(tiles.m, rows * plan.grid->rows) * ceil_div(tiles.n, columns * plan.grid->columns);
    plan.compute_cycles = rounds * rows * columns * tiles.k * tile_cycles * options.fidelity_phases;
    plan.estimated_cycles = plan.compute_cycles;
    return plan;
}

}  // namespace detail

std::uint64_t tiled_bytes(std::uint64_t rows, std::uint64_t columns, DataType type) {
    return detail::ceil_div(rows, detail::tile_side) *
           detail::ceil_div(columns, detail::tile_side) * detail::tile_bytes(type);
}

}  // namespace tilewright
