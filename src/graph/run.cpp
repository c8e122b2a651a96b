#include "tilewright/graph/run.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "graph/call_text.hpp"
#include "graph/run_log.hpp"
#include "runtime/device_lock.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/graph/check.hpp"

namespace tilewright {
namespace {

std::string describe_call(const Graph& graph, TaskId task, const GraphOptions& options) {
    constexpr std::size_t shown = 16;
    std::string text = detail::task_text(graph, task) + ", " +
                       detail::FunctionNames(options).of(graph.functions()[task]);
    if (graph.functions()[task] >= first_program_function) return text + " with its tile";
    text += " (";
    const auto arguments = graph.arguments(task);
    for (std::size_t i = 0; i < arguments.size() && i < shown; ++i) {
        text += (i == 0 ? "" : ", ") + hex(arguments[i]);
    }
    return text + (arguments.size() > shown ? ", ...)" : ")");
}

std::size_t count_ended(const GraphProgram& program) {
    const std::vector<TaskTimes> times = program.times();
    return static_cast<std::size_t>(std::count_if(
        times.begin(), times.end(), [](const TaskTimes& t) { return t.ended > t.started; }));
}

/// Tells about progress where the run asks whether to stop.
RunOptions with_progress(const RunOptions& options, const GraphProgram& program,
                         const std::function<bool(std::size_t)>& progress) {
    using Clock = std::chrono::steady_clock;
    if (!progress) return options;
    RunOptions result = options;
    result.stop_requested = [&program, stop = options.stop_requested, progress,
                             last = Clock::now()]() mutable {
        if (stop && stop()) return true;
        if (Clock::now() - last < std::chrono::milliseconds(100)) return false;
        const bool stopped = progress(count_ended(program));
        last = Clock::now();
        return stopped;
    };
    return result;
}

/// Lines that follow the message of what stopped the run.
std::string describe_state(const Graph& before, const GraphProgram& program,
                           const GraphOptions& options) {
    const std::vector<AddedTask> added = program.added();
    const Graph graph = added.empty() ? before : with_added_tasks(before, added);
    constexpr std::size_t shown = 8;
    std::string text;
    std::size_t executing = 0;
    const std::vector<std::optional<TaskId>> tasks = program.executing();
    for (std::size_t worker = 0; worker < tasks.size(); ++worker) {
        if (!tasks[worker]) continue;
        if (++executing <= shown) {
            text += "\n  core " + describe(program.workers()[worker]) + " was executing " +
                    describe_call(graph, *tasks[worker], options);
        }
    }
    if (executing > shown) {
        text += "\n  and " + std::to_string(executing - shown) + " more cores";
    }
    const std::size_t ended = count_ended(program);
    return text + "\n  of " + std::to_string(graph.size()) + " tasks " + std::to_string(ended) +
           " had ended, " + std::to_string(executing) + " were executing, " +
           std::to_string(graph.size() - ended - executing) + " had not started";
}

/// Pointers and arrays of tasks lie in what is allocated.
void check_memory(const Graph& graph, const GraphOptions& options,
                  std::span<const AddressRange> live) {
    check_pointers(graph, live);
    if (!options.worker_program) check_builtin_extents(graph, live);
}

/// In an order in which nothing has been allocated when a check of the graph alone fails.
GraphProgram checked_program(Device& device, const Graph& graph, const GraphOptions& options) {
    const detail::DeviceLock held = detail::lock_device(device);
    check_order(graph);
    check_races(graph);
    check_memory(graph, options, live_ranges(device));
    return {device, graph, options};
}

}  // namespace

PreparedGraph::PreparedGraph(Device& device, const Graph& graph, const GraphOptions& options)
    : device_(device),
      graph_(graph),
      options_(options),
      program_(checked_program(device, graph, options)) {}

void PreparedGraph::check_live() {
    std::vector<AddressRange> live = live_ranges(device_);
    if (live == live_) return;
    check_memory(graph_, options_, live);
    live_ = std::move(live);
}

GraphRun PreparedGraph::look() const {
    GraphRun result;
    result.start = program_.started_at();
    result.workers = program_.workers();
    result.schedulers = program_.schedulers();
    result.times = program_.times();
    result.added = program_.added();
    result.shares = program_.shares();
    result.handshakes = program_.handshakes();
    return result;
}

void PreparedGraph::enqueue(Queue& queue) {
    if (options_.observe_accesses) {
        throw UnsupportedError(
            "a queue cannot observe what the tasks of a graph access; run() can");
    }
    check_live();
    program_.enqueue(queue);
}

GraphRun PreparedGraph::result(const Run& run) {
    const detail::DeviceLock held = detail::lock_device(device_);
    program_.ended_in_queue(run);
    GraphRun result = look();
    result.run = run;
    return result;
}

GraphRun PreparedGraph::run(const RunOptions& run_options,
                            const std::function<bool(std::size_t)>& progress) {
    // Held until the log is gone, which watches the device.
    const detail::DeviceLock held = detail::lock_device(device_);
    check_live();
    Run run;
    std::optional<detail::RunLog> log;
    if (options_.observe_accesses || !graph_.control_edges().empty()) {
        log.emplace(device_, graph_, program_, options_.observe_accesses);
    }
    try {
        run = program_.run(with_progress(run_options, program_, progress));
    } catch (const KernelFault& fault) {
        const std::string message = fault.what() + describe_state(graph_, program_, options_);
        if (fault.site()) throw KernelFault(message, *fault.site());
        throw KernelFault(message);
    } catch (const DeadlockError& deadlock) {
        throw with_more(deadlock, describe_state(graph_, program_, options_));
    } catch (const CycleLimitError& limit) {
        throw with_more(limit, describe_state(graph_, program_, options_));
    } catch (const Interrupted&) {
        device_.abort();  // the graph's memory may go with this
        throw;
    }
    GraphRun result = look();
    result.run = std::move(run);
    if (log) {
        result.executions = log->take_executions(result.start);
        result.execution_shares = log->take_shares();
    }
    std::optional<Graph> grown;
    if (options_.observe_accesses) {
        result.accesses = log->take_accesses();
        if (graph_.reserved().tasks == 0) {
            result.races = find_races(unroll(graph_, result.executions), result.accesses,
                                      result.execution_shares);
        } else {
            grown = with_added_tasks(graph_, result.added);
            result.races = find_races(unroll(*grown, result.executions), result.executions,
                                      log->take_stretches(), result.execution_shares);
        }
        result.undeclared = find_undeclared(grown ? *grown : graph_, result.executions,
                                            result.accesses, direct_memory(device_));
    }
    return result;
}

GraphRun run_graph(Device& device, const Graph& graph, const GraphOptions& options,
                   const RunOptions& run_options,
                   const std::function<bool(std::size_t)>& progress) {
    // Held from the first check on, so that nobody frees what was looked at.
    const detail::DeviceLock held = detail::lock_device(device);
    return PreparedGraph(device, graph, options).run(run_options, progress);
}

}  // namespace tilewright
