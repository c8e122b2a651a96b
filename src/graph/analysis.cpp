#include "tilewright/graph/analysis.hpp"

#include <algorithm>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/graph/order.hpp"

namespace tilewright {
namespace {

constexpr TaskId none = 0xFFFF'FFFF;

/// What held each task back: of all that had to be over before it could start, what was over last.
struct Releases {
    std::vector<std::uint64_t> cycle;
    std::vector<TaskId> task;  ///< none: the start of the run
    std::vector<PathStep::After> after;
    std::vector<std::uint64_t> dependencies_over;  ///< cycle in which the last of them was
};

/// A task on a worker: a task on several has as many.
struct Stay {
    TaskId task;
    std::uint32_t worker;
    std::uint64_t started;
    std::uint64_t ended;
};

/// Who came after a task on one of its workers: lists, each in an order of no meaning.
struct Followers {
    static constexpr std::uint32_t last = 0xFFFF'FFFF;
    struct Entry {
        TaskId next;
        std::uint64_t ended;  // the stay of the task before it
        std::uint32_t link;
    };
    std::vector<std::uint32_t> first;  // by task
    std::vector<Entry> entries;

    explicit Followers(std::size_t tasks) : first(tasks, last) {}
    void add(const Stay& stay, TaskId next) {
        entries.push_back({next, stay.ended, first[stay.task]});
        first[stay.task] = static_cast<std::uint32_t>(entries.size() - 1);
    }
};

void check(const Graph& graph, std::span<const TaskTimes> times, std::uint32_t workers,
           std::uint64_t start, std::span<const TaskShare> shares) {
    if (!graph.control_edges().empty()) {
        throw GraphError(
            "analyse: a graph in which tasks are repeated or left out; unroll() makes one of it "
            "that has a task for each execution");
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
    std::size_t expected = 0;
    for (const Gang& gang : graph.gangs()) expected += gang.cores;
    bool fits = shares.size() == expected;
    for (const TaskShare& share : shares) {
        fits = fits && share.task < times.size() && share.worker < workers &&
               times[share.task].started <= share.started && share.started <= share.ended &&
               share.ended <= times[share.task].ended;
    }
    if (!fits) {
        throw ArgumentError("analyse: " + std::to_string(shares.size()) +
                            " shares that do not fit the times; expected one for each of " +
                            std::to_string(expected) + " cores of tasks on several");
    }
}

/// Of all tasks, in the order in which they began; `order` is by_start().
std::vector<Stay> find_stays(const Graph& graph, std::span<const TaskTimes> times,
                             std::span<const TaskId> order, std::span<const TaskShare> shares) {
    std::vector<Stay> stays;
    stays.reserve(times.size() + shares.size());
    for (const TaskId task : order) {
        if (!graph.gangs().empty() && graph.cores(task) > 1) continue;
        stays.push_back({task, times[task].worker, times[task].started, times[task].ended});
    }
    for (const TaskShare& share : shares) {
        stays.push_back({share.task, share.worker, share.started, share.ended});
    }
    if (!shares.empty()) {
        std::ranges::stable_sort(stays, [](const Stay& a, const Stay& b) {
            return std::pair(a.started, a.ended) < std::pair(b.started, b.ended);
        });
    }
    return stays;
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
                       std::span<const TaskId> order, std::span<const Stay> stays,
                       std::uint32_t workers, std::uint64_t start, Followers& followers) {
    Releases r{std::vector(graph.size(), start),
               std::vector(graph.size(), none),
               std::vector(graph.size(), PathStep::After::start),
               {}};
    const auto hold = [&](TaskId task, TaskId by, std::uint64_t ended, PathStep::After after) {
        if (ended < r.cycle[task]) return;
        if (ended == r.cycle[task] && r.task[task] != none) return;
        r.cycle[task] = ended;
        r.task[task] = by;
        r.after[task] = after;
    };
    for (const TaskId task : order) {
        for (const TaskId next : graph.successors().of(task)) {
            if (times[next].started < times[task].ended) {
                throw ArgumentError("analyse: " + graph.name(next) + " started before " +
                                    graph.name(task) + " ended, which must come first");
            }
            hold(next, task, times[task].ended, PathStep::After::dependency);
        }
    }
    r.dependencies_over = r.cycle;
    std::vector<const Stay*> last_on_worker(workers);
    for (const Stay& stay : stays) {
        const Stay*& last = last_on_worker[stay.worker];
        if (last != nullptr) {
            if (stay.started < last->ended) {
                throw ArgumentError("analyse: " + graph.name(stay.task) + " and " +
                                    graph.name(last->task) + " ran on worker " +
                                    std::to_string(stay.worker) + " at the same time");
            }
            hold(stay.task, last->task, last->ended, PathStep::After::worker);
            followers.add(*last, stay.task);
        }
        last = &stay;
    }
    return r;
}

}  // namespace

GraphAnalysis analyse(const Graph& graph, std::span<const TaskTimes> times, std::uint32_t workers,
                      std::uint64_t start, std::span<const TaskShare> shares) {
    check(graph, times, workers, start, shares);
    const std::vector<TaskId> order = by_start(graph, times);
    const std::vector<Stay> stays = find_stays(graph, times, order, shares);
    Followers followers(graph.size());
    const Releases releases = find_releases(graph, times, order, stays, workers, start, followers);

    GraphAnalysis result;
    result.workers.resize(workers);
    result.slack.resize(graph.size());
    for (const Stay& stay : stays) {
        ++result.workers[stay.worker].tasks;
        result.workers[stay.worker].busy += stay.ended - stay.started;
    }
    TaskId last = none;
    std::uint64_t end = 0;
    for (const TaskId task : order) {
        const TaskTimes& t = times[task];
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
        const auto holds = [&](TaskId next, std::uint64_t ended) {
            slack = std::min(slack, releases.cycle[next] - ended + result.slack[next]);
        };
        for (const TaskId next : graph.successors().of(task)) {
            holds(next, times[task].ended);
            rest = std::max(rest, chain[next]);
        }
        for (std::uint32_t i = followers.first[task]; i != Followers::last;
             i = followers.entries[i].link) {
            holds(followers.entries[i].next, followers.entries[i].ended);
        }
        result.slack[task] = slack;
        chain[task] = rest + times[task].ended - times[task].started;
        result.longest_chain = std::max(result.longest_chain, chain[task]);
    }

    // A task on several cores may have held the next one back with a core that ended early.
    std::uint64_t until = end;
    for (TaskId task = last; task != none; task = releases.task[task]) {
        const TaskTimes& t = times[task];
        const std::uint64_t released = releases.cycle[task];
        const PathStep step{.task = task,
                            .after = releases.after[task],
                            .released = released,
                            .worker_wait = released - releases.dependencies_over[task],
                            .scheduling = t.started - released,
                            .executing = until - t.started};
        until = released;
        result.critical_path.push_back(step);
        result.path_executing += step.executing;
        result.path_scheduling += step.scheduling;
        result.path_worker_wait += step.worker_wait;
    }
    const std::uint64_t length = result.path_executing + result.path_scheduling;
    result.path_worker_wait = std::min(result.path_worker_wait, length - result.longest_chain);
    std::reverse(result.critical_path.begin(), result.critical_path.end());
    return result;
}

}  // namespace tilewright
