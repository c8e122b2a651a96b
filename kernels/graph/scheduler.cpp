// The scheduler of task graphs: runs on control cores, one or several to a graph.
//
// Each scheduler owns some of the workers. It sleeps until one of them reports an end, counts down
// the tasks that follow, and hands those that are ready to its own workers: first to an idle one,
// then, ahead of time, to one that still runs a task. What finds no room goes to a queue for its
// kind in direct memory that all schedulers share. One that has idle workers and finds nothing to
// do says so before it sleeps, and is woken by whoever queues a task. With one scheduler nothing is
// shared, and none of the atomics are there.
//
// Order among ready tasks: those that a task's end makes ready go out in the order of its list, and
// before what was queued; queues are first in, first out.
#include "scheduler.hpp"

#include "tilewright/kernel.hpp"

namespace {

using namespace tilewright::kernel;
using namespace tilewright::graph;

template <bool shared>
class GraphScheduler {
public:
    GraphScheduler(Header* header, std::uint32_t number)
        : header_(header), number_(number), records_(header->records) {
        const Scheduler& self = header->schedulers[number];
        queue_ = reinterpret_cast<const volatile std::uint32_t*>(self.queue_address);
        ring_mask_ = self.queue_ring_bytes / 4 - 1;
        workers_.take(self, header->tasks_ahead);
        if constexpr (!shared) active_ = header->active;
    }

    void run() {
        bool busy = begin();
        std::uint32_t seen = 0;
        while (busy) {
            std::uint32_t written = device::load_reserved(reinterpret_cast<std::uint32_t>(queue_));
            if (written == seen) {
                if constexpr (shared) {
                    if (take_shared_work()) continue;
                    written = device::load_reserved(reinterpret_cast<std::uint32_t>(queue_));
                    if (written != seen) continue;
                }
                device::wait_for_change();
                continue;
            }
            for (; busy && seen != written; ++seen) busy = handle(queue_[1 + (seen & ring_mask_)]);
        }
        if constexpr (shared) tell_others_the_end();
        workers_.send_home();
    }

private:
    Task* record(std::uint32_t edge) const {
        return reinterpret_cast<Task*>(records_ + (edge & edge::task_mask) * record_bytes);
    }

    /// False if there is nothing to do at all.
    bool begin() {
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) serve_queue(kind);
        return header_->task_count != 0;
    }

    /// False when all is done.
    bool handle(std::uint32_t message) {
        if (message < max_workers) return task_ended(message);
        if constexpr (shared) {
            if (message == message_end) {
                ended_ = true;
                return false;
            }
            for (std::uint32_t kind = 0; kind < max_kinds; ++kind) serve_queue(kind);
        }
        return true;
    }

    bool task_ended(std::uint32_t worker) {
        Task* const task = workers_.take_ended(worker);
        const std::uint32_t follows = task->successors;
        started_ = 0;
        if (follows != 0) {
            now_ = cycles();
            if (static_cast<std::int32_t>(follows) >= 0) {
                count_down(follows);
            } else {
                const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
                std::uint32_t edge;
                do {
                    edge = *list++;
                    count_down(edge);
                } while ((edge & edge::last) == 0);
            }
        }
        serve_queue(workers_.kind_of(worker));
        return still_active();
    }

    void count_down(std::uint32_t edge) {
        Task* const task = record(edge);
        if ((edge & edge::only) == 0) {
            std::uint32_t left;
            if constexpr (shared) {
                left = add(&task->remaining, ~0u) - 1;
            } else {
                left = --task->remaining;
            }
            if (left != 0) return;
            task->remaining = task->dependencies;  // for the next run
        }
        put(task->ready, now_);
        // The first one takes the place of the task that has ended.
        if (started_++ != 0) add_active(1);
        place(task, edge::kind(edge));
    }

    void place(Task* task, std::uint32_t kind) {
        if (workers_.give_idle(task, kind)) return;
        if (!somebody_is_hungry(kind) && workers_.give_ahead(task, kind)) return;
        enqueue(task, kind);
    }

    // --- Queues of ready tasks ------------------------------------------------------------------

    void enqueue(Task* task, std::uint32_t kind) {
        ReadyQueue& queue = header_->ready[kind];
        task->next = 0;
        lock();
        if (queue.head == 0) {
            queue.head = reinterpret_cast<std::uint32_t>(task);
        } else {
            reinterpret_cast<Task*>(queue.tail)->next = reinterpret_cast<std::uint32_t>(task);
        }
        queue.tail = reinterpret_cast<std::uint32_t>(task);
        unlock();
        if constexpr (shared) {
            wake_a_hungry_one(kind);
        } else {
            queued_ |= 1u << kind;
        }
    }

    bool may_have(std::uint32_t kind) const {
        if constexpr (!shared) return (queued_ >> kind & 1) != 0;
        const volatile ReadyQueue& queue = header_->ready[kind];
        return queue.next_root != queue.root_count || queue.head != 0;
    }

    Task* dequeue(std::uint32_t kind) {
        ReadyQueue& queue = header_->ready[kind];
        Task* task = nullptr;
        lock();
        if (const std::uint32_t root = queue.next_root; root != queue.root_count) {
            queue.next_root = root + 1;
            task = record(reinterpret_cast<const std::uint32_t*>(queue.roots)[root]);
        } else if (queue.head != 0) {
            task = reinterpret_cast<Task*>(queue.head);
            queue.head = task->next;
        }
        unlock();
        if constexpr (!shared) {
            if (task == nullptr) queued_ &= ~(1u << kind);
        }
        return task;
    }

    /// Queued tasks of this kind for all workers that have room.
    void serve_queue(std::uint32_t kind) {
        while (workers_.has_room(kind) && may_have(kind)) {
            Task* const task = dequeue(kind);
            if (task == nullptr) return;
            if (!workers_.give_idle(task, kind)) workers_.give_ahead(task, kind);
        }
    }

    // --- With other schedulers ------------------------------------------------------------------

    static std::uint32_t add(std::uint32_t* word, std::uint32_t value) {
        std::uint32_t before;
        asm volatile("amoadd.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(value) : "memory");
        return before;
    }
    static std::uint32_t set(std::uint32_t* word, std::uint32_t value) {
        std::uint32_t before;
        asm volatile("amoswap.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(value) : "memory");
        return before;
    }
    static std::uint32_t set_bits(std::uint32_t* word, std::uint32_t bits) {
        std::uint32_t before;
        asm volatile("amoor.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(bits) : "memory");
        return before;
    }
    static std::uint32_t clear_bits(std::uint32_t* word, std::uint32_t bits) {
        std::uint32_t before;
        asm volatile("amoand.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(~bits) : "memory");
        return before;
    }

    /// The lock is held for a dozen instructions: trying again is cheaper than sleeping.
    void lock() {
        if constexpr (shared) {
            while (set(&header_->lock, 1) != 0) {
            }
        }
    }
    void unlock() {
        if constexpr (shared) set(&header_->lock, 0);
    }

    void send(std::uint32_t other, std::uint32_t message) {
        const Scheduler& to = header_->schedulers[other];
        noc_append({to.queue_node, to.queue_address}, to.queue_ring_bytes, message);
    }

    std::uint32_t hungry_bit(std::uint32_t scheduler, std::uint32_t kind) const {
        return 1u << (scheduler * max_kinds + kind);
    }

    std::uint32_t hungry() const {
        return *static_cast<const volatile std::uint32_t*>(&header_->hungry);
    }

    bool somebody_is_hungry(std::uint32_t kind) const {
        if constexpr (!shared) return false;
        return (hungry() & (0x1111u << kind) & ~hungry_bit(number_, kind)) != 0;
    }

    /// To be called when a task was queued: the atomic that gave the lock back came after whatever
    /// a scheduler did that found the queue empty, so that its mark is seen here.
    void wake_a_hungry_one(std::uint32_t kind) {
        const std::uint32_t marks = hungry();
        for (std::uint32_t other = 0; marks != 0 && other < max_schedulers; ++other) {
            const std::uint32_t bit = hungry_bit(other, kind);
            if (other == number_ || (marks & bit) == 0) continue;
            if ((clear_bits(&header_->hungry, bit) & bit) == 0) continue;
            send(other, message_look);
            return;
        }
    }

    /// Before sleeping: says which kinds have idle workers, and looks once more for queued tasks.
    /// True if there were some.
    bool take_shared_work() {
        std::uint32_t bits = 0;
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            if (workers_.has_idle(kind)) bits |= hungry_bit(number_, kind);
        }
        if (bits == 0) return false;
        set_bits(&header_->hungry, bits);
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            if (!workers_.has_idle(kind) || !may_have(kind)) continue;
            clear_bits(&header_->hungry, bits);
            serve_queue(kind);
            return true;
        }
        return false;
    }

    /// Before a task is handed out: others may count its end at once. Returns what there are now.
    std::uint32_t add_active(std::uint32_t change) {
        if constexpr (shared) {
            return add(&header_->active, change) + change;
        } else {
            return active_ += change;
        }
    }

    bool still_active() { return started_ != 0 || add_active(~0u) != 0; }

    void tell_others_the_end() {
        if (ended_) return;
        for (std::uint32_t other = 0; other < header_->scheduler_count; ++other) {
            if (other != number_) send(other, message_end);
        }
    }

    Header* header_;
    std::uint32_t number_;
    std::uint32_t records_;
    const volatile std::uint32_t* queue_;
    std::uint32_t ring_mask_;
    std::uint64_t now_ = 0;
    std::uint32_t started_ = 0;  // tasks that the end of the present one has made ready
    std::uint32_t active_ = 0;   // not shared: tasks that are ready or running
    std::uint32_t queued_ = (1u << max_kinds) - 1;  // not shared: kinds whose queue may have tasks
    bool ended_ = false;                            // shared: another one has told the end
    WorkerSet workers_;
};

void schedule(std::uint32_t header_address, std::uint32_t number) {
    auto* header = reinterpret_cast<Header*>(header_address);
    if (header->scheduler_count == 1) {
        GraphScheduler<false>(header, number).run();
    } else {
        GraphScheduler<true>(header, number).run();
    }
}

}  // namespace

TILEWRIGHT_KERNEL(schedule)
