// Chooses how a product is cut, and places its pieces.
//
// All tile sizes that fit are weighed by the same estimate: in the steady state a block takes as
// long as the unit that has most to do for it. Ties go to what moves fewer bytes, then to what came
// first.
#include <algorithm>
#include <array>
#include <string>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/address_map.hpp"
#include "tilewright/runtime/matmul.hpp"

namespace tilewright {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}
std::uint64_t aligned(std::uint64_t bytes) {
    return ceil_div(bytes, 64) * 64;
}

// --- Slots --------------------------------------------------------------------------------------

/// A stretch of one memory that a lane has for itself.
struct Room {
    MemoryLocation place;
    std::uint64_t bytes = 0;
};

struct Level {
    MemoryKind kind;
    EngineKind mover;                      ///< what brings data there
    std::vector<std::vector<Room>> rooms;  ///< by lane
};

/// Deal the memories of a kind out to the lanes: whole ones, or equal parts where there are fewer.
std::vector<std::vector<Room>> deal(MemoryKind kind, std::uint32_t count, std::uint64_t bytes,
                                    std::uint32_t lanes) {
    std::vector<std::vector<Room>> rooms(lanes);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        if (count >= lanes) {
            for (std::uint32_t i = lane * count / lanes; i < (lane + 1) * count / lanes; ++i) {
                rooms[lane].push_back({{kind, i, 0}, bytes});
            }
            continue;
        }
        const std::uint32_t memory = lane * count / lanes;
        const std::uint32_t first = ceil_div(std::uint64_t{memory} * lanes, count);
        const std::uint32_t end = ceil_div(std::uint64_t{memory + 1} * lanes, count);
        const std::uint64_t part = bytes / (end - first) / 64 * 64;
        rooms[lane].push_back({{kind, memory, (lane - first) * part}, part});
    }
    return rooms;
}

/// Places for pieces of these sizes, the largest first, each where most is free; empty if they do
/// not fit.
std::vector<MemoryLocation> place_all(std::vector<Room> rooms,
                                      const std::vector<std::uint64_t>& sizes) {
    std::vector<std::size_t> order(sizes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    std::vector<MemoryLocation> places(sizes.size());
    for (const std::size_t i : order) {
        const auto room = std::ranges::max_element(rooms, {}, &Room::bytes);
        const std::uint64_t bytes = aligned(sizes[i]);
        if (room == rooms.end() || room->bytes < bytes) return {};
        places[i] = room->place;
        room->place.offset += bytes;
        room->bytes -= bytes;
    }
    return places;
}

// --- Weighing -----------------------------------------------------------------------------------

/// Everything about a product but its tiles and its dataflow.
struct Problem {
    const ChipConfig& config;
    GemmShape shape;
    MatmulOptions options;
    std::vector<Level> levels;
    std::uint32_t lanes = 0;

    ArrayShape array() const { return {config.systolic_rows, config.systolic_columns}; }
    std::uint64_t size() const { return size_of(options.type); }
    std::uint64_t out_size() const { return size_of(*options.out); }
    bool by_panels() const { return levels.size() > 1; }
};

/// The sizes of the pieces at one level: A, A, B, B, C, C, and next to the array sums and three
/// times the bias.
std::vector<std::uint64_t> piece_sizes(const Problem& p, const MatmulTiles& t, std::size_t level) {
    const bool last = level + 1 == p.levels.size();
    const bool panels = last && p.by_panels();
    const std::uint64_t a = (panels ? t.panel_m : t.block_m) * t.block_k * p.size();
    const std::uint64_t b = (panels ? t.panel_n : t.block_n) * t.block_k * p.size();
    const std::uint64_t c = t.block_m * t.block_n * p.out_size();
    std::vector<std::uint64_t> sizes = {a, a, b, b, c, c};
    if (last) {
        const bool splits = t.block_k < p.shape.k;
        const std::uint64_t bias = p.options.has_bias ? t.block_n * 4 : 0;
        sizes.insert(sizes.end(), {splits ? t.block_m * t.block_n * 4 : 0, bias, bias, bias});
    }
    return sizes;
}

bool fits(const Problem& p, const MatmulTiles& t) {
    for (std::size_t level = 0; level < p.levels.size(); ++level) {
        const auto sizes = piece_sizes(p, t, level);
        for (const auto& rooms : p.levels[level].rooms) {
            if (place_all(rooms, sizes).empty()) return false;
        }
    }
    return true;
}

enum Role : std::uint32_t { a_role, b_role, c_role, role_count };

std::uint32_t engine_count(const ChipConfig& config, EngineKind kind) {
    switch (kind) {
        case EngineKind::dma:
            return config.dma_engine_count;
        case EngineKind::block_mover:
            return config.block_mover_count;
        case EngineKind::streamer:
            return config.streamer_count;
        case EngineKind::systolic_array:
            break;
    }
    return config.systolic_array_count;
}

/// Which of its `own` engines of a kind a lane uses for what. One DMA engine brings A, B and the
/// bias, in this order of commands: what MatmulCommands says of the bias depends on it.
std::uint32_t own_index(EngineKind kind, std::uint32_t own, Role role) {
    if (role == c_role) return own - 1;
    return kind == EngineKind::dma ? 0 : std::min<std::uint32_t>(role, own - 1);
}

/// Engines are dealt out to the lanes as memories are.
EngineId engine_of(const Problem& p, EngineKind kind, std::uint32_t lane, Role role) {
    const std::uint32_t count = engine_count(p.config, kind);
    const std::uint32_t first = lane * count / p.lanes;
    if (count < p.lanes) return {kind, first};
    const std::uint32_t own = (lane + 1) * count / p.lanes - first;
    return {kind, first + own_index(kind, own, role)};
}

struct Weight {
    std::uint64_t cycles = ~std::uint64_t{0};
    std::uint64_t bytes = 0;
    bool operator<(const Weight& other) const {
        return cycles != other.cycles ? cycles < other.cycles : bytes < other.bytes;
    }
};

/// Closed forms of the commands of one block.
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

// --- Choosing -----------------------------------------------------------------------------------

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

std::vector<Level> levels_of(const ChipConfig& c, std::uint32_t lanes) {
    const auto level = [&](MemoryKind kind, EngineKind mover, std::uint32_t count,
                           std::uint64_t bytes) {
        return Level{kind, mover, deal(kind, count, bytes, lanes)};
    };
    if (c.dma_engine_count == 0) throw ConfigError("matmul: dma_engine_count is 0: no way in");
    const bool all = c.l3_tile_count != 0 && c.l2_bank_count != 0 && c.l1_buffer_count != 0 &&
                     c.block_mover_count != 0 && c.streamer_count != 0;
    if (all) {
        return {level(MemoryKind::l3, EngineKind::dma, c.l3_tile_count, c.l3_tile_bytes),
                level(MemoryKind::l2, EngineKind::block_mover, c.l2_bank_count, c.l2_bank_bytes),
                level(MemoryKind::l1_buffer, EngineKind::streamer, c.l1_buffer_count,
                      c.l1_buffer_bytes)};
    }
    if (c.scratchpad_count == 0) {
        throw ConfigError(
            "matmul: expected either L3 tiles, L2 banks, L1 buffers, block movers and streamers, "
            "or "
            "scratchpads");
    }
    return {level(MemoryKind::scratchpad, EngineKind::dma, c.scratchpad_count, c.scratchpad_bytes)};
}

MatmulLane make_lane(const Problem& p, const AddressMap& map, std::uint32_t index) {
    MatmulLane lane;
    lane.array = {EngineKind::systolic_array, index};
    for (std::size_t i = 0; i < p.levels.size(); ++i) {
        const Level& level = p.levels[i];
        const auto places = place_all(level.rooms[index], piece_sizes(p, *p.options.tiles, i));
        std::vector<GlobalAddress> at;
        for (const MemoryLocation& place : places) {
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

std::string MatmulPlan::describe() const {
    std::string way = "DRAM";
    for (const MemoryKind kind : path) way += std::string(" > ") + memory_name(kind);
    return "product of " + std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
           std::to_string(shape.k) + " (m x n x k), " + std::string(name_of(options.type)) +
           " to " + std::string(name_of(*options.out)) + ", " +
           std::string(name_of(*options.dataflow)) + "\n" + text(tiles()) + ", " +
           std::to_string(tiles_m() * tiles_n()) + " tiles of " + std::to_string(steps_k()) +
           " steps on " + std::to_string(lanes.size()) + " arrays\n" + way + "\n" +
           std::to_string(compute_cycles) + " cycles of passes, about " +
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
    if (config.systolic_array_count == 0) {
        throw ConfigError("matmul: the chip '" + config.name +
                          "' has no systolic arrays (systolic_array_count is 0)");
    }
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
                          "' are too small for any product");
    }
    p.options.dataflow = best.dataflow;
    p.options.tiles = best.tiles;

    MatmulPlan plan{shape, p.options, {}, {}, 0, best.weight.cycles};
    for (const Level& level : p.levels) plan.path.push_back(level.kind);
    const AddressMap map(config);
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
