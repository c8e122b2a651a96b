// What a chip is made of, as a plain value: tiles, cores, network, DRAM, latencies.
//
// Start from a preset, change fields, and let check() say what cannot be. docs/timing-model.md
// gives the source of every number in the presets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tilewright/base/units.hpp"
#include "tilewright/engine/engine_config.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright {

/// Coordinates of a router of the network.
struct Router {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    bool operator==(const Router&) const = default;
};

/// What a core is for. It changes nothing about the core; schedulers hand out work by it.
enum class CoreKind : std::uint8_t { data_movement, compute, cube, vector, control };
constexpr CoreKind last_of(CoreKind) {
    return CoreKind::control;
}
/// "data_movement", "compute", ...
std::string_view name(CoreKind kind);
/// The kind of that name; ConfigError lists them otherwise.
CoreKind core_kind(std::string_view name);

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

/// The routers at which a DRAM bank is reached, one for each NoC.
struct DramPorts {
    Router noc0;
    Router noc1;
    bool operator==(const DramPorts&) const = default;
};

struct ChipConfig : EngineConfig {
    std::string name = "custom";
    double clock_mhz = 1000;  ///< of the one clock that all cycles count

    // Network: two unidirectional tori of the same size, in opposite directions.
    std::uint32_t router_columns = 0;
    std::uint32_t router_rows = 0;
    std::uint32_t noc_flit_bytes = 64;      ///< a link moves one flit a cycle
    std::uint32_t noc_inject_cycles = 5;    ///< network interface to router
    std::uint32_t noc_hop_cycles = 9;       ///< router to neighbouring router
    std::uint32_t noc_eject_cycles = 5;     ///< router to network interface
    std::uint32_t noc_l1_alignment = 16;    ///< source and destination must agree modulo this
    std::uint32_t noc_dram_alignment = 64;  ///< likewise for reads from DRAM

    // Worker tiles: logical column i stands at router column tile_router_x[i], rows likewise.
    std::vector<std::uint16_t> tile_router_x;
    std::vector<std::uint16_t> tile_router_y;
    std::uint32_t l1_bytes = 0;
    std::vector<CoreConfig> cores;  ///< the cores of each worker tile; index = processor
    /// Tile i of these is TileId{i, tile_rows()}: the row after the last one of the grid.
    std::vector<ControlTile> control_tiles;
    riscv::Timing core_timing;
    std::uint32_t quantum_cycles = 1024;  ///< how far a core may run ahead of the others
    /// 1: cores in polling loops of plain loads leave the simulation until a word that they read is
    /// written; cycles and instructions are those of 0, where they spin.
    std::uint32_t park_polling_loops = 1;

    // External memory. Banks beyond those that `dram` names have no port on the network: only DMA
    // engines reach them.
    std::vector<DramPorts> dram;  ///< one entry for each bank that the network reaches
    std::uint32_t dram_bank_count = 0;
    std::uint64_t dram_bank_bytes = 0;
    double dram_bytes_per_cycle = 0;         ///< of one bank; fractions are exact
    std::uint32_t dram_row_bytes = 2048;     ///< consecutive bytes that share a row
    std::uint32_t dram_open_rows = 16;       ///< rows that one bank keeps open (its own banks)
    std::uint32_t dram_row_hit_cycles = 0;   ///< latency when the row is open
    std::uint32_t dram_row_miss_cycles = 0;  ///< latency when another row must be opened
    /// How much of it cores reach by loads and stores, from abi::direct_base on; 0: nothing.
    /// core_timing.load_direct says what a load takes; stores are posted.
    std::uint32_t direct_memory_bytes = 0;

    // The memory hierarchy that engines move data through: all in the global address map.
    std::uint32_t host_memory_region_count = 0;  ///< of the host's memory, which DMA reaches
    std::uint64_t host_memory_region_bytes = 0;
    double host_memory_bytes_per_cycle = 0;  ///< of one region, in each direction
    std::uint32_t host_memory_latency_cycles = 0;
    std::uint32_t l3_tile_count = 0;
    std::uint64_t l3_tile_bytes = 0;
    std::uint32_t l2_bank_count = 0;
    std::uint64_t l2_bank_bytes = 0;
    std::uint32_t scratchpad_count = 0;
    std::uint64_t scratchpad_bytes = 0;
    std::uint32_t l1_buffer_count = 0;
    std::uint64_t l1_buffer_bytes = 0;
    std::uint32_t page_buffer_count = 0;
    std::uint64_t page_buffer_bytes = 0;
    /// What the read port and the write port of each on-chip memory move a cycle. An engine is
    /// no faster than the memories on its way, so whoever widens an engine widens these.
    std::uint32_t sram_bytes_per_cycle = 64;

    // Where the memories begin in the global address map; 0: the default (memory/address_map.hpp).
    std::uint64_t host_memory_base = 0;
    std::uint64_t external_memory_base = 0;
    std::uint64_t l3_tile_base = 0;
    std::uint64_t l2_bank_base = 0;
    std::uint64_t scratchpad_base = 0;
    std::uint64_t l1_buffer_base = 0;
    std::uint64_t page_buffer_base = 0;
    std::uint64_t tile_l1_base = 0;

    // The link to the host, which the copies of queues and transfers with pinned memory cross.
    std::uint32_t host_bytes_per_cycle = 64;
    std::uint32_t host_latency_cycles = 0;
    /// Where the host stands on the network, alone or beside a DRAM bank; without a router, kernels
    /// do not reach its memory.
    std::optional<Router> host_router;

    bool operator==(const ChipConfig&) const = default;

    std::uint32_t tile_columns() const { return static_cast<std::uint32_t>(tile_router_x.size()); }
    std::uint32_t tile_rows() const { return static_cast<std::uint32_t>(tile_router_y.size()); }
    /// Worker tiles.
    std::uint32_t tile_count() const { return tile_columns() * tile_rows(); }
    /// Worker tiles, row by row, and then control tiles.
    std::uint32_t all_tile_count() const {
        return tile_count() + static_cast<std::uint32_t>(control_tiles.size());
    }
    /// Cores of all tiles, which are numbered in the order of their tiles.
    std::uint32_t core_count() const;
    /// By number: tiles below all_tile_count().
    const std::vector<CoreConfig>& cores_of(std::uint32_t tile) const {
        return tile < tile_count() ? cores : control_tiles[tile - tile_count()].cores;
    }
    std::uint32_t first_core_of(std::uint32_t tile) const;
    TileId tile_id(std::uint32_t tile) const;
    Router tile_router(std::uint32_t tile) const;

    /// Throws ConfigError naming the first field that cannot be, with what was expected.
    void check() const;
};

/// Where the memories of such a chip lie. ConfigError if they overlap.
AddressMap make_address_map(const ChipConfig& config);

/// The names that preset() knows.
std::vector<std::string> preset_names();

/// A preset by name; ConfigError lists the known names otherwise.
ChipConfig preset(std::string_view name);

/// The fields that have a single number, by name: for overrides, tables and files.
using FieldValue = std::variant<std::int64_t, double>;
struct Field {
    std::string name;
    FieldValue value;
};
std::vector<Field> scalar_fields(const ChipConfig& config);

/// Set one of them. ConfigError names a field that does not exist, or a value out of its range.
void set_field(ChipConfig& config, std::string_view name, FieldValue value);

/// A number that two configs share only if they are the same chip (snapshots carry it).
std::uint64_t config_hash(const ChipConfig& config);

}  // namespace tilewright
