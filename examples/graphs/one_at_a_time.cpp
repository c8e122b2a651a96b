// A scheduler of one's own: one task at a time on the whole chip, the one that became ready last
// first. Slow, but nothing overlaps, which is what one wants when a graph misbehaves.
//
// tilewright/firmware/graph_layout.hpp says how the graph lies in memory and what passes between a
// scheduler and its workers.
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/scheduling.hpp"

namespace {

using namespace tilewright::kernel;
using namespace tilewright::graph;

class OneAtATime {
public:
    OneAtATime(Header* header, const Scheduler& self)
        : records_(header->records),
          queue_(self.queue_address),
          workers_(reinterpret_cast<const Worker*>(self.workers)),
          worker_count_(self.worker_count) {
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            const ReadyQueue& queue = header->ready[kind];
            const auto* roots = reinterpret_cast<const std::uint32_t*>(queue.ring);
            for (std::uint32_t i = 0; i < queue.tail; ++i) push(record(roots[i]), kind);
        }
    }

    void run() {
        std::uint32_t kind = 0;
        while (Task* const task = pop(kind)) {
            execute(task, worker_of(kind));
            release_followers(task);
        }
        for (std::uint32_t w = 0; w < worker_count_; ++w) hand(w, 0);
    }

private:
    Task* record(std::uint32_t edge) const {
        return reinterpret_cast<Task*>(records_ + (edge & edge::task_mask) * record_bytes);
    }

    void push(Task* task, std::uint32_t kind) {
        put(task->ready, cycles());
        task->next = ready_[kind];
        ready_[kind] = reinterpret_cast<std::uint32_t>(task);
    }

    Task* pop(std::uint32_t& kind) {
        for (kind = 0; kind < max_kinds; ++kind) {
            if (ready_[kind] == 0) continue;
            auto* const task = reinterpret_cast<Task*>(ready_[kind]);
            ready_[kind] = task->next;
            return task;
        }
        return nullptr;
    }

    std::uint32_t worker_of(std::uint32_t kind) const {
        std::uint32_t w = 0;
        while (workers_[w].kind != kind) ++w;
        return w;
    }

    void execute(Task* task, std::uint32_t w) {
        put(task->dispatched, cycles());
        hand(w, reinterpret_cast<std::uint32_t>(task));
        ++ended_;
        device::wait_word(queue_, [this](std::uint32_t count) { return count == ended_; });
    }

    /// The next word for a worker's mailbox. What adds to the slot makes it the new word.
    void hand(std::uint32_t w, std::uint32_t address) {
        const std::uint32_t turn = ++turns_[w];
        std::uint32_t& slot = slots_[w][turn & 1];
        const std::uint32_t word = address | (turn & turn_mask);
        noc_semaphore_inc({workers_[w].node, workers_[w].mailbox + mailbox::slots + (turn & 1) * 4},
                          word - slot);
        slot = word;
    }

    void release_followers(const Task* task) {
        const std::uint32_t follows = task->successors;
        if (follows == 0) return;
        if (static_cast<std::int32_t>(follows) >= 0) return count_down(follows);
        const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
        do {
            count_down(*list);
        } while ((*list++ & edge::last) == 0);
    }

    void count_down(std::uint32_t edge) {
        Task* const task = record(edge);
        if ((edge & edge::only) == 0) {
            if (--task->remaining != 0) return;
            task->remaining = task->dependencies;  // for the next run
        }
        push(task, edge::kind(edge));
    }

    std::uint32_t records_;
    std::uint32_t queue_;  // where workers report ends: how many so far
    const Worker* workers_;
    std::uint32_t worker_count_;
    std::uint32_t ended_ = 0;
    std::uint32_t ready_[max_kinds] = {};
    std::uint32_t turns_[max_workers] = {};
    std::uint32_t slots_[max_workers][2] = {};
};

void schedule(std::uint32_t header_address, std::uint32_t number) {
    auto* header = reinterpret_cast<Header*>(header_address);
    check(header->scheduler_count == 1, "this scheduler works alone");
    OneAtATime(header, header->schedulers[number]).run();
}

}  // namespace

TILEWRIGHT_SCHEDULER(schedule, 0)
