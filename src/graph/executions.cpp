#include "tilewright/graph/executions.hpp"

#include <algorithm>
#include <map>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

constexpr std::uint32_t none = 0xFFFF'FFFF;

/// The executions of each task, by start.
class ByTask {
public:
    ByTask(std::size_t tasks, std::span<const TaskExecution> executions)
        : executions_(executions), offsets_(tasks + 1), numbers_(executions.size()) {
        for (const TaskExecution& execution : executions) ++offsets_[execution.task + 1];
        for (std::size_t task = 0; task < tasks; ++task) offsets_[task + 1] += offsets_[task];
        std::vector<std::uint32_t> next(offsets_.begin(), offsets_.end() - 1);
        for (std::uint32_t i = 0; i < executions.size(); ++i) {
            numbers_[next[executions[i].task]++] = i;
        }
    }
    std::span<const std::uint32_t> of(TaskId task) const {
        return std::span(numbers_).subspan(offsets_[task], offsets_[task + 1] - offsets_[task]);
    }
    /// The first execution of the task that did not start before this cycle.
    std::uint32_t next(TaskId task, std::uint64_t cycle) const {
        const auto numbers = of(task);
        const auto at = std::ranges::lower_bound(numbers, cycle, {}, [&](std::uint32_t number) {
            return executions_[number].times.started;
        });
        return at == numbers.end() ? none : *at;
    }
    std::uint64_t next_start(TaskId task, std::uint64_t cycle) const {
        const std::uint32_t number = next(task, cycle);
        return number == none ? ~0ull : executions_[number].times.started;
    }

private:
    std::span<const TaskExecution> executions_;
    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint32_t> numbers_;
};

}  // namespace

// A part is entered and left through one task each. So the execution of a task that belongs to the
// same iteration as one that it follows is the next one to start after that; and if a control-flow
// edge was taken, what it leads to starts before anything that follows otherwise, which comes in a
// later iteration of a part around both, or never.
UnrolledGraph unroll(const Graph& graph, std::span<const TaskExecution> executions) {
    for (const TaskExecution& execution : executions) {
        if (execution.task < graph.size()) continue;
        throw ArgumentError("unroll: an execution of task " + std::to_string(execution.task) +
                            " of " + std::to_string(graph.size()));
    }
    const ByTask by_task(graph.size(), executions);
    UnrolledGraph result;
    for (TaskId task = 0; task < graph.size(); ++task) {
        if (by_task.of(task).empty()) result.skipped.push_back(task);
    }
    std::map<TaskId, TaskId> targets;
    for (const ControlEdge& edge : graph.control_edges()) targets.emplace(edge.from, edge.to);

    std::vector<Edge> edges;
    for (std::uint32_t number = 0; number < executions.size(); ++number) {
        const auto& [task, iteration, times] = executions[number];
        result.graph.add(graph.functions()[task], graph.arguments(task), graph.kinds()[task]);
        if (graph.cores(task) > 1) result.graph.set_cores(number, graph.cores(task));
        result.times.push_back(times);
        const bool several = by_task.of(task).size() > 1;
        const std::string name = graph.name(task);
        if (several) {
            result.graph.set_name(number, name + ", iteration " + std::to_string(iteration));
        } else if (name != "task " + std::to_string(number)) {
            result.graph.set_name(number, name);
        }
        const auto following = graph.successors().of(task);
        const auto edge = targets.find(task);
        if (edge != targets.end()) {
            std::uint64_t otherwise = ~0ull;
            for (const TaskId next : following) {
                if (next == edge->second) continue;
                otherwise = std::min(otherwise, by_task.next_start(next, times.ended));
            }
            const std::uint32_t target = by_task.next(edge->second, times.ended);
            if (target != none && executions[target].times.started < otherwise) {
                edges.push_back({number, target});
                continue;
            }
        }
        for (const TaskId next : following) {
            const std::uint32_t target = by_task.next(next, times.ended);
            if (target != none) edges.push_back({number, target});
        }
    }
    for (const Edge& edge : edges) result.graph.add_edge(edge.from, edge.to);
    return result;
}

std::vector<PathStep> original_path(const GraphAnalysis& analysis,
                                    std::span<const TaskExecution> executions) {
    std::vector<PathStep> path = analysis.critical_path;
    for (PathStep& step : path) {
        const TaskExecution& execution = executions[step.task];
        step.task = execution.task;
        step.iteration = execution.iteration;
    }
    return path;
}

}  // namespace tilewright
