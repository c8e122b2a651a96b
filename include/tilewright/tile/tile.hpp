// One tile: its cores and what each needs to run, its L1, and its device registers.
//
// Plain data; what happens to it is in run.hpp, waiting.hpp, polling.hpp and bus.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tilewright/base/lazy_table.hpp"
#include "tilewright/riscv/run_context.hpp"
#include "tilewright/tile/core.hpp"
#include "tilewright/tile/head_start.hpp"
#include "tilewright/tile/order.hpp"
#include "tilewright/tile/register_device.hpp"
#include "tilewright/tile/surroundings.hpp"

namespace tilewright {

class NetworkInterface;

/// What a core needs to run, kept between its turns. Derived: no part of it is saved.
struct CoreRun {
    Program program;
    riscv::RunContext context;
    riscv::Limits limits;    ///< while it runs
    std::uint64_t told = 0;  ///< instructions that ProgramPort::interpreted() was told of
    std::uint64_t translated_at_launch = 0;  ///< of RunContext::translated()
    std::uint64_t turn = 0;  ///< cycle of the last operation for which it took its turn
    riscv::CodeCounts* counts = nullptr;    ///< for Probes::profile
    std::unique_ptr<HeadStart> head_start;  ///< if any turn was ever begun early

    bool begun() const { return head_start != nullptr && head_start->begun; }
};

struct Tile {
    Tile(const Surroundings& surroundings, std::uint32_t number);
    Tile(const Tile&) = delete;
    Tile& operator=(const Tile&) = delete;

    const Surroundings& around;
    const std::uint32_t index;  ///< among the tiles of the chip
    const TileSite& site;
    std::byte* const l1;
    LazyTable<Core> cores;  ///< those that have run
    std::vector<CoreRun> runs;
    std::vector<std::unique_ptr<RegisterDevice>> devices;  ///< by row of Surroundings::devices

    std::uint32_t core_number(std::uint32_t processor) const { return site.first_core + processor; }
    std::uint32_t core_count() const { return static_cast<std::uint32_t>(runs.size()); }
    CoreId core_id(std::uint32_t processor) const {
        return {.tile = site.id, .processor = static_cast<std::uint16_t>(processor)};
    }
    std::byte* local(std::uint32_t processor) const {
        return around.memories.local(core_number(processor));
    }
    /// The device whose row holds this address; nullptr if there is none.
    RegisterDevice* device_at(std::uint32_t address, std::uint32_t& offset) const {
        for (std::size_t row = 0; row < around.devices.size(); ++row) {
            offset = address - around.devices[row].base;
            if (offset < around.devices[row].bytes) return devices[row].get();
        }
        return nullptr;
    }
    NetworkInterface& network(std::uint32_t noc) const;
    /// Something that the core has begun is under way in a device.
    bool work_pending(std::uint32_t processor) const;
};

/// "tile (1, 2)" or "control tile (0, 10)".
std::string tile_name(const TileSite& site);

/// Saves, or reads into a fresh tile.
void save(const Tile& tile, ArchiveWriter& archive);
void load(Tile& tile, ArchiveReader& archive);

// --- What a core reaches without its bus ---------------------------------------------------------

/// Where the window of time ends in which the core runs ahead now, if it stands at the end of one.
void open_window(Tile& tile, std::uint32_t processor);
/// The core's windows onto its memories, as far as nobody checks or watches them.
void map_memory(Tile& tile, std::uint32_t processor);
/// Where a byte lies, if it is of the tile's L1, of the core's local memory, or of direct memory.
std::byte* plain_memory(const Tile& tile, std::uint32_t processor, std::uint32_t address);
bool in_local(const Tile& tile, std::uint32_t processor, std::uint32_t address);
bool in_direct(const Tile& tile, std::uint32_t address);

}  // namespace tilewright
