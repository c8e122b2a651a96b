// Memory of this tile by a name of the host program: Scratchpad, the kernel's own for as long as
// it runs, and LocalTensorAccessor, what of a tensor lies in this tile's L1. Both can be an end of
// transfers of class Noc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tilewright/kernel/check.hpp"
#include "tilewright/metalium/binding_tokens.h"
#include "tilewright/metalium/noc_ends.h"

/// `size()` elements of type T, which hold nothing at first.
template <typename T>
class Scratchpad {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using size_type = std::uint32_t;
    using pointer = experimental::CoreLocalMem<T>;
    using reference = T&;
    using iterator = pointer;

    TILEWRIGHT_DEVICE explicit Scratchpad(const ScratchpadBindingToken& token)
        : address_(get_common_arg_val<std::uint32_t>(static_cast<int>(token.argument_))),
          bytes_(token.bytes_) {}

    TILEWRIGHT_DEVICE T& operator[](std::uint32_t index) const {
        tilewright::kernel::check(index < size(), "the scratchpad has no element of that number");
        return begin()[index];
    }
    TILEWRIGHT_DEVICE std::uint32_t size() const { return bytes_ / sizeof(T); }
    TILEWRIGHT_DEVICE std::uint32_t size_in_bytes() const { return bytes_; }
    TILEWRIGHT_DEVICE std::uint32_t get_base_address() const { return address_; }
    TILEWRIGHT_DEVICE pointer begin() const { return pointer(address_); }
    TILEWRIGHT_DEVICE pointer end() const { return pointer(address_ + size() * sizeof(T)); }
    TILEWRIGHT_DEVICE pointer local_mem() const { return begin(); }
    TILEWRIGHT_DEVICE auto scoped_lock(std::uint32_t /*offset*/, std::uint32_t elements) const {
        return begin().scoped_lock(elements);
    }

private:
    std::uint32_t address_;
    std::uint32_t bytes_;
};

/// Elements of type T of a tensor in L1, as they lie in this tile.
template <typename T>
class LocalTensorAccessor {
public:
    template <std::uint32_t word, std::uint32_t offset>
    TILEWRIGHT_DEVICE explicit LocalTensorAccessor(
        tensor_accessor::TensorBindingToken<word, offset> token)
        : LocalTensorAccessor(
              get_common_arg_val<std::uint32_t>(static_cast<int>(token.address_argument))) {
        static_assert(!tensor_accessor::TensorBindingToken<word, offset>::args_t::is_dram,
                      "the tensor is in DRAM: nothing of it lies in this tile's L1");
    }
    TILEWRIGHT_DEVICE explicit LocalTensorAccessor(const tensor_accessor::NullTensorBindingToken&)
        : address_(0) {}
    TILEWRIGHT_DEVICE explicit LocalTensorAccessor(std::uint32_t address) : address_(address) {
        tilewright::kernel::check(address % alignof(T) == 0,
                                  "the address is not a multiple of the elements' size");
    }

    TILEWRIGHT_DEVICE T& operator[](std::uint32_t index) const { return local_mem()[index]; }
    TILEWRIGHT_DEVICE std::uint32_t get_bank_base_address() const { return address_; }
    TILEWRIGHT_DEVICE auto scoped_lock(std::uint32_t /*offset*/, std::uint32_t elements) const {
        return local_mem().scoped_lock(elements);
    }
    TILEWRIGHT_DEVICE experimental::CoreLocalMem<T> local_mem() const {
        return experimental::CoreLocalMem<T>(address_);
    }

private:
    std::uint32_t address_;
};

namespace tilewright::metalium {

/// An end of a transfer that is `local_mem()` of this tile.
template <typename End>
struct LocalEnd {
    struct src_args_type {
        std::uint32_t offset_bytes = 0;
    };
    using dst_args_type = src_args_type;
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t src_addr(const End& end, const Noc&,
                                                    const src_args_type& at) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "this memory is in this tile's L1");
        return end.local_mem().get_address() + at.offset_bytes;
    }
    template <Noc::AddressType type>
    TILEWRIGHT_DEVICE static std::uint64_t dst_addr(const End& end, const Noc& noc,
                                                    const dst_args_type& at) {
        return src_addr<type>(end, noc, at);
    }
};

}  // namespace tilewright::metalium

namespace experimental {
template <typename T>
struct noc_traits_t<Scratchpad<T>> : tilewright::metalium::LocalEnd<Scratchpad<T>> {};
template <typename T>
struct noc_traits_t<LocalTensorAccessor<T>>
    : tilewright::metalium::LocalEnd<LocalTensorAccessor<T>> {};
}  // namespace experimental

/// An accessor for each of several tokens, in their order.
template <typename T, typename... Tokens>
TILEWRIGHT_DEVICE auto make_local_tensor_accessors(const std::tuple<Tokens...>& tokens) {
    return std::apply(
        [](const Tokens&... each) {
            return std::array<LocalTensorAccessor<T>, sizeof...(Tokens)>{
                LocalTensorAccessor<T>(each)...};
        },
        tokens);
}
