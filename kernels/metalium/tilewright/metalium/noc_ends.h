// What can be an end of a transfer of class Noc: addresses, banks, memory of this tile, pages and
// shards of tensors. (Circular buffers: circular_buffer_object.h.)
#pragma once

#include <cstddef>
#include <cstdint>

#include "tilewright/metalium/noc_object.h"
#include "tilewright/metalium/types.h"

/// The pages, or the shards, of an accessor as ends of transfers.
template <typename Accessor>
struct PageView {
    const Accessor& accessor;
    TILEWRIGHT_DEVICE explicit PageView(const Accessor& of) : accessor(of) {}
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t page, std::uint32_t offset,
                                                 std::uint8_t noc) const {
        return accessor.get_noc_addr(page, offset, noc);
    }
};
template <typename Accessor>
struct ShardView {
    const Accessor& accessor;
    TILEWRIGHT_DEVICE explicit ShardView(const Accessor& of) : accessor(of) {}
    TILEWRIGHT_DEVICE bool is_local_shard(std::uint32_t shard, std::uint8_t noc) const {
        return accessor.is_local_shard(shard, noc);
    }
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t shard, std::uint32_t offset,
                                                 std::uint8_t noc) const {
        return accessor.get_shard_noc_addr(shard, offset, noc);
    }
};

namespace experimental {

/// A router and an address there; as the end in this tile's L1 the address alone.
struct UnicastEndpoint {
    TILEWRIGHT_DEVICE std::uint64_t get_noc_unicast_addr(std::uint32_t x, std::uint32_t y,
                                                         std::uint32_t address,
                                                         std::uint8_t noc) const {
        return ::get_noc_addr(x, y, address, noc);
    }
};
/// A 64-bit address as it is.
struct PrecomposedUnicastEndpoint {};
/// All tiles of a rectangle of routers.
struct MulticastEndpoint {
    TILEWRIGHT_DEVICE std::uint64_t get_noc_multicast_addr(std::uint32_t start_x,
                                                           std::uint32_t start_y,
                                                           std::uint32_t end_x, std::uint32_t end_y,
                                                           std::uint32_t address,
                                                           std::uint8_t noc) const {
        return ::get_noc_multicast_addr(start_x, start_y, end_x, end_y, address, noc);
    }
};
enum class AllocatorBankType { L1, DRAM };
/// A bank of the DRAM, or of the L1s, and an address in it.
template <AllocatorBankType type>
struct AllocatorBank {
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr_from_bank_id(std::uint32_t bank,
                                                              std::uint32_t address,
                                                              std::uint8_t noc) const {
        return ::get_noc_addr_from_bank_id<type == AllocatorBankType::DRAM>(bank, address, noc);
    }
};

/// Does something at the end of a block.
template <typename Release>
class [[nodiscard]] Lock {
public:
    TILEWRIGHT_DEVICE explicit Lock(Release release) : release_(release) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    TILEWRIGHT_DEVICE ~Lock() { release_(); }

private:
    Release release_;
};

/// A pointer to elements in this tile's L1.
template <typename T, typename Address = std::uintptr_t>
class CoreLocalMem {
public:
    TILEWRIGHT_DEVICE CoreLocalMem(Address address) : address_(address) {}
    TILEWRIGHT_DEVICE CoreLocalMem(T* pointer) : address_(reinterpret_cast<Address>(pointer)) {}

    TILEWRIGHT_DEVICE T* get_unsafe_ptr() const { return reinterpret_cast<T*>(address_); }
    TILEWRIGHT_DEVICE Address get_address() const { return address_; }
    TILEWRIGHT_DEVICE T& operator[](std::uint32_t index) const { return get_unsafe_ptr()[index]; }
    TILEWRIGHT_DEVICE T& operator*() const { return *get_unsafe_ptr(); }
    TILEWRIGHT_DEVICE T* operator->() const { return get_unsafe_ptr(); }

    TILEWRIGHT_DEVICE CoreLocalMem& operator+=(std::ptrdiff_t elements) {
        address_ += static_cast<Address>(elements) * sizeof(T);
        return *this;
    }
    TILEWRIGHT_DEVICE CoreLocalMem& operator-=(std::ptrdiff_t elements) {
        return *this += -elements;
    }
    TILEWRIGHT_DEVICE CoreLocalMem& operator++() { return *this += 1; }
    TILEWRIGHT_DEVICE CoreLocalMem& operator--() { return *this -= 1; }
    TILEWRIGHT_DEVICE CoreLocalMem operator++(int) {
        const CoreLocalMem before = *this;
        *this += 1;
        return before;
    }
    TILEWRIGHT_DEVICE CoreLocalMem operator--(int) {
        const CoreLocalMem before = *this;
        *this -= 1;
        return before;
    }
    TILEWRIGHT_DEVICE CoreLocalMem operator+(std::ptrdiff_t elements) const {
        return CoreLocalMem(*this) += elements;
    }
    TILEWRIGHT_DEVICE CoreLocalMem operator-(std::ptrdiff_t elements) const {
        return CoreLocalMem(*this) -= elements;
    }
    TILEWRIGHT_DEVICE std::ptrdiff_t operator-(const CoreLocalMem& other) const {
        return get_unsafe_ptr() - other.get_unsafe_ptr();
    }
    TILEWRIGHT_DEVICE auto operator<=>(const CoreLocalMem&) const = default;
    TILEWRIGHT_DEVICE explicit operator bool() const { return address_ != 0; }

    /// Others may use the elements meanwhile, too: nothing is held.
    TILEWRIGHT_DEVICE auto scoped_lock(std::size_t /*elements*/) const {
        return Lock([] {});
    }

private:
    Address address_;
};

template <>
struct noc_traits_t<UnicastEndpoint> {
    struct src_args_type {
        std::uint32_t noc_x = 0;
        std::uint32_t noc_y = 0;
        std::uint32_t addr = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const UnicastEndpoint& end, const Noc& noc,
                                                    const src_args_type& at) {
        if constexpr (type == Noc::AddressType::LOCAL_L1) return at.addr;
        return end.get_noc_unicast_addr(at.noc_x, at.noc_y, at.addr, noc.get_noc_id());
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const UnicastEndpoint& end, const Noc& noc,
                                                    const dst_args_type& at) {
        return src_addr<type>(end, noc, at);
    }
};

template <>
struct noc_traits_t<PrecomposedUnicastEndpoint> {
    struct src_args_type {
        std::uint64_t noc_addr = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const PrecomposedUnicastEndpoint&, const Noc&,
                                                    const src_args_type& at) {
        return tilewright::metalium::as_end<type>(at.noc_addr);
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const PrecomposedUnicastEndpoint& end,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(end, noc, at);
    }
};

template <>
struct noc_traits_t<MulticastEndpoint> {
    struct dst_args_mcast_type {
        std::uint32_t noc_x_start = 0;
        std::uint32_t noc_y_start = 0;
        std::uint32_t noc_x_end = 0;
        std::uint32_t noc_y_end = 0;
        std::uint32_t addr = 0;
    };
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr_mcast(const MulticastEndpoint& end,
                                                          const Noc& noc,
                                                          const dst_args_mcast_type& at) {
        return end.get_noc_multicast_addr(at.noc_x_start, at.noc_y_start, at.noc_x_end,
                                          at.noc_y_end, at.addr, noc.get_noc_id());
    }
};

template <AllocatorBankType bank_type>
struct noc_traits_t<AllocatorBank<bank_type>> {
    struct src_args_type {
        std::uint32_t bank_id = 0;
        std::uint32_t addr = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const AllocatorBank<bank_type>& end,
                                                    const Noc& noc, const src_args_type& at) {
        return tilewright::metalium::as_end<type>(
            end.get_noc_addr_from_bank_id(at.bank_id, at.addr, noc.get_noc_id()));
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const AllocatorBank<bank_type>& end,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(end, noc, at);
    }
};

template <typename T, typename Address>
struct noc_traits_t<CoreLocalMem<T, Address>> {
    struct src_args_type {
        Address offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const CoreLocalMem<T, Address>& end, const Noc&,
                                                    const src_args_type& at) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "CoreLocalMem is in this tile's L1");
        return end.get_address() + at.offset_bytes;
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const CoreLocalMem<T, Address>& end,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(end, noc, at);
    }
};

template <typename Args>
struct noc_traits_t<TensorAccessor<Args>> {
    struct src_args_type {
        std::uint32_t page_id = 0;
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const TensorAccessor<Args>& tensor,
                                                    const Noc& noc, const src_args_type& at) {
        return tilewright::metalium::as_end<type>(
            tensor.get_noc_addr(at.page_id, at.offset_bytes, noc.get_noc_id()));
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const TensorAccessor<Args>& tensor,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(tensor, noc, at);
    }
    /// A page and no other is there if the tensor is interleaved; the pages that follow in its
    /// shard if it is not.
    TILEWRIGHT_DEVICE static void check_bounds(const TensorAccessor<Args>& tensor,
                                               const src_args_type& at, std::uint32_t bytes) {
        if constexpr (Args::is_sharded) {
            const auto& layout = tensor.dspec();
            tilewright::kernel::check(at.page_id < layout.tensor_volume(),
                                      "the tensor has no page of that number");
            const std::uint32_t pages = layout.shard_volume();
            const std::uint32_t place =
                tensor.get_bank_and_offset(at.page_id).bank_page_offset % pages;
            tilewright::metalium::check_page(at.offset_bytes, bytes,
                                             (pages - place) * tensor.stride);
        } else {
            tilewright::metalium::check_page(at.offset_bytes, bytes, tensor.stride);
        }
    }
};

template <>
struct noc_traits_t<AbstractTensorAccessorWrapper> {
    struct src_args_type {
        std::uint32_t page_id = 0;
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const AbstractTensorAccessorWrapper& tensor,
                                                    const Noc& noc, const src_args_type& at) {
        return tilewright::metalium::as_end<type>(
            tensor.get_noc_addr(at.page_id, at.offset_bytes, noc.get_noc_id()));
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const AbstractTensorAccessorWrapper& tensor,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(tensor, noc, at);
    }
};

template <typename Accessor>
struct noc_traits_t<PageView<Accessor>> : noc_traits_t<Accessor> {
    using typename noc_traits_t<Accessor>::src_args_type;
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const PageView<Accessor>& view, const Noc& noc,
                                                    const src_args_type& at) {
        return noc_traits_t<Accessor>::template src_addr<type>(view.accessor, noc, at);
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const PageView<Accessor>& view, const Noc& noc,
                                                    const dst_args_type& at) {
        return src_addr<type>(view, noc, at);
    }
    TILEWRIGHT_DEVICE static void check_bounds(const PageView<Accessor>& view,
                                               const src_args_type& at, std::uint32_t bytes) {
        noc_traits_t<Accessor>::check_bounds(view.accessor, at, bytes);
    }
};

template <typename Accessor>
struct noc_traits_t<ShardView<Accessor>> {
    struct src_args_type {
        std::uint32_t shard_id = 0;
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const ShardView<Accessor>& view, const Noc& noc,
                                                    const src_args_type& at) {
        return tilewright::metalium::as_end<type>(
            view.get_noc_addr(at.shard_id, at.offset_bytes, noc.get_noc_id()));
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const ShardView<Accessor>& view, const Noc& noc,
                                                    const dst_args_type& at) {
        return src_addr<type>(view, noc, at);
    }
};

template <>
struct noc_traits_t<tensor_accessor::Page> {
    struct src_args_type {
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const tensor_accessor::Page& page, const Noc&,
                                                    const src_args_type& at) {
        return tilewright::metalium::as_end<type>(page.noc_addr() + at.offset_bytes);
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const tensor_accessor::Page& page,
                                                    const Noc& noc, const dst_args_type& at) {
        return src_addr<type>(page, noc, at);
    }
};

}  // namespace experimental
