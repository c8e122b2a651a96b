// The workers of one scheduler of task graphs: which have room, what each runs, and how a task gets
// there. What the library's own scheduler stands on, and others can (docs/graph-firmware.md).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/runtime/graph/layout.hpp"

namespace tilewright::graph {

TILEWRIGHT_API void put(std::uint32_t (&place)[2], std::uint64_t cycle) {
    place[0] = static_cast<std::uint32_t>(cycle);
    place[1] = static_cast<std::uint32_t>(cycle >> 32);
}

/// Whether what is in Task::successors is a Jump.
TILEWRIGHT_API bool is_jump(std::uint32_t successors) {
    return (successors & jump_mark) != 0 && static_cast<std::int32_t>(successors) < 0;
}

/// What follows a task with a jump this time. Once for each end of the task.
inline std::uint32_t decide(std::uint32_t successors) {
    auto* jump = reinterpret_cast<Jump*>(successors & ~jump_mark);
    bool taken;
    if (jump->word != 0) {
        const bool zero = *reinterpret_cast<const volatile std::uint32_t*>(jump->word) == 0;
        taken = zero == (jump->on_zero != 0);
    } else {
        taken = jump->left != 0;
        jump->left = taken ? jump->left - 1 : jump->times;
    }
    return taken ? jump->to : jump->successors;
}

/// Workers are called by their index in the scheduler's list, where those of one kind stand
/// together. All of it lies in local memory.
class WorkerSet {
public:
    void take(const Scheduler& self, std::uint32_t tasks_ahead) {
        const auto* from = reinterpret_cast<const Worker*>(self.workers);
        ahead_ = tasks_ahead > 1;
        std::uint32_t of_kind[max_kinds] = {};
        for (std::uint32_t w = 0; w < self.worker_count; ++w) {
            const std::uint32_t kind = from[w].kind;
            const std::uint32_t place = of_kind[kind]++;
            Group& group = groups_[kind][place / 32];
            const std::uint32_t bit = 1u << place % 32;
            if (bit == 1) group.first = w;
            group.idle |= bit;
            entries_[w] = {.node = from[w].node,
                           .slots_at = from[w].mailbox + mailbox::slots,
                           .given = 0,
                           .ended = 0,
                           .words = {},
                           .group = &group,
                           .bit = bit,
                           .kind = kind,
                           .number = from[w].number};
        }
        count_ = self.worker_count;
    }

    TILEWRIGHT_API std::uint32_t kind_of(std::uint32_t worker) const {
        return entries_[worker].kind;
    }
    TILEWRIGHT_API bool has_idle(std::uint32_t kind) const {
        return (groups_[kind][0].idle | groups_[kind][1].idle) != 0;
    }
    TILEWRIGHT_API bool has_room(std::uint32_t kind) const {
        const auto& [a, b] = groups_[kind];
        return (a.idle | a.half | b.idle | b.half) != 0;
    }

    /// Hands the task to a worker that runs nothing. False if there is none.
    TILEWRIGHT_API bool give_idle(Task* task, std::uint32_t kind) {
        Group* group = &groups_[kind][0];
        if (group->idle == 0 && (++group)->idle == 0) return false;
        const std::uint32_t idle = group->idle;
        if (ahead_) group->half |= idle & (0u - idle);
        group->idle = idle & (idle - 1);
        give(group->first + static_cast<std::uint32_t>(std::countr_zero(idle)), task);
        return true;
    }

    /// Hands the task to a worker that still runs another. False if none has room.
    TILEWRIGHT_API bool give_ahead(Task* task, std::uint32_t kind) {
        Group* group = &groups_[kind][0];
        if (group->half == 0 && (++group)->half == 0) return false;
        const std::uint32_t half = group->half;
        group->half = half & (half - 1);
        give(group->first + static_cast<std::uint32_t>(std::countr_zero(half)), task);
        return true;
    }

    /// The task that the worker has just ended; it has room now.
    TILEWRIGHT_API Task* take_ended(std::uint32_t worker) {
        Entry& entry = entries_[worker];
        Group& group = *entry.group;
        const std::uint32_t turn = ++entry.ended;
        if (turn == entry.given) {
            group.half &= ~entry.bit;
            group.idle |= entry.bit;
        } else {
            group.half |= entry.bit;
        }
        return reinterpret_cast<Task*>(entry.words[turn & 1] & ~turn_mask);
    }

    /// Ends the worker programs.
    void send_home() {
        for (std::uint32_t w = 0; w < count_; ++w) fill_slot(entries_[w], 0);
    }

private:
    struct Group {           // up to 32 workers of one kind, by bits
        std::uint32_t idle;  // run nothing
        std::uint32_t half;  // run a task and have room for one more
        std::uint32_t first;
    };
    struct Entry {
        std::uint32_t node;
        std::uint32_t slots_at;
        std::uint32_t given;     // tasks handed to it
        std::uint32_t ended;     // tasks that it has ended, in the order in which it got them
        std::uint32_t words[2];  // what its slots hold
        Group* group;
        std::uint32_t bit;
        std::uint32_t kind;
        std::uint32_t number;
    };

    TILEWRIGHT_API void give(std::uint32_t worker, Task* task) {
        Entry& entry = entries_[worker];
        fill_slot(entry, reinterpret_cast<std::uint32_t>(task));
        task->worker = entry.number;
        put(task->dispatched, kernel::cycles());
    }

    TILEWRIGHT_API void fill_slot(Entry& entry, std::uint32_t address) {
        const std::uint32_t turn = ++entry.given;
        std::uint32_t& slot = entry.words[turn & 1];
        const std::uint32_t word = address | (turn & turn_mask);
        kernel::noc_semaphore_inc({entry.node, entry.slots_at + (turn & 1) * 4}, word - slot);
        slot = word;
    }

    std::array<std::array<Group, max_workers_of_kind / 32>, max_kinds> groups_{};
    std::array<Entry, max_workers> entries_{};
    std::uint32_t count_ = 0;
    bool ahead_ = true;
};

}  // namespace tilewright::graph
