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
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/scheduling.hpp"

namespace {

using namespace tilewright::kernel;
using namespace tilewright::graph;

/// A cycle that is noted by its lower half and told in full later, when there is time.
class Moment {
public:
    TILEWRIGHT_API Moment() : low_(cycles_low()) {}
    TILEWRIGHT_API std::uint64_t cycle() const {
        const std::uint64_t now = cycles();
        return now - (static_cast<std::uint32_t>(now) - low_);
    }

private:
    std::uint32_t low_;
};

template <bool shared>
class GraphScheduler {
public:
    GraphScheduler(Header* header, std::uint32_t number)
        : header_(header), number_(number), records_(header->records) {
        workers_.take(header->schedulers[number], header->tasks_ahead);
        if constexpr (!shared) {
            active_ = header->active;
            for (std::uint32_t kind = 0; kind < max_kinds; ++kind)
                ready_[kind] = header->ready[kind];
        }
    }

    void run() {
        const Scheduler& self = header_->schedulers[number_];
        const std::uint32_t queue = self.queue_address;
        const std::uint32_t ring_mask = self.queue_ring_bytes / 4 - 1;
        const auto* ring = reinterpret_cast<const volatile std::uint32_t*>(queue + 4);
        bool busy = begin();
        std::uint32_t seen = 0;
        while (busy) {
            std::uint32_t written = device::load_reserved(queue);
            if (written == seen) [[unlikely]] {
                if constexpr (shared) {
                    if (take_shared_work()) continue;
                    written = device::load_reserved(queue);
                    if (written != seen) continue;
                }
                device::wait_for_change();
                continue;
            }
            for (; busy && seen != written; ++seen) busy = handle(ring[seen & ring_mask]);
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
        serve_queues();
        return header_->task_count != 0;
    }

    /// False when all is done.
    TILEWRIGHT_API bool handle(std::uint32_t message) {
        if (message < max_workers) return task_ended(message);
        if constexpr (shared) {
            if (message == message_end) {
                ended_ = true;
                return false;
            }
            serve_queues();
        }
        return true;
    }

    TILEWRIGHT_API bool task_ended(std::uint32_t worker) {
        const Task* const task = workers_.take_ended(worker);
        const std::uint32_t follows = task->successors;
        started_ = 0;
        if (follows != 0) {
            const Moment ended;
            if (static_cast<std::int32_t>(follows) >= 0) {
                count_down(follows, ended);
            } else {
                release_several(follows, ended);
            }
        }
        serve_queue(workers_.kind_of(worker));
        return still_active();
    }

    /// What a list holds, or what a jump decides.
    TILEWRIGHT_API void release_several(std::uint32_t follows, const Moment& ended) {
        if (is_jump(follows)) [[unlikely]] {
            follows = decide(follows);
            if (static_cast<std::int32_t>(follows) >= 0) {
                if (follows != 0) count_down(follows, ended);
                return;
            }
        }
        const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
        std::uint32_t edge;
        do {
            edge = *list++;
            count_down(edge, ended);
        } while ((edge & edge::last) == 0);
    }

    TILEWRIGHT_API void count_down(std::uint32_t edge, const Moment& ended) {
        Task* const task = record(edge);
        if ((edge & edge::only) == 0) [[unlikely]] {
            std::uint32_t left;
            if constexpr (shared) {
                left = add(&task->remaining, ~0u) - 1;
            } else {
                left = --task->remaining;
            }
            if (left != 0) return;
            task->remaining = task->dependencies;  // for the next run
        }
        // The first one takes the place of the task that has ended.
        if (started_++ != 0) [[unlikely]]
            add_active(1);
        place(task, edge::kind(edge));
        put(task->ready, ended.cycle());
    }

    TILEWRIGHT_API void place(Task* task, std::uint32_t kind) {
        if (workers_.give_idle(task, kind)) return;
        if (!somebody_is_hungry(kind) && workers_.give_ahead(task, kind)) return;
        enqueue(task, kind);
    }

    // --- Queues of ready tasks ------------------------------------------------------------------

    ReadyQueue& ready(std::uint32_t kind) {
        if constexpr (shared) return header_->ready[kind];
        return ready_[kind];
    }

    TILEWRIGHT_API void enqueue(Task* task, std::uint32_t kind) {
        ReadyQueue& queue = ready(kind);
        task->next = 0;
        lock();
        if (queue.head == 0) {
            queue.head = reinterpret_cast<std::uint32_t>(task);
        } else {
            reinterpret_cast<Task*>(queue.tail)->next = reinterpret_cast<std::uint32_t>(task);
        }
        queue.tail = reinterpret_cast<std::uint32_t>(task);
        if constexpr (shared) ++header_->queued;
        unlock();
        if constexpr (shared) {
            wake_a_hungry_one(kind);
        } else {
            queued_ |= 1u << kind;
        }
    }

    TILEWRIGHT_API bool may_have(std::uint32_t kind) {
        if constexpr (!shared) return (queued_ >> kind & 1) != 0;
        const volatile ReadyQueue& queue = ready(kind);
        return queue.next_root != queue.root_count || queue.head != 0;
    }

    TILEWRIGHT_API Task* dequeue(std::uint32_t kind) {
        ReadyQueue& queue = ready(kind);
        Task* task = nullptr;
        lock();
        if (const std::uint32_t root = queue.next_root; root != queue.root_count) {
            queue.next_root = root + 1;
            task = record(reinterpret_cast<const std::uint32_t*>(queue.roots)[root]);
        } else if (queue.head != 0) {
            task = reinterpret_cast<Task*>(queue.head);
            queue.head = task->next;
        }
        if constexpr (shared) {
            if (task != nullptr) --header_->queued;
        }
        unlock();
        if constexpr (!shared) {
            if (task == nullptr) queued_ &= ~(1u << kind);
        }
        return task;
    }

    /// Queued tasks of this kind for all workers that have room.
    TILEWRIGHT_API void serve_queue(std::uint32_t kind) {
        while (may_have(kind) && workers_.has_room(kind)) {
            Task* const task = dequeue(kind);
            if (task == nullptr) return;
            if (!workers_.give_idle(task, kind)) workers_.give_ahead(task, kind);
        }
    }

    [[gnu::noinline]] void serve_queues() {
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) serve_queue(kind);
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
    /// True if there were some. A mark that stands already need not be set again: whoever takes it
    /// away sends a message.
    bool take_shared_work() {
        const auto* header = static_cast<const volatile Header*>(header_);
        std::uint32_t bits = 0;
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            if (workers_.has_idle(kind)) bits |= hungry_bit(number_, kind);
        }
        if ((header->hungry & bits) != bits) set_bits(&header_->hungry, bits);
        if (bits == 0 || header->queued == 0) return false;
        bool some = false;
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            if (!workers_.has_idle(kind) || !may_have(kind)) continue;
            serve_queue(kind);
            some = true;
        }
        return some;
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
    std::uint32_t started_ = 0;  // tasks that the end of the present one has made ready
    WorkerSet workers_;

    // Without others:
    std::uint32_t active_ = 0;                      // tasks that are ready or running
    std::uint32_t queued_ = (1u << max_kinds) - 1;  // kinds whose queue may have tasks
    std::array<ReadyQueue, max_kinds> ready_{};     // those of the header

    // With others:
    bool ended_ = false;  // another one has told the end
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
