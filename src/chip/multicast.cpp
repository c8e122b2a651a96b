#include "chip/multicast.hpp"

#include <string>

#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {
namespace {

struct Corner {
    std::uint32_t x, y;
};

std::string text(Corner c) {
    return "(" + std::to_string(c.x) + ", " + std::to_string(c.y) + ")";
}

// Whether `at` lies on the way from `start` to `end` in the direction of the network, which goes
// round.
bool on_the_way(std::uint32_t noc, std::uint32_t start, std::uint32_t end, std::uint32_t at,
                std::uint32_t size) {
    const std::uint32_t from = noc == 0 ? start : end;
    const std::uint32_t to = noc == 0 ? end : start;
    return (at + size - from) % size <= (to + size - from) % size;
}

}  // namespace

std::vector<NocNode> multicast_targets(const ChipConfig& config, std::uint32_t noc,
                                       std::uint32_t node, Router from, bool with_sender) {
    const Corner start{node & 0xFF, node >> 8 & 0xFF};
    const Corner end{node >> 19 & 0x3F, node >> 25 & 0x3F};
    const auto space = static_cast<abi::NodeSpace>(node >> 16 & 7);
    const bool physical = space == abi::NodeSpace::physical;
    if (!physical && space != abi::NodeSpace::tile) {
        throw BusRefusal{"NoC command: a multicast goes to a rectangle of tiles"};
    }
    const std::uint32_t columns = physical ? config.router_columns : config.tile_columns();
    const std::uint32_t rows = physical ? config.router_rows : config.tile_rows();
    if (start.x >= columns || end.x >= columns || start.y >= rows || end.y >= rows ||
        (!physical && (start.x > end.x || start.y > end.y))) {
        throw BusRefusal{"NoC command: multicast from " + text(start) + " to " + text(end) +
                         (physical ? " in a network of " : " in a grid of ") +
                         std::to_string(columns) + "x" + std::to_string(rows)};
    }
    const auto inside = [&](std::uint32_t x, std::uint32_t y, Router router) {
        if (!physical) return x >= start.x && x <= end.x && y >= start.y && y <= end.y;
        return on_the_way(noc, start.x, end.x, router.x, columns) &&
               on_the_way(noc, start.y, end.y, router.y, rows);
    };
    std::vector<NocNode> targets;
    for (std::uint32_t tile = 0; tile < config.tile_count(); ++tile) {
        const Router router = config.tile_router(tile);
        const std::uint32_t x = tile % config.tile_columns();
        const std::uint32_t y = tile / config.tile_columns();
        if (inside(x, y, router) && (with_sender || !(router == from))) {
            targets.push_back({router.x, router.y});
        }
    }
    return targets;
}

}  // namespace tilewright
