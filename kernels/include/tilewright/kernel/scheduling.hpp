// The workers of one scheduler of task graphs: which have room, what each runs, and how a task gets
// there. What the library's own scheduler stands on, and others can (docs/graph-firmware.md).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/task.hpp"

/// Makes a program of a scheduler, instead of TILEWRIGHT_KERNEL: also says what it can
/// (graph::feature), so that graphs that need more are refused.
#define TILEWRIGHT_SCHEDULER(function, features)                                  \
    extern "C" {                                                                  \
    extern const std::uint32_t tilewright_scheduler[];                            \
    [[gnu::used, gnu::retain]] constexpr std::uint32_t tilewright_scheduler[] = { \
        ::tilewright::graph::layout_version, features};                           \
    }                                                                             \
    TILEWRIGHT_KERNEL(function)

namespace tilewright::graph {

TILEWRIGHT_DEVICE void put(std::uint32_t (&place)[2], std::uint64_t cycle) {
    place[0] = static_cast<std::uint32_t>(cycle);
    place[1] = static_cast<std::uint32_t>(cycle >> 32);
}

/// Whether what is in Task::successors is a ControlEdge.
TILEWRIGHT_DEVICE bool is_control_edge(std::uint32_t successors) {
    return (successors & control_mark) != 0 && static_cast<std::int32_t>(successors) < 0;
}

/// The old name of is_control_edge().
TILEWRIGHT_DEVICE bool is_jump(std::uint32_t successors) {
    return is_control_edge(successors);
}

/// The record of one of its cores.
TILEWRIGHT_DEVICE Task* member(const Gang& gang, Task* first, std::uint32_t rank) {
    return rank == 0 ? first : reinterpret_cast<Task*>(gang.members) + (rank - 1);
}

/// What follows a task with a control-flow edge this time. Once for each end of the task.
inline std::uint32_t decide(std::uint32_t successors) {
    auto* edge = reinterpret_cast<ControlEdge*>(successors & ~control_mark);
    bool taken;
    if (edge->word != 0) {
        const bool zero = *reinterpret_cast<const volatile std::uint32_t*>(edge->word) == 0;
        taken = zero == (edge->on_zero != 0);
    } else {
        taken = edge->left != 0;
        edge->left = taken ? edge->left - 1 : edge->times;
    }
    return taken ? edge->to : edge->successors;
}

/// Workers are called by their index in the scheduler's list, where those of one kind stand
/// together. All of it lies in local memory.
class WorkerSet {
public:
    void take(const Scheduler& self, std::uint32_t tasks_ahead) {
        const auto* from = reinterpret_cast<const Worker*>(self.workers);
        std::uint32_t of_kind[max_kinds] = {};
        for (std::uint32_t w = 0; w < self.worker_count; ++w) {
            const std::uint32_t kind = from[w].kind;
            const std::uint32_t place = of_kind[kind]++;
            Group& group = groups_[kind][place / 32];
            const std::uint32_t bit = 1u << place % 32;
            if (bit == 1) {
                group.first = &entries_[w];
                group.ahead = tasks_ahead > 1 ? ~0u : 0;
            }
            group.idle |= bit;
            group.all |= bit;
            entries_[w] = {.node = from[w].node,
                           .slot = from[w].mailbox + mailbox::slots,
                           .given = 0,
                           .running = nullptr,
                           .next = nullptr,
                           .group = &group,
                           .bit = bit,
                           .kind = kind};
        }
        count_ = self.worker_count;
    }

    TILEWRIGHT_DEVICE std::uint32_t kind_of(std::uint32_t worker) const {
        return entries_[worker].kind;
    }
    TILEWRIGHT_DEVICE bool has_idle(std::uint32_t kind) const {
        return (groups_[kind][0].idle | groups_[kind][1].idle) != 0;
    }
    /// Whether a worker runs one task and could be given another.
    TILEWRIGHT_DEVICE bool has_half(std::uint32_t kind) const {
        return (groups_[kind][0].half | groups_[kind][1].half) != 0;
    }

    /// Hands the task to a worker that runs nothing. False if there is none.
    TILEWRIGHT_DEVICE bool give_idle(Task* task, std::uint32_t kind) {
        Group* group = &groups_[kind][0];
        if (group->idle == 0) [[unlikely]] {
            if ((++group)->idle == 0) return false;
        }
        const std::uint32_t idle = group->idle;
        Entry& entry = group->first[std::countr_zero(idle)];
        fill_slot(entry, reinterpret_cast<std::uint32_t>(task));
        entry.running = task;
        const std::uint32_t rest = idle & (idle - 1);
        group->idle = rest;
        group->half |= (idle ^ rest) & group->ahead;
        put(task->dispatched, kernel::cycles());
        ++given_;
        return true;
    }

    /// Hands the task to a worker that still runs another. False if none has room.
    TILEWRIGHT_DEVICE bool give_ahead(Task* task, std::uint32_t kind) {
        Group* group = &groups_[kind][0];
        if (group->half == 0 && (++group)->half == 0) return false;
        const std::uint32_t half = group->half;
        Entry& entry = group->first[std::countr_zero(half)];
        fill_slot(entry, reinterpret_cast<std::uint32_t>(task));
        entry.next = task;
        group->half = half & (half - 1);
        put(task->dispatched, kernel::cycles());
        ++given_;
        return true;
    }

    /// The task that the worker has just ended; it has room now.
    TILEWRIGHT_DEVICE Task* take_ended(std::uint32_t worker) {
        Entry& entry = entries_[worker];
        Group& group = *entry.group;
        Task* const task = entry.running;
        if (entry.next == nullptr) [[likely]] {
            group.half &= ~entry.bit;
            group.idle |= entry.bit;
        } else {
            entry.running = entry.next;
            entry.next = nullptr;
            group.half |= entry.bit;
        }
        return task;
    }

    /// Keeps the workers of a kind that run nothing for a task on several of them. True if there
    /// are as many as that; until then they get nothing else.
    bool hold(std::uint32_t kind, std::uint32_t workers) {
        std::uint32_t held = 0;
        for (Group& group : groups_[kind]) {
            group.held |= group.idle;
            group.idle = group.half = 0;
            held += static_cast<std::uint32_t>(std::popcount(group.held));
        }
        return held >= workers;
    }

    /// Hands the task to the first worker that is kept. There must be one.
    void give_held(Task* task, std::uint32_t kind) {
        Group* group = &groups_[kind][0];
        if (group->held == 0) ++group;
        Entry& entry = group->first[std::countr_zero(group->held)];
        group->held &= group->held - 1;
        fill_slot(entry, reinterpret_cast<std::uint32_t>(task));
        entry.running = task;
        put(task->dispatched, kernel::cycles());
        ++given_;
    }

    /// All workers of the kind are there for all tasks again.
    void release_held(std::uint32_t kind) {
        for (Group& group : groups_[kind]) {
            group.idle |= group.held;
            group.held = 0;
            for (std::uint32_t busy = group.all & ~group.idle & group.ahead; busy != 0;
                 busy &= busy - 1) {
                const Entry& entry = group.first[std::countr_zero(busy)];
                if (entry.next == nullptr) group.half |= entry.bit;
            }
        }
    }

    /// How often a task was handed to a worker, modulo 2^32.
    TILEWRIGHT_DEVICE std::uint32_t given() const { return given_; }

    /// Ends the worker programs. Returns when all have been told, as a kernel must not end before
    /// its writes are acknowledged.
    void send_home() {
        for (std::uint32_t w = 0; w < count_; ++w) fill_slot(entries_[w], 0);
        kernel::noc_async_write_barrier();
    }

private:
    struct Group;
    struct Entry {
        std::uint32_t node;
        std::uint32_t slot;   // address of the one that got the latest task
        std::uint32_t given;  // words that went into its slots
        Task* running;
        Task* next;  // that waits in its mailbox; null: none
        Group* group;
        std::uint32_t bit;
        std::uint32_t kind;
    };
    struct Group {            // up to 32 workers of one kind, by bits
        std::uint32_t idle;   // run nothing
        std::uint32_t half;   // run a task and have room for one more
        std::uint32_t ahead;  // all bits, if there ever is room for one more
        Entry* first;
        std::uint32_t all;
        std::uint32_t held;  // run nothing, and are kept for a task on several
        std::uint32_t reserved[2];
    };

    TILEWRIGHT_DEVICE void fill_slot(Entry& entry, std::uint32_t address) {
        constexpr std::uint32_t other = mailbox::slots ^ (mailbox::slots + 4);
        const std::uint32_t turn = entry.given + 1;
        const std::uint32_t slot = entry.slot ^ other;
        kernel::noc_inline_write({entry.node, slot}, address | (turn & turn_mask));
        entry.given = turn;
        entry.slot = slot;
    }

    std::array<std::array<Group, max_workers_of_kind / 32>, max_kinds> groups_{};
    std::array<Entry, max_workers> entries_{};
    std::uint32_t count_ = 0;
    std::uint32_t given_ = 0;
};

}  // namespace tilewright::graph
