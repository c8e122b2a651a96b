#include "tilewright/graph/order.hpp"

#include <algorithm>
#include <utility>

namespace tilewright {
namespace {

std::size_t size_of(const TaskLists& lists) {
    return lists.offsets.size() - 1;
}

}  // namespace

std::vector<TaskId> topological_order(const TaskLists& successors) {
    const std::size_t count = size_of(successors);
    std::vector<std::uint32_t> waiting_for(count);
    for (const TaskId task : successors.tasks) ++waiting_for[task];
    std::vector<TaskId> order;
    order.reserve(count);
    for (TaskId task = 0; task < count; ++task) {
        if (waiting_for[task] == 0) order.push_back(task);
    }
    for (std::size_t next = 0; next < order.size(); ++next) {
        for (const TaskId task : successors.of(order[next])) {
            if (--waiting_for[task] == 0) order.push_back(task);
        }
    }
    return order;
}

std::vector<TaskId> find_cycle(const TaskLists& successors) {
    const std::size_t count = size_of(successors);
    const std::vector<TaskId> order = topological_order(successors);
    if (order.size() == count) return {};
    // Every task that is left waits for one that is left: walking back among them must come round.
    std::vector<bool> left(count, true);
    for (const TaskId task : order) left[task] = false;
    constexpr TaskId unknown = 0xFFFF'FFFF;
    std::vector<TaskId> before(count, unknown);
    for (TaskId task = 0; task < count; ++task) {
        if (!left[task]) continue;
        for (const TaskId next : successors.of(task)) {
            if (before[next] == unknown) before[next] = task;
        }
    }
    auto task = static_cast<TaskId>(std::find(left.begin(), left.end(), true) - left.begin());
    std::vector<bool> passed(count);
    while (!passed[task]) {
        passed[task] = true;
        task = before[task];
    }
    std::vector<TaskId> cycle{task};
    for (TaskId at = before[task]; at != task; at = before[at]) cycle.push_back(at);
    std::reverse(cycle.begin(), cycle.end());
    // It begins with its lowest task, so that the same cycle is told in the same way.
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    return cycle;
}

Reachability::Reachability(const TaskLists& successors, std::span<const TaskId> order)
    : successors_(successors),
      position_(order.size()),
      post_(order.size()),
      entered_(order.size()),
      low_(order.size()),
      visited_(order.size()) {
    for (std::uint32_t i = 0; i < order.size(); ++i) position_[order[i]] = i;

    std::vector<bool> seen(order.size());
    std::vector<std::pair<TaskId, std::uint32_t>> path;  // with the next successor to look at
    std::uint32_t left = 0;
    for (const TaskId root : order) {
        if (seen[root]) continue;
        seen[root] = true;
        entered_[root] = left;
        path.emplace_back(root, 0);
        while (!path.empty()) {
            auto& [task, next] = path.back();
            const auto followers = successors_.of(task);
            if (next < followers.size()) {
                const TaskId follower = followers[next++];
                if (!seen[follower]) {
                    seen[follower] = true;
                    entered_[follower] = left;
                    path.emplace_back(follower, 0);
                }
                continue;
            }
            post_[task] = left++;
            low_[task] = entered_[task];
            for (const TaskId follower : followers) {
                low_[task] = std::min(low_[task], low_[follower]);
            }
            path.pop_back();
        }
    }
}

bool Reachability::reaches(TaskId from, TaskId to) {
    if (!may_reach(from, to)) return from == to;
    if (entered_[from] <= post_[to]) return true;
    ++question_;
    stack_.assign(1, from);
    while (!stack_.empty()) {
        const TaskId task = stack_.back();
        stack_.pop_back();
        for (const TaskId next : successors_.of(task)) {
            if (next == to) return true;
            if (visited_[next] == question_ || !may_reach(next, to)) continue;
            if (entered_[next] <= post_[to]) return true;
            visited_[next] = question_;
            stack_.push_back(next);
        }
    }
    return false;
}

}  // namespace tilewright
