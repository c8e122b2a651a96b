// The order of a graph's tasks: whether there is one, and which tasks come before which.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tilewright/graph/graph.hpp"

namespace tilewright {

/// Every task after those that must end before it, otherwise in the order of their numbers as far
/// as breadth-first search keeps it. Shorter than the graph if that has a cycle: then the tasks on
/// cycles, and those behind them, are missing. Linear time.
std::vector<TaskId> topological_order(const TaskLists& successors);

/// The tasks of one cycle, each before the next and the last before the first; empty if there is
/// none.
std::vector<TaskId> find_cycle(const TaskLists& successors);

/// Answers whether one task comes before another in a graph without cycles. Made in linear time
/// (labels of one depth-first search, 16 bytes a task); a question is answered from the labels
/// where they decide it and by a search between the two tasks otherwise. Keeps a reference.
class Reachability {
public:
    /// `order` is topological_order(successors).
    Reachability(const TaskLists& successors, std::span<const TaskId> order);
    /// Whether there is a path. A task reaches itself.
    bool reaches(TaskId from, TaskId to);

private:
    bool may_reach(TaskId from, TaskId to) const {
        return low_[from] <= post_[to] && post_[to] <= post_[from] &&
               position_[from] <= position_[to];
    }

    const TaskLists& successors_;
    std::vector<std::uint32_t> position_;  // in the topological order
    std::vector<std::uint32_t> post_;      // in which the search left the task
    std::vector<std::uint32_t> entered_;   // how many the search had left when it came: from there
                                           // to post_ are descendants in its tree
    std::vector<std::uint32_t> low_;       // least post_ of all that can be reached
    std::vector<std::uint32_t> visited_;   // number of the last question that came by
    std::vector<TaskId> stack_;
    std::uint32_t question_ = 0;
};

}  // namespace tilewright
