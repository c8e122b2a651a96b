// Runs of a graph from checks to times: what most users call.
//
//     const GraphRun run = run_graph(device, graph, {.schedulers = 2});
//     const GraphAnalysis analysis = analyse(graph, run.times, run.workers.size(), run.start);
//
//     PreparedGraph prepared(device, graph);     // checked and written to the device once,
//     while (work()) prepared.run();             // and run again and again
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/graph/executions.hpp"
#include "tilewright/graph/graph_error.hpp"
#include "tilewright/graph/observed.hpp"
#include "tilewright/graph/program.hpp"

namespace tilewright {

/// What a run of a graph did.
struct GraphRun {
    Run run;                            ///< of schedulers and workers, as cores
    std::uint64_t start = 0;            ///< its first cycle
    std::vector<CoreId> workers;        ///< by the numbers in `times`
    std::vector<CoreId> schedulers;     ///< control cores
    std::vector<TaskTimes> times;       ///< by task, those that were added behind the others
    std::vector<AddedTask> added;       ///< by the order of their numbers
    std::vector<TaskShare> shares;      ///< of tasks on several cores, by task and rank
    std::vector<Handshake> handshakes;  ///< by worker, as they stood at the end
    /// By start, of a graph with control-flow edges or one whose accesses were observed; otherwise
    /// there is one execution a task, as `times` says.
    std::vector<TaskExecution> executions;
    std::vector<TaskShare>
        execution_shares;             ///< of those on several cores; `task` is the execution
    ObservedAccesses accesses;        ///< by execution, if they were observed
    std::vector<ObservedRace> races;  ///< likewise: find_races() of these
    std::vector<UndeclaredAccess> undeclared;  ///< and find_undeclared()
};

/// A graph in the memory of a device, ready to run as often as one likes; it stays there as long as
/// this. Device and graph must stay as long, and the graph as it is.
class TILEWRIGHT_API PreparedGraph {
public:
    /// Checks the graph (check_order, check_races, check_pointers, and what GraphProgram checks)
    /// and writes it to the device.
    PreparedGraph(Device& device, const Graph& graph, const GraphOptions& options = {});
    PreparedGraph(Device&, Graph&&, const GraphOptions& = {}) = delete;

    /// Runs it to its end; each run begins with the graph as it was built. AddressError if a
    /// pointer leads to what has been freed since. A KernelFault or DeadlockError also tells which
    /// tasks were executing, with their arguments, and how far the others had come; the device is
    /// idle then and can be used. Interrupted stops everything on the device. `progress` is called
    /// with the number of tasks that have ended, up to ten times a second of the host's clock; true
    /// stops the run with Interrupted.
    GraphRun run(const RunOptions& options = {},
                 const std::function<bool(std::size_t ended)>& progress = {});

    /// A run when its turn comes in the queue (GraphProgram::enqueue). UnsupportedError if accesses
    /// are observed, for which the host has to look on.
    void enqueue(Queue& queue);
    /// What such a run did, of which Queue::finish() has told; of several the last. Without
    /// `executions`, also of a graph with control-flow edges. Errors as ended_in_queue().
    GraphRun result(const Run& run);

private:
    void check_live();
    GraphRun look() const;

    Device& device_;
    const Graph& graph_;
    GraphOptions options_;
    std::vector<AddressRange> live_;  // what was allocated when pointers were checked last
    GraphProgram program_;
};

/// Prepares the graph and runs it once, with what PreparedGraph tells of both. Nothing of it stays
/// on the device.
TILEWRIGHT_API GraphRun run_graph(Device& device, const Graph& graph,
                                  const GraphOptions& options = {},
                                  const RunOptions& run_options = {},
                                  const std::function<bool(std::size_t ended)>& progress = {});

/// A line for each: tasks, functions and buffers by name. `options` are those of the run, and the
/// buffers are still there.
TILEWRIGHT_API std::vector<std::string> describe(const Device& device, const Graph& graph,
                                                 const GraphOptions& options, const GraphRun& run,
                                                 std::span<const ObservedRace> races);
TILEWRIGHT_API std::vector<std::string> describe(const Device& device, const Graph& graph,
                                                 const GraphOptions& options, const GraphRun& run,
                                                 std::span<const UndeclaredAccess> undeclared);

/// GraphError that tells the first few races, and then undeclared accesses, of a run whose accesses
/// were observed, if there are any.
TILEWRIGHT_API void check_observed(const Device& device, const Graph& graph,
                                   const GraphOptions& options, const GraphRun& run);

}  // namespace tilewright
