// The scheduler of task graphs: runs on control cores, one or several to a graph.
//
// Each scheduler owns some of the workers. It sleeps until one of them reports an end, counts down
// the tasks that follow, and hands those that are ready to its own workers: first to an idle one,
// then, ahead of time, to one that still runs a task. What finds no room goes to a queue for its
// kind in direct memory that all schedulers share. One that has idle workers and finds nothing to
// do says so before it sleeps, and is woken by whoever queues a task. With one scheduler nothing is
// shared, and none of the atomics are there.
//
// Tasks on several cores are for the first scheduler. The one that became ready first waits until
// so many of its workers of the kind run nothing; those that already do get nothing else meanwhile.
// As tasks wait for nobody while they run, it gets them; and as there is only one that waits, no
// two can hold what the other needs.
//
// Order among ready tasks: those that a task's end makes ready go out in the order of its list, and
// before what was queued; queues are first in, first out. With priorities each has a queue of its
// own, and whatever becomes ready is queued first, so that the next task to go out is the first of
// the highest that there is.
#include "dynamic_tasks.hpp"
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/scheduling.hpp"
#include "tilewright/kernel/sharing.hpp"

namespace {

using namespace tilewright::kernel;
using namespace tilewright::graph;

/// Whether tasks have priorities: a build of its own, as the other one has not to look at them.
#ifdef TILEWRIGHT_TASK_PRIORITIES
constexpr bool with_priorities = true;
#else
constexpr bool with_priorities = false;
#endif

template <bool prioritised>
struct Priorities {};
template <>
struct Priorities<true> {
    std::uint32_t top = 0;                              // the highest of a task
    std::array<std::uint32_t, max_kinds + 1> queued{};  // and not yet handed out, by queue
};

template <bool shared, bool dynamic, bool prioritised>
class GraphScheduler : Priorities<prioritised> {
public:
    static_assert(shared || !prioritised);

    GraphScheduler(Header* header, std::uint32_t number)
        : header_(header),
          number_(number),
          records_(header->records),
          all_kinds_((1u << header->kind_count) - 1) {
        if constexpr (prioritised) this->top = header->top_priority;
        workers_.take(header->schedulers[number], header->tasks_ahead);
        if constexpr (!shared) {
            for (std::uint32_t kind = 0; kind < max_kinds; ++kind)
                ready_[kind] = header->ready[kind];
            ready_gangs_ = header->ready_gangs;
        }
        if (number == 0 && header->gang_count != 0) all_kinds_ |= gangs;
    }

    void run() {
        const Scheduler& self = header_->schedulers[number_];
        const std::uint32_t queue = self.queue_address;
        const std::uint32_t ring_mask = self.queue_ring_bytes / 4 - 1;
        const auto* ring = reinterpret_cast<const volatile std::uint32_t*>(queue + 4);
        if ((all_kinds_ & gangs) != 0) serve_gangs();
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) serve(kind);
        std::uint32_t seen = 0;
        if (!shared && workers_.given() == 0) return finish();  // a graph without tasks
        while (true) {
            const std::uint32_t written = device::load_reserved(queue);
            if (written == seen) [[unlikely]] {
                if constexpr (shared) {
                    if (announce_idle()) continue;
                    if (workers_.given() == seen - others_) {
                        if (return_credit()) return finish();
                        if (device::load_reserved(queue) != seen) continue;
                    }
                }
                device::wait_for_change();
                continue;
            }
            do {
                if (!handle(ring[seen & ring_mask])) return finish();
                ++seen;
            } while (seen != written);
            if constexpr (!shared) {
                if (workers_.given() == seen) return finish();
            }
        }
    }

private:
    Task* record(std::uint32_t edge) const {
        return reinterpret_cast<Task*>(records_ + (edge & edge::task_mask) * record_bytes);
    }

    void finish() {
        if constexpr (shared) {
            for (std::uint32_t other = 0; !ended_ && other < header_->scheduler_count; ++other) {
                if (other != number_) send(header_->schedulers[other], message_end);
            }
        }
        workers_.send_home();
    }

    /// False if another scheduler says that all is done.
    TILEWRIGHT_DEVICE bool handle(std::uint32_t message) {
        if constexpr (shared) {
            if (message >= message_look) [[unlikely]] {
                ended_ = message == message_end;
                if (!ended_) from_another(message);
                return !ended_;
            }
        }
        task_ended(message);
        return true;
    }

    TILEWRIGHT_DEVICE void task_ended(std::uint32_t worker) {
        Task* const task = workers_.take_ended(worker);
        if constexpr (dynamic) {
            if (waiting_gang_ != 0) [[unlikely]]
                serve_gangs();
            end_dynamic(task);
        } else {
            const std::uint32_t follows = task->successors;
            if (waiting_gang_ != 0) [[unlikely]]
                serve_gangs();
            if (follows == 0) {
                if constexpr (shared) ++credit_;
            } else if (static_cast<std::int32_t>(follows) >= 0) [[likely]] {
                release(follows);
            } else {
                release_several(follows);
            }
        }
        if constexpr (prioritised) serve_queued();
        serve_one(workers_.kind_of(worker));  // there is room for one more than before
    }

    /// The one task that follows. It takes the place of the one that has ended.
    TILEWRIGHT_DEVICE void release(std::uint32_t edge) {
        Task* const task = record(edge);
        if (!count_down(task, edge)) {
            if constexpr (shared) ++credit_;
            return;
        }
        put(task->ready, cycles());
        if constexpr (prioritised) return enqueue(edge);
        if (!workers_.give_idle(task, edge::kind(edge))) [[unlikely]]
            place_elsewhere(task, edge);
    }

    /// What a list holds, or what a control-flow edge decides.
    TILEWRIGHT_DEVICE void release_several(std::uint32_t follows) {
        if ((follows & (gang_mark | control_mark)) != 0) [[unlikely]] {
            if (Gang* const gang = gang_of(follows)) {
                if (--gang->left != 0) return;
                gang->left = gang->cores;
                follows = gang->successors;
            }
            if (is_control_edge(follows)) follows = decide(follows);
            if (static_cast<std::int32_t>(follows) >= 0) {
                if (follows != 0) {
                    release(follows);
                } else {
                    if constexpr (shared) ++credit_;
                }
                return;
            }
        }
        const auto* list = reinterpret_cast<const std::uint32_t*>(follows);
        const std::uint64_t now = cycles();
        std::uint32_t credit = credit_ + 1;
        std::uint32_t full = 0;  // bits of the kinds that no worker has room for any more
        Batch queued;            // of one kind
        std::uint32_t of_kind = 0;
        std::uint32_t count = 0;
        std::uint32_t edge;
        do {
            edge = *list++;
            Task* const task = record(edge);
            if (!count_down(task, edge)) continue;
            put(task->ready, now);
            if constexpr (shared) {
                if (credit == 0) [[unlikely]]
                    credit = borrow();
                --credit;
            }
            if constexpr (prioritised) {
                enqueue(edge);
                continue;
            }
            const std::uint32_t kind = edge::kind(edge);
            if ((full >> kind & 1) == 0) {
                if (workers_.give_idle(task, kind)) continue;
                if (!somebody_is_hungry(kind) && workers_.give_ahead(task, kind)) continue;
                full |= 1u << kind;
            }
            if constexpr (shared) {
                if (kind != of_kind || count == queued.size()) [[unlikely]] {
                    if (count != 0) share(queued.data(), count);
                    of_kind = kind;
                    count = 0;
                }
                queued[count++] = edge;
            } else {
                put_alone(ready_[kind], edge);
            }
        } while ((edge & edge::last) == 0);
        credit_ = credit;
        if constexpr (shared) {
            if (count != 0) share(queued.data(), count);
        }
    }

    /// Whether the task is ready now, and for one core.
    TILEWRIGHT_DEVICE bool count_down(Task* task, std::uint32_t edge) {
        if ((edge & edge::only) != 0) [[likely]]
            return true;
        std::uint32_t left;
        if constexpr (shared) {
            left = atomic_add(&task->remaining, ~0u) - 1;
        } else {
            left = --task->remaining;
        }
        if (left != 0) return false;
        task->remaining = task->dependencies;  // for the next iteration
        if ((edge & edge::gang) != 0) [[unlikely]] {
            put(task->ready, cycles());
            share_gang(edge);
            return false;
        }
        return true;
    }

    [[gnu::noinline]] void place_elsewhere(Task* task, std::uint32_t edge) {
        const std::uint32_t kind = edge::kind(edge);
        if (!somebody_is_hungry(kind) && workers_.give_ahead(task, kind)) return;
        if constexpr (shared) {
            share(&edge, 1);
        } else {
            put_alone(ready_[edge::kind(edge)], edge);
        }
    }

    // --- Queues of ready tasks ------------------------------------------------------------------

    static void put_alone(ReadyQueue& queue, std::uint32_t edge) {
        reinterpret_cast<std::uint32_t*>(queue.ring)[queue.tail++ & queue.mask] = edge;
    }
    static std::uint32_t take_alone(ReadyQueue& queue) {
        return reinterpret_cast<std::uint32_t*>(queue.ring)[queue.head++ & queue.mask];
    }

    TILEWRIGHT_DEVICE bool may_have(std::uint32_t kind) {
        if constexpr (prioritised) {
            return has_ready(header_->ready[kind]) || highest(kind) != 0;
        } else if constexpr (shared) {
            return has_ready(header_->ready[kind]);
        } else {
            return ready_[kind].head != ready_[kind].tail;
        }
    }

    TILEWRIGHT_DEVICE std::uint32_t dequeue(std::uint32_t kind) {
        if constexpr (prioritised) {
            return dequeue_highest(kind);
        } else if constexpr (shared) {
            return take_ready(header_->ready[kind]);
        } else {
            return take_alone(ready_[kind]);
        }
    }

    /// A queued task for a worker that has room. False if there is no such pair.
    TILEWRIGHT_DEVICE bool serve_one(std::uint32_t kind) {
        if (!may_have(kind)) return false;
        if (workers_.has_idle(kind)) {
            const std::uint32_t edge = dequeue(kind);
            return edge != 0 && workers_.give_idle(record(edge), kind);
        }
        if (!workers_.has_half(kind)) return false;
        const std::uint32_t edge = dequeue(kind);
        return edge != 0 && workers_.give_ahead(record(edge), kind);
    }

    [[gnu::noinline]] void serve(std::uint32_t kind) {
        while (serve_one(kind)) {
        }
    }

    // --- Priorities -----------------------------------------------------------------------------

    /// Of a kind, or of tasks on several cores for max_kinds.
    ReadyQueue& queue(std::uint32_t kind, std::uint32_t priority) const {
        if (priority == 0) {
            return kind == max_kinds ? header_->ready_gangs : header_->ready[kind];
        }
        LevelQueues& level = reinterpret_cast<LevelQueues*>(header_->above)[priority - 1];
        return kind == max_kinds ? level.ready_gangs : level.ready[kind];
    }

    /// The highest priority above 0 of a task in a queue; 0 if there is none.
    std::uint32_t highest(std::uint32_t kind) const {
        for (std::uint32_t priority = this->top; priority != 0; --priority) {
            if (has_ready(queue(kind, priority))) return priority;
        }
        return 0;
    }

    [[gnu::noinline]] std::uint32_t dequeue_highest(std::uint32_t kind) {
        for (std::uint32_t priority = this->top;; --priority) {
            ReadyQueue& from = queue(kind, priority);
            if (has_ready(from)) {
                if (const std::uint32_t edge = take_ready(from)) return edge;
            }
            if (priority == 0) return 0;
        }
    }

    /// Queued until all that became ready with it is, too: see serve_queued().
    [[gnu::noinline]] void enqueue(std::uint32_t edge) {
        const std::uint32_t kind = (edge & edge::gang) != 0 ? max_kinds : edge::kind(edge);
        put_ready(queue(kind, record(edge)->next), &edge, 1);
        ++this->queued[kind];
    }

    /// Hands out what was queued: to idle workers here, then to whoever has some, then ahead.
    [[gnu::noinline]] void serve_queued() {
        if (this->queued[max_kinds] != 0) {
            this->queued[max_kinds] = 0;
            tell_gangs();
        }
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            if (this->queued[kind] == 0) continue;
            const std::uint32_t count = this->queued[kind];
            this->queued[kind] = 0;
            while (workers_.has_idle(kind)) {
                const std::uint32_t edge = dequeue(kind);
                if (edge == 0) break;
                workers_.give_idle(record(edge), kind);
            }
            if (somebody_is_hungry(kind)) {
                if (may_have(kind)) wake_hungry(header_, number_, kind, count);
            } else {
                serve(kind);
            }
        }
    }

    // --- Tasks on several cores -----------------------------------------------------------------

    /// Some are queued: they are the first scheduler's.
    void tell_gangs() {
        if (number_ == 0) return serve_gangs();
        const bool marked =
            (load(&header_->hungry) & gangs_are_hungry) != 0 &&
            (atomic_and(&header_->hungry, ~gangs_are_hungry) & gangs_are_hungry) != 0;
        if (marked) send(header_->schedulers[0], message_look + max_kinds);
    }

    [[gnu::noinline]] void share_gang(std::uint32_t edge) {
        if constexpr (prioritised) {
            atomic_add(&header_->active, 1);
            enqueue(edge);
            return;
        }
        if constexpr (shared) {
            atomic_add(&header_->active, 1);
            put_ready(header_->ready_gangs, &edge, 1);
            if (number_ != 0) {
                const bool marked =
                    (load(&header_->hungry) & gangs_are_hungry) != 0 &&
                    (atomic_and(&header_->hungry, ~gangs_are_hungry) & gangs_are_hungry) != 0;
                if (marked) send(header_->schedulers[0], message_look + max_kinds);
                return;
            }
        } else {
            put_alone(ready_gangs_, edge);
        }
        serve_gangs();
    }

    [[gnu::noinline]] void serve_gangs() {
        while (true) {
            if (waiting_gang_ == 0) {
                if constexpr (prioritised) {
                    waiting_gang_ = dequeue_highest(max_kinds);
                } else if constexpr (shared) {
                    if (!has_ready(header_->ready_gangs)) return;
                    waiting_gang_ = take_ready(header_->ready_gangs);
                } else if (ready_gangs_.head != ready_gangs_.tail) {
                    waiting_gang_ = take_alone(ready_gangs_);
                }
                if (waiting_gang_ == 0) return;
            }
            Task* const task = record(waiting_gang_);
            const std::uint32_t kind = edge::kind(waiting_gang_);
            const Gang& gang = *gang_of(task->successors);
            if (!workers_.hold(kind, gang.cores)) return;
            for (std::uint32_t rank = 0; rank < gang.cores; ++rank) {
                workers_.give_held(member(gang, task, rank), kind);
            }
            workers_.release_held(kind);
            waiting_gang_ = 0;
            serve(kind);
        }
    }

    // --- Dynamic tasks ---------------------------------------------------------------------------

    [[gnu::noinline]] void end_dynamic(Task* task) {
        // What follows a task of one core may change until its state is locked.
        Gang* const gang = (task->function >> function::cores_shift & 63) != 0
                               ? gang_of(task->successors)
                               : nullptr;
        if (gang != nullptr && --gang->left != 0) return;
        ++credit_;
        const auto release = [this](std::uint32_t edge) { release_one(edge); };
        const std::uint32_t number =
            gang != nullptr ? gang->task
                            : (reinterpret_cast<std::uint32_t>(task) - records_) / record_bytes;
        end_with_dynamic_tasks(header_, number,
                               gang != nullptr ? gang->successors : task->successors, release);
    }

    void release_one(std::uint32_t edge) {
        Task* const task = record(edge);
        if (!count_down(task, edge)) return;
        if (credit_ == 0) credit_ = borrow();
        --credit_;
        put(task->ready, cycles());
        if constexpr (prioritised) return enqueue(edge);
        if (!workers_.give_idle(task, edge::kind(edge))) place_elsewhere(task, edge);
    }

    // --- With other schedulers ------------------------------------------------------------------

    bool somebody_is_hungry(std::uint32_t kind) const {
        if constexpr (!shared) return false;
        return hungry_others(header_, number_, kind) != 0;
    }

    /// Tasks of one kind: one for each scheduler that is hungry, the others into the queue.
    [[gnu::noinline]] void share(const std::uint32_t* edges, std::uint32_t count) {
        const std::uint32_t kind = edge::kind(*edges);
        std::uint32_t marks = hungry_others(header_, number_, kind);
        while (marks != 0) {
            if (const Scheduler* const other = take_mark(header_, marks)) {
                send(*other, *edges++);
                if (--count == 0) return;
            }
        }
        put_ready(header_->ready[kind], edges, count);
        wake_hungry(header_, number_, kind, count);
    }

    /// A task, or word of some in the queue: another one has taken away the mark.
    [[gnu::noinline]] void from_another(std::uint32_t message) {
        const bool look = message < edge::present;
        const std::uint32_t kind = look ? message - message_look : edge::kind(message);
        ++others_;
        marked_ &= ~(1u << kind);
        if (kind == max_kinds) return serve_gangs();
        if (!look && !workers_.give_idle(record(message), kind)) {
            place_elsewhere(record(message), message);
        }
        serve(kind);
        if (may_have(kind)) wake_hungry(header_, number_, kind, 1);  // there is no room here
    }

    /// Before sleeping: says which kinds have idle workers, and looks once more for queued tasks.
    /// False if all that has stood there before: then nobody has queued any, as whoever does takes
    /// the mark away and sends a message.
    TILEWRIGHT_DEVICE bool announce_idle() {
        if (marked_ == all_kinds_) [[likely]]
            return false;
        std::uint32_t kinds = 0;
        for (std::uint32_t kind = 0; kind < max_kinds; ++kind) {
            kinds |= static_cast<std::uint32_t>(workers_.has_idle(kind)) << kind;
        }
        kinds = (kinds | (all_kinds_ & gangs)) & ~marked_;
        if (kinds == 0) return false;
        const std::uint32_t for_gangs = (kinds & gangs) != 0 ? gangs_are_hungry : 0;
        atomic_or(&header_->hungry, for_gangs | (kinds & ~gangs) << number_ * max_kinds);
        marked_ |= kinds;
        if (for_gangs != 0) serve_gangs();
        kinds &= ~gangs;
        for (std::uint32_t kind = 0; kinds != 0; ++kind, kinds >>= 1) {
            if ((kinds & 1) != 0 && may_have(kind)) [[unlikely]]
                serve(kind);
        }
        return true;
    }

    // Each task that is ready or running counts in Header::active. The end of one pays for one that
    // it makes ready; what is left over stays here as credit and goes back when this scheduler has
    // nothing to do. So the common case touches nothing that is shared, and the count is never
    // less than what it stands for.

    /// Before a task is handed out: others may count its end at once.
    [[gnu::noinline]] std::uint32_t borrow() {
        constexpr std::uint32_t some = 64;
        atomic_add(&header_->active, some);
        return some;
    }

    /// True if no task is ready or running any more.
    bool return_credit() {
        const std::uint32_t credit = credit_;
        credit_ = 0;
        return atomic_add(&header_->active, 0u - credit) == credit;
    }

    static constexpr std::uint32_t gangs = 1u << max_kinds;  // as if they were a kind
    static constexpr std::uint32_t gangs_are_hungry = 1u << max_schedulers * max_kinds;
    using Batch = std::array<std::uint32_t, 16>;

    Header* header_;
    std::uint32_t number_;
    std::uint32_t records_;
    WorkerSet workers_;

    std::uint32_t waiting_gang_ = 0;  // edge to the task on several cores that is next; 0: none

    // Without others:
    ReadyQueue ready_gangs_{};
    std::array<ReadyQueue, max_kinds> ready_{};  // those of the header

    std::uint32_t all_kinds_;  // bits of all kinds of the run

    // With others:
    bool ended_ = false;        // another one has told the end
    std::uint32_t others_ = 0;  // messages of other schedulers
    std::uint32_t marked_ = 0;  // kinds in Header::hungry, as far as known here
    std::uint32_t credit_ = 0;
};

void schedule(std::uint32_t header_address, std::uint32_t number) {
    auto* header = reinterpret_cast<Header*>(header_address);
    if (header->dynamic_tasks != 0) {
        GraphScheduler<true, true, with_priorities>(header, number).run();
    } else if (!with_priorities && header->scheduler_count == 1) {
        GraphScheduler<false, false, false>(header, number).run();
    } else {
        GraphScheduler<true, false, with_priorities>(header, number).run();
    }
}

}  // namespace

TILEWRIGHT_SCHEDULER(schedule, feature::control_flow | feature::gangs | feature::dynamic_tasks |
                                   (with_priorities ? feature::priorities : 0))
