// What a run of a graph tells about it: what decided its length, how long each task could have
// taken without changing it, what scheduling cost, how busy the workers were.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/graph/graph.hpp"
#include "tilewright/graph/graph_error.hpp"

namespace tilewright {

/// When what happened to a task, in cycles of the chip clock, and which worker ran it.
struct TaskTimes {
    std::uint64_t ready = 0;       ///< nothing had to end before it any more, and a scheduler knew
    std::uint64_t dispatched = 0;  ///< a scheduler handed it to its worker
    std::uint64_t started = 0;     ///< the worker called its function
    std::uint64_t ended = 0;       ///< the function returned
    std::uint32_t worker = 0;      ///< number among the workers of the run
};

/// What one core of a task on several did: between `started` and `ended` it ran its part. Cores of
/// such a task can be given other tasks as soon as they have ended their own part.
struct TaskShare {
    TaskId task = 0;
    std::uint32_t rank = 0;
    std::uint32_t worker = 0;
    std::uint64_t started = 0;
    std::uint64_t ended = 0;
};

/// A task on the critical path, and what it had to wait for.
struct PathStep {
    enum class After : std::uint8_t {
        start,       ///< the start of the run
        dependency,  ///< a task that must end before it
        worker,      ///< a task on the same worker
    };
    TaskId task = 0;
    std::uint32_t iteration = 0;  ///< which execution of the task (graph/executions.hpp)
    After after = After::start;
    std::uint64_t released = 0;     ///< when what it waited for was over
    std::uint64_t worker_wait = 0;  ///< before that: only its worker was missing
    std::uint64_t scheduling = 0;   ///< from then until it started
    std::uint64_t executing = 0;    ///< from its start until the next step was released, or its end
};

/// What one worker did.
struct WorkerUse {
    std::uint64_t tasks = 0;  ///< and parts of tasks on several
    std::uint64_t busy = 0;   ///< cycles between starts and ends of them
};

struct GraphAnalysis {
    /// Each step begins where the one before it ended, the first at the start of the run: the sums
    /// of `scheduling` and `executing` over it are the run's cycles up to the end of its last task.
    std::vector<PathStep> critical_path;
    std::uint64_t path_executing = 0;   ///< shorter tasks on the path, or other tasks, cut this
    std::uint64_t path_scheduling = 0;  ///< a faster scheduler cuts this
    /// More workers cut the run by no more than this: the sum of `worker_wait` over the path, whose
    /// steps may have waited at the same time, or what `longest_chain` leaves, if that is less.
    std::uint64_t path_worker_wait = 0;
    /// Longest chain of dependencies by the tasks' own cycles: what remains with as many workers as
    /// one likes and scheduling that costs nothing.
    std::uint64_t longest_chain = 0;
    /// By task: how many cycles later it could have ended without the run ending later, if
    /// scheduling costs what it did and tasks stay on their workers in their order. 0 on the path.
    std::vector<std::uint64_t> slack;
    std::vector<WorkerUse> workers;
    std::uint64_t executing = 0;   ///< of all tasks
    std::uint64_t scheduling = 0;  ///< of all tasks: from release to start
};

/// `times` has one entry for each task, whose workers are below `workers`; `start` is when the run
/// began; `shares` are GraphProgram::shares(). ArgumentError if they do not fit the graph,
/// GraphError if it repeats or leaves out tasks: then analyse what unroll() makes of it
/// (graph/executions.hpp). Time n log n in tasks, linear in edges.
TILEWRIGHT_API GraphAnalysis analyse(const Graph& graph, std::span<const TaskTimes> times,
                                     std::uint32_t workers, std::uint64_t start,
                                     std::span<const TaskShare> shares = {});

/// A timeline with a track for each worker and a slice for each task; arrows follow the critical
/// path. Formats by the name of the file as TraceWriter's (trace/trace.hpp). `workers` are the
/// names of the tracks. FileError if the file cannot be written.
TILEWRIGHT_API void write_timeline(const std::filesystem::path& file, const Graph& graph,
                                   std::span<const TaskTimes> times,
                                   std::span<const std::string> workers,
                                   const GraphAnalysis& analysis,
                                   std::span<const TaskShare> shares = {});

/// The graph in Graphviz's language, tasks by name and function; with an analysis, its critical
/// path in red and the slack of the other tasks. Dashed: the control-flow edges.
TILEWRIGHT_API std::string graphviz(const Graph& graph, const GraphAnalysis* analysis = nullptr);

}  // namespace tilewright
