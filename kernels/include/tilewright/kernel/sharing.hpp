// What schedulers of one task graph share in direct memory, and tasks that add tasks with them:
// queues of ready tasks, and marks of those that sleep and would take some. Several may use it at
// once, and nothing is locked but single tasks of a graph with dynamic tasks.
#pragma once

#include <bit>
#include <cstdint>

#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/kernel/noc.hpp"

namespace tilewright::graph {

/// Each returns what the word held before.
TILEWRIGHT_DEVICE std::uint32_t atomic_add(std::uint32_t* word, std::uint32_t value) {
    std::uint32_t before;
    asm volatile("amoadd.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(value) : "memory");
    return before;
}
TILEWRIGHT_DEVICE std::uint32_t atomic_swap(std::uint32_t* word, std::uint32_t value) {
    std::uint32_t before;
    asm volatile("amoswap.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(value) : "memory");
    return before;
}
TILEWRIGHT_DEVICE std::uint32_t atomic_or(std::uint32_t* word, std::uint32_t bits) {
    std::uint32_t before;
    asm volatile("amoor.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(bits) : "memory");
    return before;
}
TILEWRIGHT_DEVICE std::uint32_t atomic_and(std::uint32_t* word, std::uint32_t bits) {
    std::uint32_t before;
    asm volatile("amoand.w %0, %2, (%1)" : "=&r"(before) : "r"(word), "r"(bits) : "memory");
    return before;
}
/// A word that others change.
TILEWRIGHT_DEVICE std::uint32_t load(const std::uint32_t* word) {
    return *static_cast<const volatile std::uint32_t*>(word);
}

/// Puts edges to ready tasks into a queue, in this order.
TILEWRIGHT_DEVICE void put_ready(ReadyQueue& queue, const std::uint32_t* edges,
                                 std::uint32_t count) {
    std::uint32_t place = atomic_add(&queue.tail, count);
    auto* const ring = reinterpret_cast<std::uint32_t*>(queue.ring);
    const std::uint32_t mask = queue.mask;
    for (std::uint32_t i = 0; i < count; ++i) ring[place++ & mask] = edges[i];
    atomic_add(&queue.ready, count);
}

TILEWRIGHT_DEVICE bool has_ready(const ReadyQueue& queue) {
    return static_cast<std::int32_t>(load(&queue.ready)) > 0;
}

/// Takes the first of a queue; 0 if it is empty.
TILEWRIGHT_DEVICE std::uint32_t take_ready(ReadyQueue& queue) {
    if (static_cast<std::int32_t>(atomic_add(&queue.ready, ~0u)) <= 0) [[unlikely]] {
        atomic_add(&queue.ready, 1);
        return 0;
    }
    auto* const place =
        reinterpret_cast<std::uint32_t*>(queue.ring) + (atomic_add(&queue.head, 1) & queue.mask);
    std::uint32_t edge = load(place);
    if (edge != 0) [[likely]] {
        *place = 0;
    } else {
        while ((edge = atomic_swap(place, 0)) == 0) {
        }
    }
    return edge;
}

TILEWRIGHT_DEVICE std::uint32_t hungry_bit(std::uint32_t scheduler, std::uint32_t kind) {
    return 1u << (scheduler * max_kinds + kind);
}

TILEWRIGHT_DEVICE void send(const Scheduler& to, std::uint32_t message) {
    kernel::noc_append({to.queue_node, to.queue_address}, to.queue_ring_bytes, message);
}

/// Marks in Header::hungry of schedulers other than `self` that sleep with an idle worker.
TILEWRIGHT_DEVICE std::uint32_t hungry_others(const Header* header, std::uint32_t self,
                                              std::uint32_t kind) {
    return load(&header->hungry) & (0x1111u & ~hungry_bit(self, 0)) << kind;
}

/// Removes the first of these marks; null if it has been removed before. Otherwise its scheduler is
/// owed a message, message_look or a task: the only one for this mark.
TILEWRIGHT_DEVICE const Scheduler* take_mark(Header* header, std::uint32_t& marks) {
    const std::uint32_t bit = marks & (0u - marks);
    marks ^= bit;
    if ((atomic_and(&header->hungry, ~bit) & bit) == 0) return nullptr;
    return &header->schedulers[static_cast<std::uint32_t>(std::countr_zero(bit)) / max_kinds];
}

/// To be called when so many tasks of a kind were queued: wakes as many schedulers that sleep with
/// idle workers, apart from `self`. The atomic that made the tasks ready came after whatever a
/// scheduler did that found the queue empty, so that its mark is seen here.
TILEWRIGHT_DEVICE void wake_hungry(Header* header, std::uint32_t self, std::uint32_t kind,
                                   std::uint32_t tasks) {
    std::uint32_t marks = hungry_others(header, self, kind);
    while (marks != 0 && tasks != 0) {
        if (const Scheduler* const other = take_mark(header, marks)) {
            send(*other, message_look + kind);
            --tasks;
        }
    }
}

// --- Dynamic tasks -------------------------------------------------------------------------------

TILEWRIGHT_DEVICE TaskState& state_of(const DynamicTasks& dynamic, std::uint32_t task) {
    return reinterpret_cast<TaskState*>(dynamic.states)[task];
}

/// What a word held that others may be about to change; it is theirs again after unlock(). It is
/// locked for a dozen instructions: trying again is cheaper than sleeping.
TILEWRIGHT_DEVICE std::uint32_t lock(std::uint32_t& word) {
    std::uint32_t before;
    while ((before = atomic_swap(&word, waiting::busy)) == waiting::busy) {
    }
    return before;
}
TILEWRIGHT_DEVICE void unlock(std::uint32_t& word, std::uint32_t value) {
    atomic_swap(&word, value);
}

}  // namespace tilewright::graph
