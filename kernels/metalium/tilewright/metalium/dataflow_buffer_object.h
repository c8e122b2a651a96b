// Class DataflowBuffer: today's name of a circular buffer, by number or by the name that the host
// program gives to it. Everything that class CircularBuffer is, and its size, its place and its
// tiles' shape beside.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tilewright/metalium/binding_tokens.h"
#include "tilewright/metalium/circular_buffer_object.h"
#include "tilewright/metalium/tile_tables.h"

namespace experimental {

/// Keeps nobody out: the rings' own counts keep the two users of a buffer apart.
template <bool writes>
class DfbScopedLock {
public:
    TILEWRIGHT_DEVICE explicit DfbScopedLock(std::uint32_t address) : address_(address) {}
    DfbScopedLock(const DfbScopedLock&) = delete;
    DfbScopedLock& operator=(const DfbScopedLock&) = delete;
    TILEWRIGHT_DEVICE ~DfbScopedLock() {}

    template <typename T = std::uint32_t>
    TILEWRIGHT_DEVICE auto get_ptr() const {
        return CoreLocalMem<std::conditional_t<writes, T, const T>>(address_);
    }

private:
    std::uint32_t address_;
};

class DataflowBuffer : public CircularBuffer {
public:
    TILEWRIGHT_DEVICE constexpr DataflowBuffer(std::uint16_t index) : CircularBuffer(index) {}
    template <dfb::AccessPattern producer, dfb::AccessPattern consumer>
    TILEWRIGHT_DEVICE constexpr DataflowBuffer(DFBBindingToken<producer, consumer> token)
        : CircularBuffer(token) {}
    TILEWRIGHT_DEVICE constexpr std::uint16_t get_id() const {
        return static_cast<std::uint16_t>(get_cb_id());
    }

    /// Bytes of an entry (a page), and of all; entries.
    TILEWRIGHT_DEVICE std::uint32_t get_entry_size() const { return ring().page_bytes; }
    TILEWRIGHT_DEVICE std::uint32_t get_stride_size() const { return ring().page_bytes; }
    TILEWRIGHT_DEVICE std::uint32_t get_total_size_bytes() const { return ring().bytes; }
    TILEWRIGHT_DEVICE std::uint32_t get_total_num_entries() const { return ring().pages; }
    TILEWRIGHT_DEVICE std::uint32_t get_local_size_bytes() const { return ring().bytes; }
    TILEWRIGHT_DEVICE std::uint32_t get_local_num_entries() const { return ring().pages; }
    TILEWRIGHT_DEVICE std::uint32_t get_ring_span_bytes() const { return ring().bytes; }
    TILEWRIGHT_DEVICE std::uint32_t get_ring_span_num_entries() const { return ring().pages; }

    /// A kernel has one thread: each call is for one entry, and the next lies behind it.
    static constexpr std::uint16_t get_producer_share() { return 1; }
    static constexpr std::uint16_t get_consumer_share() { return 1; }
    static constexpr std::uint16_t get_producer_stride_tiles() { return 1; }
    static constexpr std::uint16_t get_consumer_stride_tiles() { return 1; }

    /// Elements of a tile; 16x16 faces, and how they lie.
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_tile_r_dim() const {
        return unpack_tile_r_dim[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_tile_c_dim() const {
        return unpack_tile_c_dim[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_tile_num_faces() const {
        return unpack_tile_num_faces[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_face_r_dim() const {
        return unpack_tile_face_r_dim[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_partial_face() const {
        return unpack_partial_face[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_narrow_tile() const {
        return unpack_narrow_tile[get_cb_id()];
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_num_faces_r_dim() const {
        return (get_tile_r_dim() + 15) / 16;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_num_faces_c_dim() const {
        return (get_tile_c_dim() + 15) / 16;
    }

    TILEWRIGHT_DEVICE static void finish() {}
    TILEWRIGHT_DEVICE static void write_barrier(const Noc& noc) { noc.async_write_barrier(); }

    /// Puts this core elsewhere in the ring, at a byte address in it.
    TILEWRIGHT_DEVICE void evil_set_write_ptr(std::uint32_t address) const {
        tilewright::metalium::ring_position(get_cb_id()).write = place(address);
    }
    TILEWRIGHT_DEVICE void evil_set_read_ptr(std::uint32_t address) const {
        tilewright::metalium::ring_position(get_cb_id()).read = place(address);
    }

    [[nodiscard]] TILEWRIGHT_DEVICE auto scoped_write_lock(std::uint16_t /*entries*/ = 1) const {
        return DfbScopedLock<true>(get_write_ptr());
    }
    [[nodiscard]] TILEWRIGHT_DEVICE auto scoped_read_lock(std::uint16_t /*entries*/ = 1) const {
        return DfbScopedLock<false>(get_read_ptr());
    }

private:
    TILEWRIGHT_DEVICE const tilewright::abi::CircularBuffer& ring() const {
        tilewright::metalium::ring_position(get_cb_id());
        return tilewright::metalium::ring_of(get_cb_id());
    }
    TILEWRIGHT_DEVICE std::uint32_t place(std::uint32_t address) const {
        const tilewright::abi::CircularBuffer& at = ring();
        tilewright::kernel::check(address - at.address < at.bytes,
                                  "the address is not in the circular buffer");
        return address - at.address;
    }
};

template <>
struct noc_traits_t<DataflowBuffer> : noc_traits_t<CircularBuffer> {};

}  // namespace experimental

template <typename T>
inline constexpr bool is_dataflow_buffer_v = std::is_same_v<T, experimental::DataflowBuffer>;
using DataflowBufferAnyPattern = experimental::DataflowBuffer;
