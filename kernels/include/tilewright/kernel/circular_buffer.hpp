// Circular buffers: rings of pages in L1 through which one core of a tile hands data to another.
//
// The host says where they lie (runtime/program_memory.hpp). The producer reserves pages at the
// back, fills them and pushes; the consumer waits for pages at the front, uses and pops them. What
// a core reserves or waits for lies in one piece: pages pushed or popped at once must not cross the
// end of the ring. A core that waits sleeps. Misuse is a fault that names the buffer.
#pragma once

#include <cstdint>

#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/print.hpp"

namespace tilewright::kernel {

namespace device {

/// How far this core has come in a ring, in bytes from its start.
struct RingPosition {
    std::uint32_t read;
    std::uint32_t write;
};

TILEWRIGHT_DEVICE const abi::CircularBuffer* ring(std::uint32_t index) {
    return reinterpret_cast<const abi::CircularBuffer*>(abi::circular_buffer_table) + index;
}
TILEWRIGHT_DEVICE std::uint32_t pushed_word(std::uint32_t index) {
    return abi::circular_buffer_counters + index * abi::circular_buffer_counters_stride;
}
TILEWRIGHT_DEVICE std::uint32_t popped_word(std::uint32_t index) {
    return pushed_word(index) + 4;
}
/// A counter that this core alone changes.
TILEWRIGHT_DEVICE std::uint32_t own_count(std::uint32_t word) {
    return *reinterpret_cast<const volatile std::uint32_t*>(word);
}
TILEWRIGHT_DEVICE void add_to_word(std::uint32_t word, std::uint32_t increment) {
    asm volatile("amoadd.w zero, %1, (%0)" ::"r"(word), "r"(increment) : "memory");
}

[[gnu::noinline]] inline void print_ring_fault(std::uint32_t index, const char* what,
                                               std::uint32_t count, const char* why,
                                               std::uint32_t limit) {
    print("circular buffer ", index, ": ", what, '(', count, "): ", why, limit, '\n');
}
TILEWRIGHT_DEVICE void check_ring(bool good, std::uint32_t index, const char* what,
                                  std::uint32_t count, const char* why, std::uint32_t limit) {
    if (good) [[likely]]
        return;
    print_ring_fault(index, what, count, why, limit);
    stop();
}

TILEWRIGHT_DEVICE void ring_reserve_back(std::uint32_t index, std::uint32_t count) {
    const std::uint32_t pages = ring(index)->pages;
    check_ring(count <= pages, index, "reserve_back", count, "pages it has: ", pages);
    const std::uint32_t pushed = own_count(pushed_word(index));
    wait_pages(popped_word(index), count,
               [=](std::uint32_t popped) { return pages - (pushed - popped) >= count; });
}

TILEWRIGHT_DEVICE void ring_wait_front(std::uint32_t index, std::uint32_t count) {
    const std::uint32_t pages = ring(index)->pages;
    check_ring(count <= pages, index, "wait_front", count, "pages it has: ", pages);
    const std::uint32_t popped = own_count(popped_word(index));
    wait_pages(pushed_word(index), count,
               [=](std::uint32_t pushed) { return pushed - popped >= count; });
}

TILEWRIGHT_DEVICE void ring_advance(std::uint32_t index, const char* what, std::uint32_t count,
                                    std::uint32_t& position) {
    const std::uint32_t bytes = ring(index)->bytes;
    const std::uint32_t next = position + count * ring(index)->page_bytes;
    check_ring(next <= bytes, index, what, count,
               "it crosses the end of the ring; pages up to there: ",
               (bytes - position) / ring(index)->page_bytes);
    position = next == bytes ? 0 : next;
}

TILEWRIGHT_DEVICE void ring_push_back(std::uint32_t index, std::uint32_t count,
                                      RingPosition& position) {
    const std::uint32_t held = own_count(pushed_word(index)) - own_count(popped_word(index));
    const std::uint32_t pages = ring(index)->pages;
    check_ring(count <= pages - held, index, "push_back", count, "free pages: ", pages - held);
    ring_advance(index, "push_back", count, position.write);
    add_to_word(pushed_word(index), count);
    note_signal<abi::Signal::pushes_pages>(index);
}

TILEWRIGHT_DEVICE void ring_pop_front(std::uint32_t index, std::uint32_t count,
                                      RingPosition& position) {
    const std::uint32_t held = own_count(pushed_word(index)) - own_count(popped_word(index));
    check_ring(count <= held, index, "pop_front", count, "pages in it: ", held);
    ring_advance(index, "pop_front", count, position.read);
    add_to_word(popped_word(index), count);
    note_signal<abi::Signal::pops_pages>(index);
}

}  // namespace device

/// This core's end of a circular buffer of its tile; make one and keep it.
class CircularBuffer {
public:
    TILEWRIGHT_DEVICE explicit CircularBuffer(std::uint32_t index) : index_(index) {
        check(index < abi::circular_buffer_count && device::ring(index)->pages != 0,
              "this tile has no circular buffer of that number");
    }

    TILEWRIGHT_DEVICE std::uint32_t pages() const { return device::ring(index_)->pages; }
    TILEWRIGHT_DEVICE std::uint32_t page_bytes() const { return device::ring(index_)->page_bytes; }

    /// Sleeps until `count` pages are free.
    TILEWRIGHT_DEVICE void reserve_back(std::uint32_t count) const {
        device::ring_reserve_back(index_, count);
    }
    /// Pages that are free now.
    TILEWRIGHT_DEVICE std::uint32_t free_pages() const {
        return pages() - (device::own_count(device::pushed_word(index_)) -
                          device::own_count(device::popped_word(index_)));
    }
    /// Hands `count` pages to the consumer.
    TILEWRIGHT_DEVICE void push_back(std::uint32_t count) {
        device::ring_push_back(index_, count, position_);
    }
    /// Sleeps until `count` pages have been pushed.
    TILEWRIGHT_DEVICE void wait_front(std::uint32_t count) const {
        device::ring_wait_front(index_, count);
    }
    /// Gives `count` pages back to the producer.
    TILEWRIGHT_DEVICE void pop_front(std::uint32_t count) {
        device::ring_pop_front(index_, count, position_);
    }

    /// Byte address in L1 of the next page to push; of the next page to pop.
    TILEWRIGHT_DEVICE std::uint32_t write_address() const {
        return device::ring(index_)->address + position_.write;
    }
    TILEWRIGHT_DEVICE std::uint32_t read_address() const {
        return device::ring(index_)->address + position_.read;
    }

private:
    std::uint32_t index_;
    device::RingPosition position_{};
};

}  // namespace tilewright::kernel
