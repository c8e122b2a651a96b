// Circular buffers as TT-Metalium kernels use them, by number, and what is known of the tiles in
// them when the kernel is compiled.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/metalium/tile_formats.h"
#include "tilewright/metalium/types.h"
#if defined(COMPILE_FOR_TRISC) && defined(TILEWRIGHT_COMPUTE_ENGINE)
#include "tilewright/metalium/compute/rings.h"
#else
#include "tilewright/metalium/rings.h"
#endif

namespace tilewright::metalium {

/// Where this core is in each ring. Zero at launch, as rings are empty then.
inline std::array<kernel::device::RingPosition, abi::circular_buffer_count> ring_positions;

[[gnu::noinline]] inline void print_missing_ring(std::uint32_t index) {
    kernel::print("circular buffer ", index, " does not exist on this core\n");
}

TILEWRIGHT_DEVICE kernel::device::RingPosition& ring_position(std::uint32_t index) {
    if (index >= abi::circular_buffer_count || ring_of(index).pages == 0) [[unlikely]] {
        print_missing_ring(index);
        kernel::device::stop();
    }
    return ring_positions[index];
}

#ifdef COMPILE_FOR_TRISC
// Of the three cores of a compute kernel the first takes pages and the last makes them.
#ifdef TRISC_UNPACK
inline constexpr bool takes_pages = true;
#else
inline constexpr bool takes_pages = false;
#endif
#ifdef TRISC_PACK
inline constexpr bool makes_pages = true;
#else
inline constexpr bool makes_pages = false;
#endif
#else
inline constexpr bool takes_pages = true;
inline constexpr bool makes_pages = true;
#endif

}  // namespace tilewright::metalium

TILEWRIGHT_DEVICE void cb_reserve_back(std::int32_t cb, std::int32_t pages) {
    if constexpr (!tilewright::metalium::makes_pages) return;
    tilewright::metalium::ring_position(cb);
    tilewright::metalium::reserve_pages(cb, pages);
}
TILEWRIGHT_DEVICE void cb_push_back(std::int32_t cb, std::int32_t pages) {
    if constexpr (!tilewright::metalium::makes_pages) return;
    tilewright::metalium::push_pages(cb, pages, tilewright::metalium::ring_position(cb));
}
TILEWRIGHT_DEVICE void cb_wait_front(std::int32_t cb, std::int32_t pages) {
    if constexpr (!tilewright::metalium::takes_pages) return;
    tilewright::metalium::ring_position(cb);
    tilewright::metalium::await_pages(cb, pages);
}
TILEWRIGHT_DEVICE void cb_pop_front(std::int32_t cb, std::int32_t pages) {
    if constexpr (!tilewright::metalium::takes_pages) return;
    tilewright::metalium::pop_pages(cb, pages, tilewright::metalium::ring_position(cb));
}

/// Whether cb_reserve_back, or cb_wait_front, would return at once.
TILEWRIGHT_DEVICE bool cb_pages_reservable_at_back(std::int32_t cb, std::int32_t pages) {
    using namespace tilewright::kernel::device;
    tilewright::metalium::ring_position(cb);
    const auto wanted = static_cast<std::uint32_t>(pages);
    const std::uint32_t held =
        tilewright::metalium::own_pages(cb, pushed_word(cb)) - load_pages(popped_word(cb), wanted);
    return tilewright::metalium::ring_of(cb).pages - held >= wanted;
}
TILEWRIGHT_DEVICE bool cb_pages_available_at_front(std::int32_t cb, std::int32_t pages) {
    using namespace tilewright::kernel::device;
    tilewright::metalium::ring_position(cb);
    const auto wanted = static_cast<std::uint32_t>(pages);
    const std::uint32_t popped = tilewright::metalium::own_pages(cb, popped_word(cb));
    return load_pages(pushed_word(cb), wanted) - popped >= wanted;
}

/// Byte addresses in L1.
TILEWRIGHT_DEVICE std::uint32_t get_write_ptr(std::uint32_t cb) {
    const std::uint32_t offset = tilewright::metalium::ring_position(cb).write;
    return tilewright::metalium::ring_of(cb).address + offset;
}
TILEWRIGHT_DEVICE std::uint32_t get_read_ptr(std::uint32_t cb) {
    const std::uint32_t offset = tilewright::metalium::ring_position(cb).read;
    return tilewright::metalium::ring_of(cb).address + offset;
}

/// What is known of a buffer and of this core's place in it; bytes, addresses in bytes.
struct LocalCBInterface {
    std::uint32_t fifo_size;
    std::uint32_t fifo_limit;  ///< where it ends
    std::uint32_t fifo_page_size;
    std::uint32_t fifo_num_pages;
    std::uint32_t fifo_rd_ptr;
    std::uint32_t fifo_wr_ptr;
};
TILEWRIGHT_DEVICE const LocalCBInterface get_local_cb_interface(std::uint32_t cb) {
    const auto& at = tilewright::metalium::ring_position(cb);
    const auto& ring = tilewright::metalium::ring_of(cb);
    return {ring.bytes, ring.address + ring.bytes, ring.page_bytes,
            ring.pages, ring.address + at.read,    ring.address + at.write};
}

/// Of one tile of the buffer's data format: bytes, elements, 16x16 faces.
constexpr std::int32_t get_tile_size(std::int32_t cb) {
    return static_cast<std::int32_t>(tilewright::metalium::tile_formats[cb].bytes);
}
constexpr std::uint32_t get_tile_hw(std::int32_t cb) {
    return tilewright::metalium::tile_formats[cb].height *
           tilewright::metalium::tile_formats[cb].width;
}
constexpr std::uint32_t get_tile_num_faces(std::int32_t cb) {
    return (get_tile_hw(cb) + 255) / 256;
}
constexpr DataFormat get_dataformat(std::int32_t cb) {
    return static_cast<DataFormat>(tilewright::metalium::tile_formats[cb].data_format);
}
