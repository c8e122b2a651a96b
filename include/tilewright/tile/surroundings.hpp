// What a tile needs of the chip around it: numbers, shared parts, and the ports behind which the
// chip stands. A tile knows no other tile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/units.hpp"
#include "tilewright/memory/memories.hpp"
#include "tilewright/noc/noc.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/sim/clock.hpp"
#include "tilewright/sim/probes.hpp"
#include "tilewright/tile/checks.hpp"
#include "tilewright/tile/conventions.hpp"
#include "tilewright/tile/suspicion.hpp"

namespace tilewright {

struct DeviceKind;
struct Tile;

/// What all tiles of a chip have in common.
struct TileParameters {
    std::uint32_t l1_bytes = 0;
    Conventions conventions;
    std::uint64_t direct_bytes = 0;  ///< of the window onto the DRAM
    riscv::Timing timing;
    std::uint32_t quantum_cycles = 0;
    bool park_polling_loops = true;
    std::uint32_t noc_l1_alignment = 1;
    std::uint32_t noc_dram_alignment = 1;
    std::uint32_t columns = 0;  ///< of the grid of workers, as core registers tell
    std::uint32_t rows = 0;
    std::uint32_t dram_banks = 0;

    bool in_user_l1(std::uint32_t address) const {
        return address >= conventions.l1_user_base && address < l1_bytes;
    }
};

/// One of its cores, as it is built.
struct CoreTraits {
    std::string isa;
    std::uint32_t local_bytes = 0;
};

/// Where a tile stands.
struct TileSite {
    TileId id;
    NocNode router;
    std::uint32_t first_core = 0;  ///< number of its first core among those of the chip
    std::span<const CoreTraits> cores;
    bool control = false;  ///< beside the grid
};

/// What a core runs.
struct Program {
    const riscv::Code* code = nullptr;
    riscv::Region window;  ///< what it sees of its image
    std::uint32_t entry = 0;
    std::uint32_t globals_end = 0;  ///< in local memory
    std::string_view name;
    std::shared_ptr<const riscv::ElfImage> elf;
};

/// The programs that cores name by numbers, and what they ask of their environment.
class ProgramPort {
public:
    virtual ~ProgramPort() = default;
    virtual Program program(std::uint32_t image, const std::string& isa) const = 0;
    /// The interpreter has carried out so many instructions of the image, and a core has come to
    /// pc: told now and then.
    virtual void interpreted(std::uint32_t image, const std::string& isa, std::uint32_t pc,
                             std::uint64_t instructions) = 0;
    /// A core has made an `ecall`. True: it goes on; otherwise its kernel has ended.
    virtual bool environment_call(Tile& tile, std::uint32_t processor) = 0;
};

/// The network, for the interface of a tile.
class NetworkPort {
public:
    virtual ~NetworkPort() = default;
    /// The memory at a router; nothing if none is there. Of the host: what it has pinned.
    virtual std::optional<MemoryRef> memory_at(NocNode router) const = 0;
    struct Remote {
        NocNode router;
        MemoryRef memory;
    };
    /// What a command of this network means by a node. Throws BusRefusal.
    virtual Remote find(std::uint32_t noc, std::uint32_t node) const = 0;
    /// The routers of the tiles in a rectangle. Throws BusRefusal.
    virtual std::vector<NocNode> find_all(std::uint32_t noc, std::uint32_t node, NocNode from,
                                          bool with_sender) const = 0;
    /// The bytes lie in memory that the host has pinned.
    virtual bool pinned(std::uint32_t address, std::uint32_t bytes) const = 0;
    virtual std::uint64_t bytes_of(const MemoryRef& memory) const = 0;
    virtual void send(Packet&& packet, std::uint64_t cycle) = 0;
};

struct Surroundings {
    const TileParameters& parameters;
    std::span<const TileSite> sites;         ///< by number of the tile
    const std::vector<DeviceKind>& devices;  ///< that each tile has
    SimClock& clock;
    Memories& memories;
    Probes& probes;
    AccessChecks& checks;
    Suspicion& suspicion;
    ProgramPort& programs;
    NetworkPort* network;  ///< not nullptr
};

}  // namespace tilewright
