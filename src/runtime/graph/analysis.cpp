#include "tilewright/runtime/graph/analysis.hpp"

#include <algorithm>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/graph/order.hpp"

namespace tilewright {
namespace {

constexpr TaskId none = 0xFFFF'FFFF;

/// What held each task back: of all that had to be over before it could start, what was over last.
struct Releases {
    std::vector<std::uint64_t> cycle;
    std::vector<TaskId> task;  ///< none: the start of the run
    std::vector<PathStep::After> after;
    std::vector<std::uint64_t> dependencies_over;  ///< cycle in which the last of them was
    std::vector<TaskId> next_on_worker;            ///< none: it was the last there
};

void check(const Graph& graph, std::span<const TaskTimes> times, std::uint32_t workers,
           std::uint64_t start) {
    if (!graph.jumps().empty()) {
        throw GraphError(
            "analyse: a graph in which tasks are repeated or left out, of which there are only the "
            "times of the last round");
    }
    if (times.size() != graph.size()) {
        throw ArgumentError("analyse: " + std::to_string(graph.size()) + " tasks and times for " +
                            std::to_string(times.size()));
    }
    for (TaskId task = 0; task < times.size(); ++task) {
        const TaskTimes& t = times[task];
        if (t.worker >= workers) {
            throw ArgumentError("analyse: " + graph.name(task) + " ran on worker " +
                                std::to_string(t.worker) + " of " + std::to_string(workers));
        }
        if (t.started < start || t.ended < t.started) {
            throw ArgumentError("analyse: " + graph.name(task) + " started in cycle " +
                                std::to_string(t.started) + " and ended in cycle " +
                                std::to_string(t.ended) + " of a run from cycle " +
                                std::to_string(start));
        }
    }
}

/// By start, then by end, then in topological order, so that whatever must come first does, also
/// where tasks took no time.
std::vector<TaskId> by_start(const Graph& graph, std::span<const TaskTimes> times) {
    std::vector<TaskId> order = topological_order(graph.successors());
    if (order.size() != graph.size()) throw GraphError("analyse: the graph has a cycle");
    std::stable_sort(order.begin(), order.end(), [&](TaskId a, TaskId b) {
        return std::pair(times[a].started, times[a].ended) <
               std::pair(times[b].started, times[b].ended);
    });
    return order;
}

Releases find_releases(const Graph& graph, std::span<const TaskTimes> times,
                       std::span<const TaskId> order, std::uint32_t workers, std::uint64_t start) {
    Releases r{std::vector(graph.size(), start),
               std::vector(graph.size(), none),
               std::vector(graph.size(), PathStep::After::start),
               {},
               std::vector(graph.size(), none)};
    const auto hold = [&](TaskId task, TaskId by, PathStep::After after) {
        if (times[by].ended < r.cycle[task]) return;
        if (times[by].ended == r.cycle[task] && r.task[task] != none) return;
        r.cycle[task] = times[by].ended;
        r.task[task] = by;
        r.after[task] = after;
    };
    std::vector<TaskId> last_on_worker(workers, none);
    for (const TaskId task : order) {
        for (const TaskId next : graph.successors().of(task)) {
            if (times[next].started < times[task].ended) {
                throw ArgumentError("analyse: " + graph.name(next) + " started before " +
                                    graph.name(task) + " ended, which must come first");
            }
            hold(next, task, PathStep::After::dependency);
        }
    }
    r.dependencies_over = r.cycle;
    for (const TaskId task : order) {
        TaskId& last = last_on_worker[times[task].worker];
        if (last != none) {
            if (times[task].started < times[last].ended) {
                throw ArgumentError("analyse: " + graph.name(task) + " and " + graph.name(last) +
                                    " ran on worker " + std::to_string(times[task].worker) +
                                    " at the same time");
            }
            hold(task, last, PathStep::After::worker);
            r.next_on_worker[last] = task;
        }
        last = task;
    }
    return r;
}

}  // namespace

GraphAnalysis analyse(const Graph& graph, std::span<const TaskTimes> times, std::uint32_t workers,
                      std::uint64_t start) {
    check(graph, times, workers, start);
    const std::vector<TaskId> order = by_start(graph, times);
    const Releases releases = find_releases(graph, times, order, workers, start);

    GraphAnalysis result;
    result.workers.resize(workers);
    result.slack.resize(graph.size());
    TaskId last = none;
    std::uint64_t end = 0;
    for (const TaskId task : order) {
        const TaskTimes& t = times[task];
        ++result.workers[t.worker].tasks;
        result.workers[t.worker].busy += t.ended - t.started;
        result.executing += t.ended - t.started;
        result.scheduling += t.started - releases.cycle[task];
        if (last == none || t.ended > end) {
            last = task;
            end = t.ended;
        }
    }

    // From the end backwards: a task may slip until what it holds back would slip.
    std::vector<std::uint64_t> chain(graph.size());  // longest from this task on
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
        const TaskId task = *at;
        std::uint64_t slack = end - times[task].ended;
        std::uint64_t rest = 0;
        const auto holds = [&](TaskId next) {
            slack = std::min(slack, releases.cycle[next] - times[task].ended + result.slack[next]);
        };
        for (const TaskId next : graph.successors().of(task)) {
            holds(next);
            rest = std::max(rest, chain[next]);
        }
        if (releases.next_on_worker[task] != none) holds(releases.next_on_worker[task]);
        result.slack[task] = slack;
        chain[task] = rest + times[task].ended - times[task].started;
        result.longest_chain = std::max(result.longest_chain, chain[task]);
    }

    for (TaskId task = last; task != none; task = releases.task[task]) {
        const TaskTimes& t = times[task];
        const std::uint64_t released = releases.cycle[task];
        const PathStep step{.task = task,
                            .after = releases.after[task],
                            .released = released,
                            .worker_wait = released - releases.dependencies_over[task],
                            .scheduling = t.started - released,
                            .executing = t.ended - t.started};
        result.critical_path.push_back(step);
        result.path_executing += step.executing;
        result.path_scheduling += step.scheduling;
        result.path_worker_wait += step.worker_wait;
    }
    std::reverse(result.critical_path.begin(), result.critical_path.end());
    return result;
}

}  // namespace tilewright
