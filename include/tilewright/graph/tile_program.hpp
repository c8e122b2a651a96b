// Kernels that run on the cores of one tile together, as one task of a graph: data movement and
// compute kernels as programs for TT-Metalium have them, or native ones.
//
//     TileProgram square{.name = "square", .setup = program_memory(circular_buffers, {})};
//     square.kernels = {{reader, 0}, {unpack, 1, true}, {math, 2, true}, {pack, 3, true},
//                       {writer, 4}};
//     graph.add(first_program_function, program_arguments({{0, words}, {4, more_words}}));
//     run_graph(device, graph, {.programs = {square}});
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/runtime/kernel.hpp"

namespace tilewright {

struct TileKernel {
    Kernel kernel;
    std::uint16_t processor = 0;  ///< of the tile, 0 to 7
    bool feeds_engine = false;    ///< it is one of the three that a compute kernel is compiled to
};

/// For each task that runs it the tile is as at a launch: circular buffers and semaphores of
/// `setup`, and no others, and a compute engine that nobody has used.
struct TileProgram {
    std::string name;
    std::vector<TileKernel> kernels;
    std::vector<L1Words> setup{};  ///< program_memory()
};

/// A task whose function is first_program_function + i runs GraphOptions::programs[i].
inline constexpr std::uint32_t first_program_function = 0xC000;

/// The launch arguments of one kernel of a program (encode_arguments).
struct CoreWords {
    std::uint16_t processor = 0;
    std::vector<std::uint32_t> words;
};

/// The arguments of a task that runs a program, for Graph::add; a kernel that is not named has
/// none. ArgumentError for a processor that is named twice or above 7, and for more words than a
/// launch can carry.
TILEWRIGHT_API std::vector<std::uint64_t> program_arguments(std::span<const CoreWords> arguments);

}  // namespace tilewright
