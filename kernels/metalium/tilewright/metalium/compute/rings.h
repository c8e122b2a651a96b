// Circular buffers from the cores of a compute kernel. The engine reads and writes the pages, later
// than its cores tell it to; so the engine counts pages pushed and popped for the other cores,
// behind what it was told before, and this core keeps its own counts.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/kernel/tensix/config.hpp"
#include "tilewright/kernel/tensix/sync.hpp"
#include "tilewright/metalium/tile_formats.h"

namespace tilewright::metalium {

/// Pages that this core has popped (unpacking) or pushed (packing), and the other side's count as
/// it was seen last.
struct EngineRing {
    std::uint32_t own;
    std::uint32_t seen;
};
inline std::array<EngineRing, abi::circular_buffer_count> engine_rings;
/// Pages packed one after another since the last push.
inline std::array<std::uint32_t, abi::circular_buffer_count> packed_pages;

/// What the host said of each buffer, once this core has looked: near, where it looked in L1.
inline std::array<abi::CircularBuffer, abi::circular_buffer_count> known_rings;
TILEWRIGHT_DEVICE const abi::CircularBuffer& ring_of(std::uint32_t cb) {
    abi::CircularBuffer& known = known_rings[cb];
    if (known.pages == 0) [[unlikely]]
        known = *kernel::device::ring(cb);
    return known;
}

TILEWRIGHT_DEVICE void advance(std::uint32_t cb, const char* what, std::uint32_t count,
                               std::uint32_t& position) {
    const abi::CircularBuffer& ring = ring_of(cb);
    const std::uint32_t next = position + count * ring.page_bytes;
    kernel::device::check_ring(next <= ring.bytes, cb, what, count,
                               "it crosses the end of the ring; pages up to there: ",
                               (ring.bytes - position) / ring.page_bytes);
    position = next == ring.bytes ? 0 : next;
}

namespace ring_register {
// General registers of the thread: base of the counters, offset from there, the new count.
inline constexpr std::uint32_t base = 56, offset = 57, count = 58;
}  // namespace ring_register

/// The engine stores a count when the units have done what they were told.
TILEWRIGHT_DEVICE void store_count(std::uint32_t word, std::uint32_t before, std::uint32_t count,
                                   std::uint32_t units) {
    namespace engine = kernel::tensix;
    if (before == 0 || before >> 16 != count >> 16) [[unlikely]] {
        engine::set_register(ring_register::base, abi::circular_buffer_counters >> 4);
        engine::issue(
            engine::op::setdmareg{.half = 2 * ring_register::count + 1, .value = count >> 16});
    }
    engine::issue(engine::op::setdmareg{.half = 2 * ring_register::offset,
                                        .value = word - abi::circular_buffer_counters});
    engine::issue(engine::op::setdmareg{.half = 2 * ring_register::count, .value = count & 0xffff});
    engine::stall(engine::block::scalar, units);
    engine::issue(engine::op::storeind{.address = ring_register::base,
                                       .reg = ring_register::count,
                                       .offset = 2 * ring_register::offset,
                                       .size = 1,
                                       .l1 = 1});
}

TILEWRIGHT_DEVICE std::uint32_t own_pages(std::uint32_t cb, std::uint32_t /*word*/) {
    return engine_rings[cb].own;
}

TILEWRIGHT_DEVICE void await_pages(std::uint32_t cb, std::uint32_t count) {
    using namespace kernel::device;
    const std::uint32_t pages = ring_of(cb).pages;
    check_ring(count <= pages, cb, "wait_front", count, "pages it has: ", pages);
    EngineRing& at = engine_rings[cb];
    const std::uint32_t popped = at.own;
    wait_pages(pushed_word(cb), count, [&](std::uint32_t pushed) {
        at.seen = pushed;
        return pushed - popped >= count;
    });
}
TILEWRIGHT_DEVICE void pop_pages(std::uint32_t cb, std::uint32_t count,
                                 kernel::device::RingPosition& position) {
    using namespace kernel::device;
    EngineRing& at = engine_rings[cb];
    if (!has_pages_from_the_start(cb) && count > at.seen - at.own) [[unlikely]] {
        at.seen = own_count(pushed_word(cb));
        check_ring(count <= at.seen - at.own, cb, "pop_front", count,
                   "pages in it: ", at.seen - at.own);
    }
    advance(cb, "pop_front", count, position.read);
    at.own += count;
    store_count(popped_word(cb), at.own - count, at.own, kernel::tensix::until::unpack);
    note_signal<abi::Signal::pops_pages>(cb);
}

TILEWRIGHT_DEVICE void reserve_pages(std::uint32_t cb, std::uint32_t count) {
    using namespace kernel::device;
    const std::uint32_t pages = ring_of(cb).pages;
    check_ring(count <= pages, cb, "reserve_back", count, "pages it has: ", pages);
    EngineRing& at = engine_rings[cb];
    const std::uint32_t pushed = at.own;
    wait_pages(popped_word(cb), count, [&](std::uint32_t popped) {
        at.seen = popped;
        return pages - (pushed - popped) >= count;
    });
}
TILEWRIGHT_DEVICE void push_pages(std::uint32_t cb, std::uint32_t count,
                                  kernel::device::RingPosition& position) {
    using namespace kernel::device;
    EngineRing& at = engine_rings[cb];
    const std::uint32_t pages = ring_of(cb).pages;
    if (count > pages - (at.own - at.seen)) [[unlikely]] {
        at.seen = own_count(popped_word(cb));
        check_ring(count <= pages - (at.own - at.seen), cb, "push_back", count,
                   "free pages: ", pages - (at.own - at.seen));
    }
    advance(cb, "push_back", count, position.write);
    at.own += count;
    packed_pages[cb] = 0;
    store_count(pushed_word(cb), at.own - count, at.own, kernel::tensix::until::pack);
    note_signal<abi::Signal::pushes_pages>(cb);
}

}  // namespace tilewright::metalium
