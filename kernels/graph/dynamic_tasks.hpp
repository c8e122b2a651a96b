// The end of a task in a graph with dynamic tasks: what waits for it is a list that tasks add to,
// and another task may continue it. Shared by all schedulers, task by task
// (firmware/graph_layout.hpp, TaskState).
#pragma once

#include <cstdint>

#include "tilewright/kernel/sharing.hpp"

namespace tilewright::graph {

/// Calls release(edge) for those of a list that the task added that has ended; the others remain.
template <class Release>
std::uint32_t keep_others(std::uint32_t added, const Release& release) {
    std::uint32_t rest = waiting::nobody;
    while (added != waiting::nobody) {
        auto* const at = reinterpret_cast<AddedEdge*>(added);
        added = at->next;
        if ((at->edge & added_by_itself) != 0) {
            release(at->edge & ~added_by_itself);
        } else {
            at->next = rest;
            rest = reinterpret_cast<std::uint32_t>(at);
        }
    }
    return rest;
}

inline std::uint32_t joined(std::uint32_t first, std::uint32_t second) {
    if (first == waiting::nobody) return second;
    auto* last = reinterpret_cast<AddedEdge*>(first);
    while (last->next != waiting::nobody) last = reinterpret_cast<AddedEdge*>(last->next);
    last->next = second;
    return first;
}

/// Releases what the host said that follows, then what was added, in the order in which it was.
template <class Release>
void release_all(std::uint32_t follows, std::uint32_t added, const Release& release) {
    if (static_cast<std::int32_t>(follows) < 0) {
        const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
        do {
            release(*list);
        } while ((*list++ & edge::last) == 0);
    } else if (follows != 0) {
        release(follows);
    }
    std::uint32_t in_order = waiting::nobody;
    while (added != waiting::nobody) {
        auto* const at = reinterpret_cast<AddedEdge*>(added);
        added = at->next;
        at->next = in_order;
        in_order = reinterpret_cast<std::uint32_t>(at);
    }
    for (; in_order != waiting::nobody;
         in_order = reinterpret_cast<const AddedEdge*>(in_order)->next) {
        release(reinterpret_cast<const AddedEdge*>(in_order)->edge & ~added_by_itself);
    }
}

/// The task with this number has ended: calls release(edge) for all that waits for it and for
/// nothing that continues it. `successors` is where it has what the host said that follows, or what
/// it has taken over from a task that it continues.
template <class Release>
void end_with_dynamic_tasks(const Header* header, std::uint32_t number,
                            const std::uint32_t& successors, const Release& release) {
    const DynamicTasks& dynamic = *reinterpret_cast<const DynamicTasks*>(header->dynamic_tasks);
    TaskState* state = &state_of(dynamic, number);
    std::uint32_t added = lock(state->waiting);
    const std::uint32_t follows = load(&successors);  // only now: it may have been made to continue
    if (state->continuation == 0) {
        unlock(state->waiting, waiting::over);
        return release_all(follows, added, release);
    }
    number = state->continuation - 1;
    unlock(state->waiting, number << 2 | waiting::forward);
    added = keep_others(added, release);
    while (true) {
        state = &state_of(dynamic, number);
        const std::uint32_t there = lock(state->waiting);
        if ((there & 3) == waiting::forward) {
            unlock(state->waiting, there);
            number = there >> 2;
        } else if (there == waiting::over) {
            unlock(state->waiting, there);
            return release_all(follows, added, release);
        } else {
            // Only the first of those that continue each other has any. Another scheduler, which
            // ends an earlier one and was sent here at once, may have brought them already.
            if (follows != 0) {
                reinterpret_cast<Task*>(header->records)[number].successors = follows;
            }
            return unlock(state->waiting, joined(added, there));
        }
    }
}

}  // namespace tilewright::graph
