// What tiles would cost: the estimate by which they are chosen.
#include <algorithm>
#include <array>

#include "ops/space.hpp"

namespace tilewright::detail {

std::uint64_t block_compute_cycles(const Problem& p, Dataflow dataflow, const MatmulTiles& t,
                                   GemmShape block) {
    std::uint64_t cycles = 0;
    const auto pieces = [](std::uint64_t size, std::uint64_t panel) {
        return std::array<std::pair<std::uint64_t, std::uint64_t>, 2>{
            {{size / panel, panel}, {size % panel != 0 ? 1 : 0, size % panel}}};
    };
    for (const auto& [rows, m] : pieces(block.m, t.panel_m)) {
        for (const auto& [columns, n] : pieces(block.n, t.panel_n)) {
            if (rows == 0 || columns == 0) continue;
            cycles += rows * columns * array_cycles(p.array(), {m, n, block.k}, dataflow);
        }
    }
    return cycles;
}

Weight weigh(const Problem& p, Dataflow dataflow, const MatmulTiles& t) {
    const GemmShape& s = p.shape;
    const std::uint64_t tiles = ceil_div(s.m, t.block_m) * ceil_div(s.n, t.block_n);
    const std::uint64_t lane_tiles = ceil_div(tiles, p.lanes);
    const std::uint64_t steps = ceil_div(s.k, t.block_k);
    const std::uint64_t panels_m = ceil_div(t.block_m, t.panel_m);
    const std::uint64_t panels_n = ceil_div(t.block_n, t.panel_n);
    const std::uint64_t compute =
        block_compute_cycles(p, dataflow, t, {t.block_m, t.block_n, t.block_k}) * steps;
    // Of each command the vector unit finishes the results of the last pass behind the array.
    const Epilogue epilogue{p.options.activation, p.options.has_bias, *p.options.out};
    const std::uint64_t results_m = dataflow == Dataflow::output_stationary   ? p.array().rows
                                    : dataflow == Dataflow::weight_stationary ? t.panel_m
                                                                              : p.array().columns;
    const std::uint64_t results_n =
        dataflow == Dataflow::input_stationary ? t.panel_n : p.array().columns;
    const std::uint64_t vector =
        panels_m * panels_n *
        vector_cycles(epilogue, std::min(t.panel_m, results_m) * std::min(t.panel_n, results_n),
                      p.config.systolic_columns);

    // A tile takes as long as the array, or as the engine of the lane that has most to do.
    std::uint64_t tile = compute + vector;
    const std::uint64_t a = t.block_m * t.block_k * p.size();
    const std::uint64_t b = t.block_k * t.block_n * p.size();
    const std::uint64_t c = t.block_m * t.block_n * p.out_size();
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < p.levels.size(); ++i) {
        const Level& level = p.levels[i];
        const bool panels = i + 1 == p.levels.size() && p.by_panels();
        double rate = p.config.sram_bytes_per_cycle;
        std::uint64_t fixed = 0;
        const auto cycles = [&](std::uint64_t bytes, std::uint64_t moves, std::uint64_t size) {
            double speed = rate;
            if (level.mover == EngineKind::streamer) {
                speed = std::min(speed, static_cast<double>(p.config.systolic_columns * size));
            }
            return moves * fixed + static_cast<std::uint64_t>(static_cast<double>(bytes) / speed);
        };
        switch (level.mover) {
            case EngineKind::dma:
                rate = std::min({rate, static_cast<double>(p.config.dma_bytes_per_cycle),
                                 p.config.dram_bytes_per_cycle});
                fixed = p.config.dma_setup_cycles + p.config.dram_row_miss_cycles;
                break;
            case EngineKind::block_mover:
                rate = std::min(rate, static_cast<double>(p.config.block_mover_bytes_per_cycle));
                fixed = p.config.block_mover_setup_cycles;
                break;
            default:
                fixed = p.config.streamer_setup_cycles;
        }
        // The array goes through all panels of B for each panel of A; two of them stay.
        const std::uint64_t b_times = panels && panels_n > 2 ? panels_m : 1;
        const std::uint64_t a_cycles = cycles(a, panels ? panels_m : 1, p.size());
        const std::uint64_t b_cycles =
            cycles(b * b_times, panels ? panels_n * b_times : 1, p.size());
        const std::uint64_t c_cycles = cycles(c, 1, p.out_size());
        const std::uint32_t count = engine_count(p.config, level.mover);
        const std::uint32_t own = std::max(1U, count / p.lanes);
        std::array<std::uint64_t, role_count> busy{};  // by engine of the lane
        busy[own_index(level.mover, own, a_role)] += a_cycles * steps;
        busy[own_index(level.mover, own, b_role)] += b_cycles * steps;
        busy[std::min(2U, own_index(level.mover, own, c_role))] += c_cycles;
        tile = std::max(tile,
                        std::ranges::max(busy) * (count < p.lanes ? ceil_div(p.lanes, count) : 1));
        first += panels ? a_cycles / panels_m + b_cycles / panels_n : a_cycles + b_cycles;
    }
    const std::uint64_t moved = (a + b) * steps + c;
    const double dram = p.config.dram_bytes_per_cycle * p.config.dram_bank_count;
    tile = std::max(tile, static_cast<std::uint64_t>(static_cast<double>(moved * p.lanes) / dram));
    return {lane_tiles * tile + first, tiles * moved};
}

}  // namespace tilewright::detail
