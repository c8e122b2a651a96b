// Chooses how a matmul is cut, and places its pieces.
//
// All tile sizes that fit are weighed by the same estimate: in the steady state a block takes as
// long as the unit that has most to do for it. Ties go to what moves fewer bytes, then to what came
// first.
#include <algorithm>
#include <string>

#include "ops/engine_plan.hpp"
#include "ops/space.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/ops/matmul.hpp"

namespace tilewright {
namespace {

using namespace detail;

/// unit * 1, 2, 4, ... (and 3 * 2^i if `fine`) below `size`, and `size` itself.
std::vector<std::uint64_t> sizes_up_to(std::uint64_t unit, std::uint64_t size, std::uint64_t most,
                                       bool fine) {
    std::vector<std::uint64_t> sizes;
    for (std::uint64_t s = unit; s < size && s <= most; s *= 2) {
        sizes.push_back(s);
        if (fine && s > unit && s + s / 2 < size && s + s / 2 <= most) sizes.push_back(s + s / 2);
    }
    if (size <= most || sizes.empty()) sizes.push_back(size);
    return sizes;
}

/// The sizes in which a dataflow fills the array, for m, n and k; what streams may be short.
GemmShape unit_of(const ArrayShape& array, Dataflow dataflow) {
    constexpr std::uint64_t stream = 16;
    switch (dataflow) {
        case Dataflow::output_stationary:
            return {array.rows, array.columns, stream};
        case Dataflow::weight_stationary:
            return {stream, array.columns, array.rows};
        case Dataflow::input_stationary:
            break;
    }
    return {array.columns, stream, array.rows};
}

struct Choice {
    Weight weight;
    Dataflow dataflow = Dataflow::output_stationary;
    MatmulTiles tiles;
};

/// All tiles that are `unit` or multiples of it.
void weigh_all(const Problem& p, Dataflow dataflow, const GemmShape& unit, Choice& best) {
    // No piece can be larger than the memory next to the array.
    std::uint64_t room = 0;
    for (const Room& r : p.levels.back().rooms[0]) room = std::max(room, r.bytes);
    const std::uint64_t most = std::max<std::uint64_t>(1, room / p.size());
    const auto block_sizes = [&](std::uint64_t u, std::uint64_t size) {
        return sizes_up_to(std::min(u, size), size, std::min(most, 64 * u), false);
    };
    for (const std::uint64_t m : block_sizes(unit.m, p.shape.m)) {
        for (const std::uint64_t n : block_sizes(unit.n, p.shape.n)) {
            for (const std::uint64_t k :
                 sizes_up_to(std::min(unit.k, p.shape.k), p.shape.k, most, true)) {
                MatmulTiles t{m, n, k, m, n};
                const auto panels = [&](std::uint64_t u, std::uint64_t size) {
                    return p.by_panels() ? sizes_up_to(std::min(u, size), size, size, false)
                                         : std::vector{size};
                };
                for (const std::uint64_t panel_m : panels(unit.m, m)) {
                    for (const std::uint64_t panel_n : panels(unit.n, n)) {
                        t.panel_m = panel_m;
                        t.panel_n = panel_n;
                        const Weight weight = weigh(p, dataflow, t);
                        if (weight < best.weight && fits(p, t)) best = {weight, dataflow, t};
                    }
                }
            }
        }
    }
}

std::string text(const MatmulTiles& t) {
    return "blocks of " + std::to_string(t.block_m) + " x " + std::to_string(t.block_n) + " x " +
           std::to_string(t.block_k) + " (m x n x k) in panels of " + std::to_string(t.panel_m) +
           " and " + std::to_string(t.panel_n);
}

void check_tiles(const Problem& p, MatmulTiles& t) {
    const std::string what = "matmul: " + text(t);
    if (t.block_m == 0 || t.block_n == 0 || t.block_k == 0 || t.panel_m == 0 || t.panel_n == 0) {
        throw ArgumentError(what + ": expected sizes of at least 1");
    }
    t.block_m = std::min(t.block_m, p.shape.m);
    t.block_n = std::min(t.block_n, p.shape.n);
    t.block_k = std::min(t.block_k, p.shape.k);
    t.panel_m = p.by_panels() ? std::min(t.panel_m, t.block_m) : t.block_m;
    t.panel_n = p.by_panels() ? std::min(t.panel_n, t.block_n) : t.block_n;
    constexpr std::uint64_t limit = std::uint64_t{1} << 24;
    if (std::max({t.block_m, t.block_n, t.block_k}) > limit || !fits(p, t)) {
        throw ArgumentError(what + " do not fit into the memories on the way to the arrays");
    }
}

MatmulLane make_lane(const Problem& p, const AddressMap& map, std::uint32_t index) {
    MatmulLane lane;
    lane.array = {EngineKind::systolic_array, index};
    for (std::size_t i = 0; i < p.levels.size(); ++i) {
        const Level& level = p.levels[i];
        const auto places = place_all(level.rooms[index], piece_sizes(p, *p.options.tiles, i));
        std::vector<GlobalAddress> at;
        for (const MemoryRef& place : places) {
            at.push_back(map.address(place.kind, place.index, place.offset));
        }
        lane.a.push_back({engine_of(p, level.mover, index, a_role), {at[0], at[1]}});
        lane.b.push_back({engine_of(p, level.mover, index, b_role), {at[2], at[3]}});
        lane.c.push_back({engine_of(p, level.mover, index, c_role), {at[4], at[5]}});
        if (i + 1 < p.levels.size()) continue;
        lane.sums = at[6];
        lane.bias_engine = lane.a[0].engine;
        lane.bias = {at[7], at[8], at[9]};
    }
    return lane;
}

/// The closed forms of all commands of a lane.
std::uint64_t lane_compute_cycles(const Problem& p, const MatmulPlan& plan,
                                  const MatmulLane& lane) {
    const MatmulTiles& t = plan.tiles();
    std::uint64_t cycles = 0;
    for (std::uint64_t tile = lane.first_tile; tile < lane.first_tile + lane.tile_count; ++tile) {
        const std::uint64_t m0 = tile / plan.tiles_n() * t.block_m;
        const std::uint64_t n0 = tile % plan.tiles_n() * t.block_n;
        const std::uint64_t m = std::min(t.block_m, p.shape.m - m0);
        const std::uint64_t n = std::min(t.block_n, p.shape.n - n0);
        const std::uint64_t rest = p.shape.k % t.block_k;
        cycles += p.shape.k / t.block_k *
                  block_compute_cycles(p, *plan.options.dataflow, t, {m, n, t.block_k});
        if (rest != 0) {
            cycles += block_compute_cycles(p, *plan.options.dataflow, t, {m, n, rest});
        }
    }
    return cycles;
}

}  // namespace

std::uint64_t MatmulPlan::tiles_m() const {
    return ceil_div(shape.m, tiles().block_m);
}
std::uint64_t MatmulPlan::tiles_n() const {
    return ceil_div(shape.n, tiles().block_n);
}
std::uint64_t MatmulPlan::steps_k() const {
    return ceil_div(shape.k, tiles().block_k);
}

std::uint64_t MatmulPlan::units() const {
    return grid ? std::uint64_t{grid->rows} * grid->columns : lanes.size();
}

std::string MatmulPlan::describe() const {
    std::string way = "DRAM";
    for (const MemoryKind kind : path) way += std::string(" > ") + memory_name(kind);
    return "matmul of " + std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
           std::to_string(shape.k) + " (m x n x k), " + std::string(name_of(options.type)) +
           " to " + std::string(name_of(*options.out)) + ", " +
           std::string(name_of(*options.dataflow)) + "\n" + text(tiles()) + ", " +
           std::to_string(tiles_m() * tiles_n()) + " tiles of " + std::to_string(steps_k()) +
           " steps on " + std::to_string(units()) + (grid ? " compute engines\n" : " arrays\n") +
           way + "\n" + std::to_string(compute_cycles) + " cycles of passes, about " +
           std::to_string(estimated_cycles) + " with moving";
}

MatmulPlan plan_matmul(const ChipConfig& config, const GemmShape& shape,
                       const MatmulOptions& options) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 31;
    if (shape.m == 0 || shape.n == 0 || shape.k == 0 ||
        std::max({shape.m, shape.n, shape.k}) >= limit) {
        throw ArgumentError("matmul: expected m, n and k from 1 to 2^31 - 1, got " +
                            std::to_string(shape.m) + ", " + std::to_string(shape.n) + ", " +
                            std::to_string(shape.k));
    }
    if (config.systolic_array_count == 0) return detail::plan_on_engines(config, shape, options);
    Problem p{config, shape, options, {}, config.systolic_array_count};
    if (options.arrays != 0) p.lanes = std::min(p.lanes, options.arrays);
    if (!p.options.out) p.options.out = accumulator_of(options.type);
    check_epilogue(options.type, {options.activation, options.has_bias, *p.options.out});
    p.levels = levels_of(config, p.lanes);

    Choice best;
    std::vector<Dataflow> dataflows = {Dataflow::output_stationary, Dataflow::weight_stationary,
                                       Dataflow::input_stationary};
    if (options.dataflow) dataflows = {*options.dataflow};
    for (const Dataflow dataflow : dataflows) {
        if (options.tiles) {
            MatmulTiles tiles = *options.tiles;
            check_tiles(p, tiles);
            const Weight weight = weigh(p, dataflow, tiles);
            if (weight < best.weight) best = {weight, dataflow, tiles};
        } else {
            weigh_all(p, dataflow, unit_of(p.array(), dataflow), best);
        }
    }
    // Where not even one full pass fits into the memories, arrays stay partly idle.
    for (std::size_t i = 0; best.tiles.block_m == 0 && i < dataflows.size(); ++i) {
        weigh_all(p, dataflows[i], {1, 1, 1}, best);
    }
    if (best.tiles.block_m == 0) {
        throw ConfigError("matmul: the memories on the way to the arrays of '" + config.name +
                          "' are too small for any matmul");
    }
    p.options.dataflow = best.dataflow;
    p.options.tiles = best.tiles;

    MatmulPlan plan{shape, p.options, {}, {}, {}, 0, best.weight.cycles};
    for (const Level& level : p.levels) plan.path.push_back(level.kind);
    const AddressMap map = make_address_map(config);
    const std::uint64_t tiles = plan.tiles_m() * plan.tiles_n();
    for (std::uint32_t i = 0; i < p.lanes; ++i) {
        MatmulLane lane = make_lane(p, map, i);
        lane.first_tile = tiles * i / p.lanes;
        lane.tile_count = tiles * (i + 1) / p.lanes - lane.first_tile;
        if (lane.tile_count == 0) continue;
        plan.compute_cycles = std::max(plan.compute_cycles, lane_compute_cycles(p, plan, lane));
        plan.lanes.push_back(std::move(lane));
    }
    return plan;
}

}  // namespace tilewright
