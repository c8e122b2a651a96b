// Cuts a matmul for compute engines: weighs blocks of all sizes that fit into the L1s by the same
// estimate. In a round the engines and the memory work at the same time, so that it takes as long
// as the slower of both; what came last has nobody beside it.
#include "ops/engine_plan.hpp"

#include <algorithm>
#include <array>

#include "ops/space.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/systolic/vector_unit.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {
namespace detail {
namespace {

// Numbers of 32 bits: half of Dst has four tiles.
constexpr std::uint64_t dst_tiles = 4;
/// From here on the packer, which takes 320 cycles to add a tile to the sums in L1, is not slower
/// than the products, and longer steps only make the first one late.
constexpr std::uint64_t longest_step = 16;
/// Cycles that a tile costs, measured on kernels/matmul: to unpack it for a multiplication, to pack
/// it, to add it in L1, to bring its sums back to Dst, to add a bias, to compute an activation.
constexpr std::uint64_t unpack_cycles = 36, pack_cycles = 64, add_cycles = 320, back_cycles = 80,
                        bias_cycles = 600, activation_cycles = 1600;
/// From the first read to the first tile at an engine, but for the bytes; what a round and a step
/// along k cost beside what they compute.
constexpr std::uint64_t way_cycles = 1500, round_cycles = 600, step_cycles = 150;

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
    check_epilogue(options.type, {options.activation, options.has_bias, *options.out});
    if (is_integer(options.type) && options.fidelity_phases != most_phases) {
        throw ArgumentError("matmul: int8 in " + std::to_string(options.fidelity_phases) +
                            " fidelity phases; its products are whole in 4 (HiFi4) only");
    }
    if (options.dataflow && *options.dataflow != Dataflow::output_stationary) {
        refuse("the dataflow " + std::string(name_of(*options.dataflow)));
    }
    if (options.tiles) refuse("a choice of tiles");
    if (options.arrays != 0) refuse("a choice of how many to use");
}

/// Blocks of so many tiles, and so many at a time along k.
struct Cut {
    std::uint64_t rows, columns, depth;
};

/// So many rounds with blocks of at most so many tiles, which take up so many of the matrix.
struct Rounds {
    std::uint64_t count, tiles, taken;
};
/// Those along a side of C: whole ones, and one with what is left, shared out evenly.
std::array<Rounds, 2> rounds_of(std::uint64_t tiles, std::uint64_t cores, std::uint64_t most) {
    const std::uint64_t whole = tiles / (most * cores), left = tiles % (most * cores);
    return {{{whole, most, most * cores}, {left == 0 ? 0u : 1u, ceil_div(left, cores), left}}};
}

/// Sizes in tiles of 32 x 32, and what the estimate needs of the chip.
class Estimate {
public:
    Estimate(const ChipConfig& config, const GemmShape& tiles, const MatmulOptions& options)
        : config_(config), tiles_(tiles), options_(options) {}

    std::uint64_t operator()(const Cut& cut) const {
        std::uint64_t sum = 0, written = 0, last_step = 0;
        for (const Rounds& down : rounds_of(tiles_.m, config_.tile_rows(), cut.rows)) {
            for (const Rounds& across : rounds_of(tiles_.n, config_.tile_columns(), cut.columns)) {
                const std::uint64_t count = down.count * across.count;
                if (count == 0) continue;
                const std::uint64_t read = down.taken + across.taken;
                const std::uint64_t write = moved(down.taken * across.taken, *options_.out);
                if (sum == 0) {
                    sum = way_cycles +
                          moved(read * std::min(first_step(tiles_.k), cut.depth), options_.type);
                }
                // What a round makes is written while the next one is computed.
                const std::uint64_t in = moved(read * tiles_.k, options_.type);
                const std::uint64_t computes = computed(down.tiles, across.tiles, cut.depth);
                sum +=
                    std::max(computes, in + written) + (count - 1) * std::max(computes, in + write);
                written = write;
                last_step = down.tiles * row(across.tiles) * std::min(cut.depth, tiles_.k);
            }
        }
        // And the last one row by row while its last step is.
        return sum + way_cycles + (written > last_step ? written - last_step : 0);
    }

private:
    /// At three quarters of the rate of DRAM, as no bank is busy all the time.
    std::uint64_t moved(std::uint64_t tiles, DataType type) const {
        const std::uint64_t rate = std::max<std::uint64_t>(
            1, std::uint64_t{config_.dram_bank_count} * config_.dram_bytes_per_cycle * 3 / 4);
        return tiles * tile_bytes(type) / rate;
    }
    /// A row of tiles times one of A.
    std::uint64_t row(std::uint64_t tiles) const {
        const std::uint64_t parts = ceil_div(tiles, dst_tiles);
        return std::max(tiles * 16 * options_.fidelity_phases + parts * config_.compute_bank_cycles,
                        tiles * unpack_cycles);
    }
    std::uint64_t computed(std::uint64_t rows, std::uint64_t columns, std::uint64_t depth) const {
        const std::uint64_t tiles = rows * columns, steps = ceil_div(tiles_.k, depth);
        std::uint64_t cycles = rows * row(columns) * tiles_.k + round_cycles + steps * step_cycles;
        if (steps > 2) {
            const std::uint64_t between = is_integer(options_.type) ? back_cycles + pack_cycles
                                          : rows * row(columns) * depth < tiles * add_cycles
                                              ? add_cycles
                                              : 0;
            cycles += (steps - 2) * tiles * between;
        }
        if (steps > 1) cycles += tiles * (back_cycles + pack_cycles);
        if (options_.has_bias) cycles += tiles * bias_cycles;
        if (options_.activation != Activation::none) cycles += tiles * activation_cycles;
        return cycles;
    }

    const ChipConfig& config_;
    GemmShape tiles_;
    const MatmulOptions& options_;
};

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
    const std::uint64_t k = ceil_div(plan.shape.k, tile_side);
    const bool one_step = std::min(depth, first_step(k)) >= k;
    return {2 * rows * depth, 2 * columns * depth, one_step ? 0 : rows * columns,
            plan.options.has_bias ? columns : 0, rows * columns};
}

std::uint64_t EngineRings::bytes(const MatmulOptions& options) const {
    return (left + right) * tile_bytes(options.type) + sums * tile_bytes(DataType::float32) +
           bias * bias_page_bytes + out * tile_bytes(*options.out);
}

MatmulPlan plan_on_engines(const ChipConfig& config, const GemmShape& shape,
                           const MatmulOptions& options) {
    MatmulPlan plan{shape, options, {MemoryKind::tile_l1}, {}, {}, 0, 0};
    if (!plan.options.out) plan.options.out = accumulator_of(options.type);
    check(config, plan.options);
    plan.options.dataflow = Dataflow::output_stationary;
    const GemmShape tiles{ceil_div(shape.m, tile_side), ceil_div(shape.n, tile_side),
                          ceil_div(shape.k, tile_side)};
    const std::uint64_t room = config.l1_bytes - abi::l1_user_base;
    const auto fits = [&](const Cut& cut) {
        plan.options.tiles =
            MatmulTiles{cut.rows * tile_side, cut.columns * tile_side, cut.depth * tile_side,
                        tile_side, std::min(cut.columns, dst_tiles) * tile_side};
        return EngineRings::of(plan).bytes(plan.options) <= room;
    };
    const Estimate estimate(config, tiles, plan.options);
    const std::uint64_t most_rows = ceil_div(tiles.m, config.tile_rows());
    const std::uint64_t most_columns = ceil_div(tiles.n, config.tile_columns());
    Cut best{};
    std::uint64_t fewest = ~std::uint64_t{0};
    // More do not fit into any L1.
    constexpr std::uint64_t most = 64;
    for (std::uint64_t rows = std::min(most_rows, most); rows != 0; --rows) {
        for (std::uint64_t columns = std::min(most_columns, most); columns != 0; --columns) {
            Cut cut{rows, columns, std::min(tiles.k, longest_step)};
            while (cut.depth != 0 && !fits(cut)) --cut.depth;
            if (cut.depth == 0) continue;
            const std::uint64_t cycles = estimate(cut);
            if (cycles < fewest) best = cut, fewest = cycles;
        }
    }
    if (best.depth == 0) {
        throw ConfigError("matmul: the L1 of the tiles of '" + config.name +
                          "' is too small for any matmul");
    }
    fits(best);
    const auto cores = [](std::uint64_t size, std::uint64_t block, std::uint64_t all) {
        return static_cast<std::uint32_t>(std::min(all, ceil_div(size, block)));
    };
    plan.grid = MatmulGrid{cores(tiles.m, best.rows, config.tile_rows()),
                           cores(tiles.n, best.columns, config.tile_columns()),
                           EngineRings::of(plan).bytes(plan.options),
                           static_cast<std::uint32_t>(std::min(best.depth, first_step(tiles.k)))};
    // Of the engine with the largest blocks in all rounds.
    constexpr std::uint64_t tile_cycles = 16;
    std::uint64_t products = 0;
    for (const Rounds& down : rounds_of(tiles.m, plan.grid->rows, best.rows)) {
        for (const Rounds& across : rounds_of(tiles.n, plan.grid->columns, best.columns)) {
            products += down.count * across.count * down.tiles * across.tiles * tiles.k;
        }
    }
    plan.compute_cycles = products * tile_cycles * options.fidelity_phases;
    plan.estimated_cycles = fewest;
    return plan;
}

}  // namespace detail

std::uint64_t tiled_bytes(std::uint64_t rows, std::uint64_t columns, DataType type) {
    return detail::ceil_div(rows, detail::tile_side) *
           detail::ceil_div(columns, detail::tile_side) * detail::tile_bytes(type);
}

}  // namespace tilewright
