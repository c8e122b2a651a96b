// Class CircularBuffer: the calls of circular_buffers.h for one buffer, which can be an end of
// transfers of class Noc: its front where it is their source, its back where it is their target, or
// as use<> says.
#pragma once

#include <cstdint>

#include "tilewright/metalium/circular_buffers.h"
#include "tilewright/metalium/noc_ends.h"

#ifdef COMPILE_FOR_TRISC
namespace tilewright::metalium::compute {
// By compute/mailbox.h, which every header of the compute API includes.
TILEWRIGHT_DEVICE std::uint32_t told_address(std::uint32_t cb, std::uint32_t page);
template <class T>
TILEWRIGHT_DEVICE T told_number(std::uint32_t cb, std::uint32_t page, std::uint32_t element);
}  // namespace tilewright::metalium::compute
#endif

namespace experimental {

class CircularBuffer {
public:
    enum class AddrSelector { WRITE_PTR, READ_PTR };

    TILEWRIGHT_DEVICE constexpr explicit CircularBuffer(std::uint32_t index) : index_(index) {}
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_cb_id() const { return index_; }

    TILEWRIGHT_DEVICE void reserve_back(std::int32_t pages) const {
        cb_reserve_back(number(), pages);
    }
    TILEWRIGHT_DEVICE void push_back(std::int32_t pages) const { cb_push_back(number(), pages); }
    TILEWRIGHT_DEVICE void wait_front(std::int32_t pages) const { cb_wait_front(number(), pages); }
    TILEWRIGHT_DEVICE void pop_front(std::int32_t pages) const { cb_pop_front(number(), pages); }
    TILEWRIGHT_DEVICE bool pages_reservable_at_back(std::int32_t pages) const {
        return cb_pages_reservable_at_back(number(), pages);
    }
    TILEWRIGHT_DEVICE bool pages_available_at_front(std::int32_t pages) const {
        return cb_pages_available_at_front(number(), pages);
    }
    TILEWRIGHT_DEVICE std::uint32_t get_write_ptr() const { return ::get_write_ptr(index_); }
    TILEWRIGHT_DEVICE std::uint32_t get_read_ptr() const { return ::get_read_ptr(index_); }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_tile_size() const {
        return static_cast<std::uint32_t>(::get_tile_size(number()));
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_tile_hw() const {
        return ::get_tile_hw(number());
    }
    TILEWRIGHT_DEVICE constexpr DataFormat get_dataformat() const {
        return ::get_dataformat(number());
    }
#ifdef COMPILE_FOR_TRISC
    /// On all three cores of a compute kernel: where a page lies, by its number from the front, and
    /// a number in it, by its place among others of its type.
    TILEWRIGHT_DEVICE std::uint32_t get_tile_address(std::uint32_t page) const {
        return tilewright::metalium::compute::told_address(index_, page);
    }
    template <class T = std::uint32_t>
    TILEWRIGHT_DEVICE T read_tile_value(std::uint32_t page, std::uint32_t element) const {
        return tilewright::metalium::compute::told_number<T>(index_, page, element);
    }
#endif
    /// Nothing is held: the rings' own counts keep its two users apart.
    TILEWRIGHT_DEVICE auto scoped_lock() const {
        return Lock([] {});
    }

private:
    TILEWRIGHT_DEVICE constexpr std::int32_t number() const {
        return static_cast<std::int32_t>(index_);
    }
    std::uint32_t index_;
};

template <CircularBuffer::AddrSelector selector>
struct CircularBufferView {
    const CircularBuffer& cb;
    TILEWRIGHT_DEVICE explicit constexpr CircularBufferView(const CircularBuffer& of) : cb(of) {}
};
/// The buffer's front, or its back, as an end of a transfer.
template <CircularBuffer::AddrSelector selector>
TILEWRIGHT_DEVICE constexpr auto use(const CircularBuffer& cb) {
    return CircularBufferView<selector>(cb);
}

template <>
struct noc_traits_t<CircularBuffer> {
    struct src_args_type {
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    struct dst_args_mcast_type {
        std::uint32_t noc_x_start = 0;
        std::uint32_t noc_y_start = 0;
        std::uint32_t noc_x_end = 0;
        std::uint32_t noc_y_end = 0;
        std::uint32_t offset_bytes = 0;
    };
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const CircularBuffer& cb, const Noc&,
                                                    const src_args_type& at) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a circular buffer is in this tile's L1");
        return cb.get_read_ptr() + at.offset_bytes;
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const CircularBuffer& cb, const Noc&,
                                                    const dst_args_type& at) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a circular buffer is in this tile's L1");
        return cb.get_write_ptr() + at.offset_bytes;
    }
    /// The same place in the L1 of other tiles.
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr_mcast(const CircularBuffer& cb, const Noc& noc,
                                                          const dst_args_mcast_type& at) {
        return get_noc_multicast_addr(at.noc_x_start, at.noc_y_start, at.noc_x_end, at.noc_y_end,
                                      cb.get_write_ptr() + at.offset_bytes, noc.get_noc_id());
    }
};

template <CircularBuffer::AddrSelector selector>
struct noc_traits_t<CircularBufferView<selector>> {
    using Plain = noc_traits_t<CircularBuffer>;
    using View = CircularBufferView<selector>;
    using src_args_type = Plain::src_args_type;
    using dst_args_type = Plain::dst_args_type;
    using dst_args_mcast_type = Plain::dst_args_mcast_type;
    TILEWRIGHT_DEVICE static std::uint32_t place(const View& view) {
        return selector == CircularBuffer::AddrSelector::READ_PTR ? view.cb.get_read_ptr()
                                                                  : view.cb.get_write_ptr();
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const View& view, const Noc&,
                                                    const src_args_type& at) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a circular buffer is in this tile's L1");
        return place(view) + at.offset_bytes;
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const View& view, const Noc& noc,
                                                    const dst_args_type& at) {
        return src_addr<type>(view, noc, at);
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr_mcast(const View& view, const Noc& noc,
                                                          const dst_args_mcast_type& at) {
        return get_noc_multicast_addr(at.noc_x_start, at.noc_y_start, at.noc_x_end, at.noc_y_end,
                                      place(view) + at.offset_bytes, noc.get_noc_id());
    }
};

}  // namespace experimental
