// The tiles of a chip and their cores, as its configuration describes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/noc/noc_config.hpp"
#include "tilewright/riscv/timing.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

/// What a core is for. It changes nothing about the core; schedulers hand out work by it.
enum class CoreKind : std::uint8_t { data_movement, compute, cube, vector, control };
constexpr CoreKind last_of(CoreKind) {
    return CoreKind::control;
}
/// "data_movement", "compute", ...
TILEWRIGHT_API std::string_view name(CoreKind kind);
/// The kind of that name; ConfigError lists them otherwise.
TILEWRIGHT_API CoreKind core_kind(std::string_view name);

/// One RISC-V core of a tile.
struct CoreConfig {
    std::string isa;                ///< ISA string, e.g. "rv32im_zicsr_zaamo"
    std::uint32_t local_bytes = 0;  ///< private memory for globals and stack
    CoreKind kind = CoreKind::data_movement;
    bool operator==(const CoreConfig&) const = default;
};

/// A tile beside the grid of workers, with an L1 of the same size and cores of its own.
struct ControlTile {
    Router router;
    std::vector<CoreConfig> cores;
    bool operator==(const ControlTile&) const = default;
};

struct TileConfig {
    // Worker tiles of the die stand at the routers (x, y) with x of tile_router_x and y of
    // tile_router_y. Those of a harvested column or row, by its router coordinate, are not there:
    // the others are the grid that programs see, logical column 0 the first that is there.
    std::vector<std::uint16_t> tile_router_x;
    std::vector<std::uint16_t> tile_router_y;
    std::vector<std::uint16_t> harvested_columns;
    std::vector<std::uint16_t> harvested_rows;
    std::uint32_t l1_bytes = 0;
    std::vector<CoreConfig> cores;  ///< the cores of each worker tile; index = processor
    /// Tile i of these is TileId{i, tile_rows()}: the row after the last one of the grid.
    std::vector<ControlTile> control_tiles;
    riscv::Timing core_timing;
    std::uint32_t quantum_cycles = 1024;
    std::uint32_t park_polling_loops = 1;
    /// How much of external memory cores reach by loads and stores, from abi::direct_base on.
    /// core_timing.load_direct says what a load takes; stores are posted.
    std::uint32_t direct_memory_bytes = 0;
    /// Each tile has the compute engine of the chip's architecture: cores 1 to 3 are those of its
    /// threads (coprocessor/registers.hpp).
    std::uint32_t compute_engines = 0;
    // What is not the same in all generations of it; these are documented for Wormhole.
    std::uint32_t compute_dst_cycles = 5;
    std::uint32_t compute_bank_cycles = 0;
    std::uint32_t compute_unpack_bytes = 16;
    bool operator==(const TileConfig&) const = default;

    std::uint32_t tile_columns() const {
        return static_cast<std::uint32_t>(tile_router_x.size() - harvested_columns.size());
    }
    std::uint32_t tile_rows() const {
        return static_cast<std::uint32_t>(tile_router_y.size() - harvested_rows.size());
    }
    /// Worker tiles.
    std::uint32_t tile_count() const { return tile_columns() * tile_rows(); }
    /// Worker tiles, row by row, and then control tiles.
    std::uint32_t all_tile_count() const {
        return tile_count() + static_cast<std::uint32_t>(control_tiles.size());
    }
    /// By number: tiles below all_tile_count().
    const std::vector<CoreConfig>& cores_of(std::uint32_t tile) const {
        return tile < tile_count() ? cores : control_tiles[tile - tile_count()].cores;
    }
    Router tile_router(std::uint32_t tile) const {
        if (tile >= tile_count()) return control_tiles[tile - tile_count()].router;
        return {present(tile_router_x, harvested_columns, tile % tile_columns()),
                present(tile_router_y, harvested_rows, tile / tile_columns())};
    }

    /// field(name, value, least, most, unit, what it is) for each that is a number.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("l1_bytes", c.l1_bytes, 256 * 1024, 64 << 20, "bytes", "size of the L1 of each tile");
        field("quantum_cycles", c.quantum_cycles, 1, 1 << 20, "cycles",
              "how far a core may run ahead of the others");
        field("park_polling_loops", c.park_polling_loops, 0, 1, "0 or 1",
              "cores in polling loops leave the simulation until what they read changes; cycles "
              "are the same");
        field("direct_memory_bytes", c.direct_memory_bytes, 0, abi::max_direct_bytes, "bytes",
              "external memory that cores reach by loads and stores; 0: none");
        field("compute_engines", c.compute_engines, 0, 1, "0 or 1",
              "each tile has the compute engine of the chip's architecture");
        field("compute_dst_cycles", c.compute_dst_cycles, 1, 1000, "cycles",
              "from a write of the matrix unit to rows of Dst until they can be read");
        field("compute_bank_cycles", c.compute_bank_cycles, 0, 1000, "cycles",
              "from where the matrix unit gives a bank of SrcB back until it reads the next");
        field("compute_unpack_bytes", c.compute_unpack_bytes, 1, 1024, "bytes per cycle",
              "that each port of L1 gives an unpacker");
        riscv::visit_fields(c.core_timing, [&](const char* name, auto& value, auto least, auto most,
                                               const char* unit, const char* text) {
            field((std::string("core_timing.") + name).c_str(), value, least, most, unit, text);
        });
    }

private:
    /// The number `wanted` of those that are not harvested.
    static std::uint16_t present(const std::vector<std::uint16_t>& all,
                                 const std::vector<std::uint16_t>& harvested, std::size_t wanted) {
        if (harvested.empty()) return all[wanted];
        std::size_t at = 0;
        for (;; ++at) {
            if (std::ranges::find(harvested, all[at]) == harvested.end() && wanted-- == 0) break;
        }
        return all[at];
    }
};

}  // namespace tilewright
