// What can be said about a graph before it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/graph/graph.hpp"
#include "tilewright/graph/graph_error.hpp"

namespace tilewright {

class Device;

/// GraphError with the names of the tasks on a cycle, if there is one.
TILEWRIGHT_API void check_order(const Graph& graph);

/// Two tasks that touch the same bytes, at least one of them writing, with no order between them.
struct DeclaredRace {
    TaskId first = 0;
    TaskId second = 0;
    AddressRange bytes;
    bool first_writes = false;
    bool second_writes = false;
};

/// A race between declared accesses under the order of the graph's edges alone, if there is one;
/// the first in topological order. GraphError if the graph has a cycle. Graphs whose dependencies
/// are inferred have none.
TILEWRIGHT_API std::optional<DeclaredRace> find_race(const Graph& graph);
/// GraphError that describes it, if there is one.
TILEWRIGHT_API void check_races(const Graph& graph);

/// AddressError for a marked pointer that leads into none of these ranges (ascending, apart), with
/// its task and the number of the argument; and for the word of a control-flow edge.
void check_pointers(const Graph& graph, std::span<const AddressRange> live);
/// AddressError, with the task, the argument and both sizes, for a task of a function that ships
/// (builtin_worker_program()) whose n elements begin in one of these ranges and reach beyond it.
void check_builtin_extents(const Graph& graph, std::span<const AddressRange> live);
/// What is allocated now in the direct memory of a device, as cores address it.
std::vector<AddressRange> live_ranges(const Device& device);

}  // namespace tilewright
