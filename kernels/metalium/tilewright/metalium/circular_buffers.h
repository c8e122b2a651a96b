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

namespace tilewright::metalium {

/// This core's place in a ring as a byte address, which kernels may set.
class RingPlace {
public:
    TILEWRIGHT_DEVICE void is(std::uint32_t base, std::uint32_t* offset) {
        base_ = base;
        offset_ = offset;
    }
    TILEWRIGHT_DEVICE operator std::uint32_t() const { return base_ + *offset_; }
    TILEWRIGHT_DEVICE RingPlace& operator=(std::uint32_t address) {
        *offset_ = address - base_;
        return *this;
    }
    TILEWRIGHT_DEVICE RingPlace& operator+=(std::uint32_t bytes) { return *this = *this + bytes; }
    TILEWRIGHT_DEVICE RingPlace& operator-=(std::uint32_t bytes) { return *this = *this - bytes; }

private:
    std::uint32_t base_ = 0;
    std::uint32_t* offset_ = nullptr;
};

}  // namespace tilewright::metalium

/// What is known of a buffer and of this core's place in it; bytes, addresses in bytes.
struct LocalCBInterface {
    std::uint32_t fifo_size = 0;
    std::uint32_t fifo_limit = 0;  ///< where it ends
    std::uint32_t fifo_page_size = 0;
    std::uint32_t fifo_num_pages = 0;
    tilewright::metalium::RingPlace fifo_rd_ptr;
    tilewright::metalium::RingPlace fifo_wr_ptr;
};
/// Addresses and sizes are bytes on every core: there is nothing to shift.
inline constexpr std::uint32_t cb_addr_shift = 0;

namespace tilewright::metalium {
// Constant at the start, so that it is not there in kernels that do not ask for it.
inline constinit std::array<LocalCBInterface, abi::circular_buffer_count> cb_interfaces{};
}  // namespace tilewright::metalium

TILEWRIGHT_DEVICE LocalCBInterface& get_local_cb_interface(std::uint32_t cb) {
    auto& at = tilewright::metalium::ring_position(cb);
    const auto& ring = tilewright::metalium::ring_of(cb);
    LocalCBInterface& all = tilewright::metalium::cb_interfaces[cb];
    all.fifo_size = ring.bytes;
    all.fifo_limit = ring.address + ring.bytes;
    all.fifo_page_size = ring.page_bytes;
    all.fifo_num_pages = ring.pages;
    all.fifo_rd_ptr.is(ring.address, &at.read);
    all.fifo_wr_ptr.is(ring.address, &at.write);
    return all;
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
