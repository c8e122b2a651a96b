// Products of matrices in the chip's memories, spread over its systolic arrays, or where it has
// none over the compute engines of its tiles.
//
// A matmul is planned first: how it is cut, where the pieces lie, which engines move them. The
// plan is plain data, a function of the chip and the shape alone. Each array has a lane: engines,
// and slots in the memories on the way from DRAM to the array. A lane takes its tiles of C one
// after another, each in steps of block_k:
//
//     DRAM --DMA--> L3 --block mover--> L2 --streamer--> L1 --> array --> L1 --> L2 --> L3 --> DRAM
//
// A block (block_m x block_k of A, block_k x block_n of B) moves as a whole as far as L2; from
// there the array is fed with panels (panel_m x block_k, block_k x panel_n). On a chip without that
// path blocks go by DMA from DRAM to a scratchpad, and panels are blocks. Every piece has two
// slots, so that the next one comes in while one is in use; a piece that is there already is not
// moved again.
//
// On compute engines each tile of the chip takes a block of C, and steps of block_k along k. One
// tile of a row reads the blocks of A that the row needs and sends them to the others, one of a
// column likewise those of B; an engine adds up its block in its L1. There matrices lie in tiles of
// 32 x 32: row by row of tiles, a tile as four faces of 16 x 16, the last tiles filled up with
// zeros; tiled_bytes() says how much that is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/engine/systolic/array_matmul.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

struct MatmulTiles {
    std::uint64_t block_m = 0;
    std::uint64_t block_n = 0;
    std::uint64_t block_k = 0;
    std::uint64_t panel_m = 0;  ///< at most block_m
    std::uint64_t panel_n = 0;  ///< at most block_n
    bool operator==(const MatmulTiles&) const = default;
};

struct MatmulOptions {
    DataType type = DataType::float32;   ///< of A and B
    std::optional<DataType> out{};       ///< of C; none: accumulator_of(type)
    std::optional<Dataflow> dataflow{};  ///< none: the one with the fewest estimated cycles
    Activation activation = Activation::none;
    bool has_bias = false;               ///< a row of n elements of accumulator_of(type)
    std::optional<MatmulTiles> tiles{};  ///< none: those with the fewest estimated cycles
    std::uint32_t arrays = 0;            ///< how many to use at most; 0: all
    std::uint32_t fidelity_phases = 4;   ///< of compute engines: 1 (LoFi) to 4 (HiFi4)
};

/// The two places of a piece in one memory of its way, and the engine that moves it there (for C:
/// from there).
struct MatmulStage {
    EngineId engine;
    std::array<GlobalAddress, 2> slots{};
};

/// What one array works with. Stages are in the order of MatmulPlan::path.
struct MatmulLane {
    EngineId array;
    std::vector<MatmulStage> a, b, c;
    EngineId bias_engine;
    std::array<GlobalAddress, 3> bias{};  ///< next to the array: it comes with the first piece
    GlobalAddress sums{};  ///< of a tile whose blocks are not all in yet; next to the array
    std::uint64_t first_tile = 0;
    std::uint64_t tile_count = 0;
};

/// The compute engines that take part: those of the tiles from (0, 0) on.
struct MatmulGrid {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint64_t l1_bytes = 0;    ///< of each tile
    std::uint32_t first_step = 0;  ///< tiles along k of the first step, which is shorter
};

struct TILEWRIGHT_API MatmulPlan {
    GemmShape shape;
    MatmulOptions options;  ///< with everything chosen
    std::vector<MemoryKind> path;
    std::vector<MatmulLane> lanes;       ///< of systolic arrays
    std::optional<MatmulGrid> grid{};    ///< of compute engines, if the chip has no arrays
    std::uint64_t compute_cycles = 0;    ///< closed forms of all commands of the busiest lane
    std::uint64_t estimated_cycles = 0;  ///< with moving, as the choice weighed it

    const MatmulTiles& tiles() const { return *options.tiles; }
    /// Arrays, or compute engines.
    std::uint64_t units() const;
    std::uint64_t tiles_m() const;
    std::uint64_t tiles_n() const;
    std::uint64_t steps_k() const;
    /// A few lines of text: what was chosen, and what it expects.
    std::string describe() const;
};

/// What a matrix takes in tiles of 32 x 32.
TILEWRIGHT_API std::uint64_t tiled_bytes(std::uint64_t rows, std::uint64_t columns, DataType type);

/// ArgumentError for an empty matmul, a type that cannot be, or tiles that do not fit; ConfigError
/// for a chip that has neither arrays nor compute engines, or no memories on the way to arrays;
/// UnsupportedError for what compute engines do not do here: another dataflow than output
/// stationary, tiles or a number of engines of one's own choice.
TILEWRIGHT_API MatmulPlan plan_matmul(const ChipConfig& config, const GemmShape& shape,
                                      const MatmulOptions& options = {});

/// Energy in picojoules: docs/timing-model.md has the table and its sources.
struct MatmulEnergy {
    double macs = 0;
    double on_chip = 0;  ///< bytes into and out of L3, L2, L1 and scratchpads
    double dram = 0;
    double total() const { return macs + on_chip + dram; }
};

/// What a matmul did.
struct MatmulReport {
    MatmulPlan plan;
    Cycle start{};
    Cycle end{};
    std::uint64_t cycles = 0;          ///< end - start
    std::uint64_t compute_cycles = 0;  ///< passes, of the array (or matrix unit) that had most
    std::uint64_t vector_cycles = 0;   ///< bias and activations, likewise
    std::uint64_t memory_cycles = 0;   ///< the busiest engine that moves data was at work
    std::uint64_t stall_cycles = 0;    ///< cycles - compute_cycles: the busiest array had nothing
    std::uint64_t passes = 0;          ///< of arrays; of compute engines, products of two tiles
    std::uint64_t macs = 0;
    std::uint64_t dram_bytes_read = 0;
    std::uint64_t dram_bytes_written = 0;
    std::uint64_t l3_bytes = 0;  ///< read and written, likewise below
    std::uint64_t l2_bytes = 0;
    std::uint64_t l1_bytes = 0;
    std::uint64_t scratchpad_bytes = 0;
    std::uint64_t compulsory_bytes = 0;  ///< of A, B, bias and C, once each
    /// macs / (cycles * elements of all arrays of the chip). A compute engine has 2048 elements for
    /// a phase of fidelity.
    double utilisation = 0;
    double array_utilisation = 0;     ///< likewise, of the arrays in use
    double arithmetic_intensity = 0;  ///< operations (2 a mac) a byte of DRAM
    MatmulEnergy energy;
    double host_seconds = 0;
};

}  // namespace tilewright
