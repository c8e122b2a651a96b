// Circular buffers from cores that read and write the pages themselves.
#pragma once

#include <cstdint>

#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/metalium/tile_formats.h"

namespace tilewright::metalium {

/// What the host said of a buffer.
TILEWRIGHT_DEVICE const abi::CircularBuffer& ring_of(std::uint32_t cb) {
    return *kernel::device::ring(cb);
}
/// Pages that this core has pushed, or popped, itself.
TILEWRIGHT_DEVICE std::uint32_t own_pages(std::uint32_t /*cb*/, std::uint32_t word) {
    return kernel::device::own_count(word);
}
TILEWRIGHT_DEVICE void await_pages(std::uint32_t cb, std::uint32_t count) {
    kernel::device::ring_wait_front(cb, count);
}
TILEWRIGHT_DEVICE void pop_pages(std::uint32_t cb, std::uint32_t count,
                                 kernel::device::RingPosition& position) {
    using namespace kernel::device;
    if (!has_pages_from_the_start(cb)) return ring_pop_front(cb, count, position);
    ring_advance(cb, "pop_front", count, position.read);
    add_to_word(popped_word(cb), count);
    note_signal<abi::Signal::pops_pages>(cb);
}
TILEWRIGHT_DEVICE void reserve_pages(std::uint32_t cb, std::uint32_t count) {
    kernel::device::ring_reserve_back(cb, count);
}
TILEWRIGHT_DEVICE void push_pages(std::uint32_t cb, std::uint32_t count,
                                  kernel::device::RingPosition& position) {
    kernel::device::ring_push_back(cb, count, position);
}

}  // namespace tilewright::metalium
