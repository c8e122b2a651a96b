#include "ops/space.hpp"

#include <algorithm>

#include "tilewright/base/error.hpp"

namespace tilewright::detail {
namespace {

std::uint64_t aligned(std::uint64_t bytes) {
    return ceil_div(bytes, 64) * 64;
}

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

}  // namespace

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

std::vector<MemoryRef> place_all(std::vector<Room> rooms, const std::vector<std::uint64_t>& sizes) {
    std::vector<std::size_t> order(sizes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    std::vector<MemoryRef> places(sizes.size());
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

std::uint32_t own_index(EngineKind kind, std::uint32_t own, Role role) {
    if (role == c_role) return own - 1;
    return kind == EngineKind::dma ? 0 : std::min<std::uint32_t>(role, own - 1);
}

EngineId engine_of(const Problem& p, EngineKind kind, std::uint32_t lane, Role role) {
    const std::uint32_t count = engine_count(p.config, kind);
    const std::uint32_t first = lane * count / p.lanes;
    if (count < p.lanes) return {kind, first};
    const std::uint32_t own = (lane + 1) * count / p.lanes - first;
    return {kind, first + own_index(kind, own, role)};
}

}  // namespace tilewright::detail
