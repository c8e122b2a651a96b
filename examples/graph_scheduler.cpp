// A scheduler of task graphs that goes deep first: of the tasks that are ready it starts the one
// that became ready last. For runs with one scheduler.
//
//     tilewright-cc graph_scheduler.cpp -o graph_scheduler.elf
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/scheduling.hpp"

using namespace tilewright::graph;
using namespace tilewright::kernel;

namespace {

/// Ready tasks of each kind of worker, the latest first, linked by Task::next.
struct Stacks {
    Task* top[max_kinds] = {};

    void push(Task* task) {
        Task*& stack = top[kind_of(*task)];
        task->next = reinterpret_cast<std::uint32_t>(stack);
        stack = task;
    }
};

void deep_first(std::uint32_t header_address, std::uint32_t number) {
    const auto* header = reinterpret_cast<const Header*>(header_address);
    const Scheduler& self = header->schedulers[number];
    const std::uint32_t* ring = reinterpret_cast<const std::uint32_t*>(self.queue_address) + 1;
    const auto task_of = [&](std::uint32_t edge) {
        return reinterpret_cast<Task*>(header->records + (edge & edge::task_mask) * record_bytes);
    };

    WorkerSet workers;
    workers.take(self, header->tasks_ahead);
    Stacks ready;
    for (const ReadyQueue& queue : header->ready) {
        const auto* roots = reinterpret_cast<const std::uint32_t*>(queue.ring);
        for (std::uint32_t i = queue.tail; i-- > 0;) ready.push(task_of(roots[i]));
    }

    std::uint32_t seen = 0;
    for (std::uint32_t left = header->task_count; left != 0; --left) {
        for (Task*& stack : ready.top) {
            while (stack != nullptr) {
                Task* const next = reinterpret_cast<Task*>(stack->next);
                if (!workers.give_idle(stack, kind_of(*stack))) break;
                stack = next;
            }
        }
        // Wait for the next end of a task.
        device::wait_word(self.queue_address, [=](std::uint32_t count) { return count != seen; });
        const volatile std::uint32_t& message = ring[seen++ % (self.queue_ring_bytes / 4)];
        const std::uint32_t follows = workers.take_ended(message)->successors;
        if (follows == 0) continue;
        const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
        const bool single = (follows & 0x8000'0000) == 0;
        std::uint32_t edge;
        do {
            edge = single ? follows | edge::last : *list++;
            Task* const task = task_of(edge);
            if (--task->remaining != 0) continue;
            put(task->ready, cycles());
            ready.push(task);
        } while ((edge & edge::last) == 0);
    }
    workers.send_home();
}

}  // namespace

TILEWRIGHT_SCHEDULER(deep_first, 0)
