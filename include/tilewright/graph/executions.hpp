// What ran when the device repeated parts of a graph or left them out (graph/control_flow.hpp):
// each execution of a task, and the graph that the run came down to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/graph/analysis.hpp"
#include "tilewright/graph/graph.hpp"

namespace tilewright {

/// One execution of a task.
struct TaskExecution {
    TaskId task = 0;
    std::uint32_t iteration = 0;  ///< 0 for its first one, 1 for the next, ...
    TaskTimes times;
};

/// A graph without control-flow edges, with a task for each execution: task i is executions[i], by
/// the name of its task, with the iteration if there were several. What had to end before what,
/// each time.
struct UnrolledGraph {
    Graph graph{Dependencies::edges};
    std::vector<TaskTimes> times;  ///< by execution
    std::vector<TaskId> skipped;   ///< tasks of the original that never ran, ascending
};

/// `executions` are all of a run, in the order in which they started. Which way the run went at a
/// control-flow edge is told by what started next. ArgumentError for a task that the graph does not
/// have.
TILEWRIGHT_API UnrolledGraph unroll(const Graph& graph, std::span<const TaskExecution> executions);

/// The critical path of an unrolled graph, by tasks of the original and their iterations.
TILEWRIGHT_API std::vector<PathStep> original_path(const GraphAnalysis& analysis,
                                                   std::span<const TaskExecution> executions);

/// The unrolled graph in Graphviz's language, as graphviz() (graph/analysis.hpp), and beside it the
/// tasks that were skipped.
TILEWRIGHT_API std::string graphviz(const Graph& graph, const UnrolledGraph& unrolled,
                                    const GraphAnalysis* analysis = nullptr);

}  // namespace tilewright
