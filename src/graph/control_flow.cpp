#include "tilewright/graph/control_flow.hpp"

#include <algorithm>
#include <map>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

/// All that follows `first`, up to `last`, each with how many of its edges come from there.
/// Ordered by task.
std::map<TaskId, std::uint32_t> part_between(const TaskLists& successors, TaskId first,
                                             TaskId last) {
    std::map<TaskId, std::uint32_t> part{{first, 0}};
    std::vector<TaskId> open{first};
    while (!open.empty()) {
        const TaskId task = open.back();
        open.pop_back();
        if (task == last) continue;
        for (const TaskId next : successors.of(task)) {
            const auto [at, fresh] = part.try_emplace(next, 0);
            ++at->second;
            if (fresh) open.push_back(next);
        }
    }
    return part;
}

}  // namespace

std::vector<TaskId> check_control_flow(const Graph& graph) {
    std::vector<TaskId> optional;
    if (graph.control_edges().empty()) return optional;
    const TaskLists& successors = graph.successors();
    const std::vector<std::uint32_t> predecessors = graph.predecessor_counts();
    std::map<TaskId, TaskId> targets;
    for (const ControlEdge& edge : graph.control_edges()) targets.emplace(edge.from, edge.to);
    for (const ControlEdge& edge : graph.control_edges()) {
        const bool back = edge.when != ControlEdge::When::zero;
        const TaskId first = back ? edge.to : edge.from;
        const TaskId last = back ? edge.from : edge.to;
        const std::string what = "graph: the part from " + graph.name(first) + " to " +
                                 graph.name(last) +
                                 (back ? ", which is repeated" : ", which may be left out");
        const auto part = part_between(successors, first, last);
        if (!part.contains(last)) throw GraphError(what + ": no path leads from one to the other");
        for (const auto& [task, inside] : part) {
            if (task != first && inside != predecessors[task]) {
                throw GraphError(what + ": " + graph.name(task) +
                                 " follows a task that lies outside");
            }
            if (task == last) continue;
            if (successors.of(task).empty()) {
                throw GraphError(what + ": nothing follows " + graph.name(task));
            }
            if (!back && task != first) optional.push_back(task);
            const auto other = targets.find(task);
            if (other != targets.end() && !part.contains(other->second)) {
                throw GraphError(what + ": " + graph.name(task) + " leads out of it, to " +
                                 graph.name(other->second));
            }
        }
    }
    std::ranges::sort(optional);
    optional.erase(std::unique(optional.begin(), optional.end()), optional.end());
    return optional;
}

}  // namespace tilewright
