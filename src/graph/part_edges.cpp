#include "graph/part_edges.hpp"

#include <algorithm>

#include "tilewright/graph/order.hpp"

namespace tilewright::detail {
namespace {

struct Part {
    TaskId first;
    TaskId last;
};

/// Which parts each task lies in: on a path from the first to the last task of it.
class Parts {
public:
    Parts(const TaskLists& successors, std::span<const TaskId> order,
          std::span<const ControlEdge> control_edges)
        : position_(order.size()), of_(order.size()), seen_(order.size()) {
        for (std::uint32_t i = 0; i < order.size(); ++i) position_[order[i]] = i;
        for (const ControlEdge& edge : control_edges) {
            const bool back = edge.when != ControlEdge::When::zero;
            add(successors, back ? Part{edge.to, edge.from} : Part{edge.from, edge.to});
        }
    }
    /// A part that the edge leads into past its first task, or out of before its last.
    const Part* entered(const Edge& edge) const {
        return crossed(edge.to, edge.from, [&](const Part& p) { return p.first == edge.to; });
    }
    const Part* left(const Edge& edge) const {
        return crossed(edge.from, edge.to, [&](const Part& p) { return p.last == edge.from; });
    }

private:
    template <class AtEnd>
    const Part* crossed(TaskId inside, TaskId outside, AtEnd at_end) const {
        for (const std::uint32_t part : of_[inside]) {
            if (at_end(parts_[part])) continue;
            if (!std::ranges::binary_search(of_[outside], part)) return &parts_[part];
        }
        return nullptr;
    }
    void add(const TaskLists& successors, const Part& part) {
        const auto number = static_cast<std::uint32_t>(parts_.size());
        parts_.push_back(part);
        std::vector<TaskId> found{part.first};
        seen_[part.first] = number + 1;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i] == part.last) continue;
            for (const TaskId next : successors.of(found[i])) {
                if (seen_[next] == number + 1 || position_[next] > position_[part.last]) continue;
                seen_[next] = number + 1;
                found.push_back(next);
            }
        }
        // Backwards, so that it is known of all that follow whether they lead to the last.
        std::ranges::sort(found, std::greater{}, [&](TaskId task) { return position_[task]; });
        for (const TaskId task : found) {
            const bool leads =
                task == part.last || std::ranges::any_of(successors.of(task), [&](TaskId next) {
                    return !of_[next].empty() && of_[next].back() == number;
                });
            if (leads) of_[task].push_back(number);
        }
    }

    std::vector<Part> parts_;
    std::vector<std::uint32_t> position_;  // in a topological order
    std::vector<std::vector<std::uint32_t>> of_;
    std::vector<std::uint32_t> seen_;  // number of the part that came by last, from 1
};

}  // namespace

TaskLists through_part_ends(std::size_t tasks, std::span<const Edge> said,
                            std::span<const Edge> inferred,
                            std::span<const ControlEdge> control_edges) {
    TaskLists all = task_lists(tasks, said, inferred);
    const std::vector<TaskId> order = topological_order(all);
    if (order.size() != tasks) return all;
    const Parts parts(all, order, control_edges);

    std::vector<Edge> moved(inferred.begin(), inferred.end());
    for (Edge& edge : moved) {
        // Parts lie in each other, so one edge may cross several.
        while (const Part* part = parts.entered(edge)) edge.to = part->first;
        while (const Part* part = parts.left(edge)) edge.from = part->last;
    }
    TaskLists with_moved = task_lists(tasks, said, moved);
    const std::vector<TaskId> moved_order = topological_order(with_moved);
    if (moved_order.size() != tasks) return with_moved;  // two parts, each before the other

    Reachability paths(with_moved, moved_order);
    std::vector<Edge> kept;
    for (const Edge& edge : said) {
        const Part* entered = parts.entered(edge);
        const Part* left = parts.left(edge);
        const bool implied = (entered != nullptr && paths.reaches(edge.from, entered->first)) ||
                             (left != nullptr && paths.reaches(left->last, edge.to));
        if (!implied) kept.push_back(edge);
    }
    return task_lists(tasks, kept, moved);
}

}  // namespace tilewright::detail
