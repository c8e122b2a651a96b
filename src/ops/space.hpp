// What the choice of tiles and the placing of slots share: a matmul on a chip, the memories and
// engines on the way to its arrays, and what tiles would cost there.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/ops/matmul.hpp"

namespace tilewright::detail {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

/// A stretch of one memory that a lane has for itself.
struct Room {
    MemoryRef place;
    std::uint64_t bytes = 0;
};

struct Level {
    MemoryKind kind;
    EngineKind mover;                      ///< what brings data there
    std::vector<std::vector<Room>> rooms;  ///< by lane
};

/// Everything about a matmul but its tiles and its dataflow.
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

enum Role : std::uint32_t { a_role, b_role, c_role, role_count };

/// The way from DRAM to the arrays. ConfigError if there is none.
std::vector<Level> levels_of(const ChipConfig& config, std::uint32_t lanes);

std::uint32_t engine_count(const ChipConfig& config, EngineKind kind);
/// Which of its `own` engines of a kind a lane uses for what. One DMA engine brings A, B and the
/// bias, in this order of commands: what MatmulCommands says of the bias depends on it.
std::uint32_t own_index(EngineKind kind, std::uint32_t own, Role role);
/// Engines are dealt out to the lanes as memories are.
EngineId engine_of(const Problem& problem, EngineKind kind, std::uint32_t lane, Role role);

/// The sizes of the pieces at one level: A, A, B, B, C, C, and next to the array sums and three
/// times the bias.
std::vector<std::uint64_t> piece_sizes(const Problem& problem, const MatmulTiles& tiles,
                                       std::size_t level);
/// Places for pieces of these sizes, the largest first, each where most is free; empty if they do
/// not fit.
std::vector<MemoryRef> place_all(std::vector<Room> rooms, const std::vector<std::uint64_t>& sizes);
bool fits(const Problem& problem, const MatmulTiles& tiles);

struct Weight {
    std::uint64_t cycles = ~std::uint64_t{0};
    std::uint64_t bytes = 0;
    bool operator<(const Weight& other) const {
        return cycles != other.cycles ? cycles < other.cycles : bytes < other.bytes;
    }
};

/// Closed forms of the commands of one block.
std::uint64_t block_compute_cycles(const Problem& problem, Dataflow dataflow,
                                   const MatmulTiles& tiles, GemmShape block);
/// An estimate: in the steady state a block takes as long as the unit that has most to do for it.
Weight weigh(const Problem& problem, Dataflow dataflow, const MatmulTiles& tiles);

}  // namespace tilewright::detail
