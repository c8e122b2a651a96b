// The workers of one scheduler: which have room, what each runs, and how a task gets there. Another
// scheduler can be written on it (docs/graphs.md).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/runtime/graph/layout.hpp"

namespace tilewright::graph {

[[gnu::always_inline]] inline void put(std::uint32_t (&place)[2], std::uint64_t cycle) {
    place[0] = static_cast<std::uint32_t>(cycle);
    place[1] = static_cast<std::uint32_t>(cycle >> 32);
}

/// Workers are called by their index in the scheduler's list, where those of one kind stand
/// together. All of it lies in local memory.
class WorkerSet {
public:
    void take(const Scheduler& self, std::uint32_t tasks_ahead) {
        const auto* from = reinterpret_cast<const Worker*>(self.workers);
        ahead_ = tasks_ahead > 1;
        for (std::uint32_t w = 0; w < self.worker_count; ++w) {
            entries_[w] = {.node = from[w].node,
                           .mailbox = from[w].mailbox + mailbox::slots,
                           .slots = {},
                           .kind = static_cast<std::uint8_t>(from[w].kind),
                           .held = 0,
                           .next_in = 0,
                           .next_out = 0,
                           .number = from[w].number};
            Kind& kind = kinds_[from[w].kind];
            if (kind.count == 0) kind.first = w;
            kind.idle.set(kind.count++);
        }
        count_ = self.worker_count;
    }

    std::uint32_t kind_of(std::uint32_t worker) const { return entries_[worker].kind; }
    bool has_idle(std::uint32_t kind) const { return kinds_[kind].idle.any(); }
    bool has_room(std::uint32_t kind) const {
        return kinds_[kind].idle.any() || kinds_[kind].half.any();
    }

    /// Hands the task to a worker that runs nothing. False if there is none.
    bool give_idle(Task* task, std::uint32_t number) {
        Kind& kind = kinds_[number];
        if (!kind.idle.any()) return false;
        const std::uint32_t bit = kind.idle.lowest();
        kind.idle.clear(bit);
        if (ahead_) kind.half.set(bit);
        give(kind.first + bit, task);
        return true;
    }

    /// Hands the task to a worker that still runs another. False if none has room.
    bool give_ahead(Task* task, std::uint32_t number) {
        Kind& kind = kinds_[number];
        if (!kind.half.any()) return false;
        const std::uint32_t bit = kind.half.lowest();
        kind.half.clear(bit);
        give(kind.first + bit, task);
        return true;
    }

    /// The task that the worker has just ended; it has room now.
    Task* take_ended(std::uint32_t worker) {
        Entry& entry = entries_[worker];
        Kind& kind = kinds_[entry.kind];
        const std::uint32_t bit = worker - kind.first;
        const std::uint32_t word = entry.slots[entry.next_out];
        entry.next_out ^= 1;
        if (--entry.held == 0) {
            kind.half.clear(bit);
            kind.idle.set(bit);
        } else {
            kind.half.set(bit);
        }
        return reinterpret_cast<Task*>(word & ~slot_turns);
    }

    /// Ends the worker programs.
    void send_home() {
        for (std::uint32_t w = 0; w < count_; ++w) fill_slot(entries_[w], 0);
    }

private:
    struct Entry {
        std::uint32_t node;
        std::uint32_t mailbox;   // of the first slot
        std::uint32_t slots[2];  // what was written there
        std::uint8_t kind;
        std::uint8_t held;      // tasks that it has and has not ended
        std::uint8_t next_in;   // slot for the next task
        std::uint8_t next_out;  // slot of the task that ends next
        std::uint32_t number;
    };

    /// Which workers of a kind, by bits.
    class Set {
    public:
        bool any() const { return (bits_[0] | bits_[1]) != 0; }
        std::uint32_t lowest() const {
            if (bits_[0] != 0) return static_cast<std::uint32_t>(std::countr_zero(bits_[0]));
            return 32 + static_cast<std::uint32_t>(std::countr_zero(bits_[1]));
        }
        void set(std::uint32_t bit) { bits_[bit >> 5] |= 1u << (bit & 31); }
        void clear(std::uint32_t bit) { bits_[bit >> 5] &= ~(1u << (bit & 31)); }

    private:
        std::uint32_t bits_[max_workers_of_kind / 32] = {};
    };

    struct Kind {
        Set idle;  // run nothing
        Set half;  // run a task and have room for one more
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };

    void give(std::uint32_t worker, Task* task) {
        Entry& entry = entries_[worker];
        ++entry.held;
        fill_slot(entry, reinterpret_cast<std::uint32_t>(task));
        task->worker = entry.number;
        put(task->dispatched, kernel::cycles());
    }

    /// The mailbox word becomes the address with another turn than before.
    void fill_slot(Entry& entry, std::uint32_t address) {
        std::uint32_t& slot = entry.slots[entry.next_in];
        std::uint32_t turn = (slot + 1) & slot_turns;
        if (turn == 0) turn = 1;
        const std::uint32_t word = address | turn;
        kernel::noc_semaphore_inc({entry.node, entry.mailbox + entry.next_in * 4u}, word - slot);
        slot = word;
        entry.next_in ^= 1;
    }

    std::array<Kind, max_kinds> kinds_{};
    std::array<Entry, max_workers> entries_{};
    std::uint32_t count_ = 0;
    bool ahead_ = true;
};

}  // namespace tilewright::graph
