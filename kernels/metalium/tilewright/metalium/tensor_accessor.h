// TensorAccessor: pages of a tensor that is interleaved over all banks, or sharded over some.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>

#include "tilewright/metalium/binding_tokens.h"
#include "tilewright/metalium/noc.h"
#include "tilewright/metalium/noc_addresses.h"
#include "tilewright/metalium/tensor_accessor_args.h"
#include "tilewright/metalium/tensor_pages.h"

template <typename Args>
struct TensorAccessor {
    using DSpec = Args;
    static constexpr bool is_dram = Args::is_dram;

    std::uint32_t bank_base_address;
    std::uint32_t page_size;
    std::uint32_t stride = 0;  ///< bytes from one page of a bank to the next

    /// With the size of the buffer's pages, if the arguments have it.
    TILEWRIGHT_DEVICE constexpr TensorAccessor(const Args& args, std::uint32_t address)
        : TensorAccessor(args, address, known_page_bytes()) {}
    TILEWRIGHT_DEVICE constexpr TensorAccessor(const Args& args, std::uint32_t address,
                                               std::uint32_t page_bytes)
        : bank_base_address(address),
          page_size(page_bytes),
          stride(tilewright::metalium::page_stride<Args::is_dram>(page_bytes)),
          args_(args) {}
    /// By the host's name of the tensor: tensor::x.
    template <std::uint32_t word, std::uint32_t offset>
    TILEWRIGHT_DEVICE explicit TensorAccessor(
        tensor_accessor::TensorBindingToken<word, offset> token)
        : TensorAccessor(
              Args(), get_common_arg_val<std::uint32_t>(static_cast<int>(token.address_argument))) {
    }
    TILEWRIGHT_DEVICE explicit TensorAccessor(const tensor_accessor::NullTensorBindingToken&)
        : TensorAccessor(Args(), 0, Args::page_bytes) {}

    TILEWRIGHT_DEVICE constexpr const Args& dspec() const {
        static_assert(Args::is_sharded, "the layout of an interleaved tensor is not known here");
        return args_;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_aligned_page_size() const { return page_size; }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_bank_base_address() const {
        return bank_base_address;
    }

    /// A page by its number; by its coordinates, outermost first.
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t page, std::uint32_t offset = 0,
                                                 std::uint8_t = noc_index) const {
        if constexpr (!Args::is_sharded) {
            return tilewright::metalium::interleaved_page<Args::is_dram>(page, bank_base_address,
                                                                         stride, offset);
        } else {
            return in_bank(get_bank_and_offset(page), offset);
        }
    }
    template <typename Coordinates>
    requires requires(const Coordinates& at) { at[0]; }
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(const Coordinates& at, std::uint32_t offset = 0,
                                                 std::uint8_t = noc_index) const {
        return in_bank(get_bank_and_offset(at), offset);
    }

    struct PageMapping {
        std::uint32_t bank_id;
        std::uint32_t bank_page_offset;
    };
    TILEWRIGHT_DEVICE PageMapping get_bank_and_offset(std::uint32_t page) const {
        return mapped([&](std::uint32_t d) __attribute__((always_inline, nodebug)) {
            const std::uint32_t pages = dspec().tensor_pages(d);
            const std::uint32_t rest = page / pages;
            const std::uint32_t at = page - rest * pages;
            page = rest;
            return at;
        });
    }
    template <typename Coordinates>
    requires requires(const Coordinates& at) { at[0]; }
    TILEWRIGHT_DEVICE PageMapping get_bank_and_offset(const Coordinates& at) const {
        return mapped([&](std::uint32_t d)
                          __attribute__((always_inline, nodebug)) { return at[d]; });
    }

    /// The first page of a shard; a shard by its coordinates among the shards.
    TILEWRIGHT_DEVICE std::uint64_t get_shard_noc_addr(std::uint32_t shard,
                                                       std::uint32_t offset = 0,
                                                       std::uint8_t = noc_index) const {
        return get_noc_addr_in_shard(shard, 0, offset);
    }
    template <typename Coordinates>
    requires requires(const Coordinates& at) { at[0]; }
    TILEWRIGHT_DEVICE std::uint64_t get_shard_noc_addr(const Coordinates& at,
                                                       std::uint32_t offset = 0,
                                                       std::uint8_t = noc_index) const {
        std::uint32_t shard = 0;
        for (std::uint32_t d = 0; d < dspec().rank(); ++d)
            shard = shard * dspec().shards(d) + at[d];
        return get_shard_noc_addr(shard, offset);
    }
    /// A place of a shard, in pages from its first.
    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr_in_shard(std::uint32_t shard, std::uint32_t place,
                                                          std::uint32_t offset = 0) const {
        const std::uint32_t banks = dspec().num_banks();
        const std::uint32_t row = shard / banks;
        return in_bank({shard - row * banks, row * dspec().shard_volume() + place}, offset);
    }
    /// The page at a place of a shard; false if the tensor ends before it.
    TILEWRIGHT_DEVICE bool page_of_shard(std::uint32_t shard, std::uint32_t place,
                                         std::uint32_t& page) const {
        std::uint32_t scale = 1;
        bool inside = true;
        page = 0;
        dspec().inner_to_outer([&](std::uint32_t d) __attribute__((always_inline, nodebug)) {
            const std::uint32_t pages = dspec().shard_pages(d);
            const std::uint32_t shards = dspec().shards(d);
            const std::uint32_t at = shard % shards * pages + place % pages;
            shard /= shards;
            place /= pages;
            inside = inside && at < dspec().tensor_pages(d);
            page += at * scale;
            scale *= dspec().tensor_pages(d);
        });
        return inside;
    }

    TILEWRIGHT_DEVICE bool is_local_bank(std::uint32_t x, std::uint32_t y,
                                         std::uint8_t noc = noc_index) const {
        return x == my_x[noc] && y == my_y[noc];
    }
    TILEWRIGHT_DEVICE bool is_local_addr(std::uint64_t address, std::uint8_t = noc_index) const {
        return tilewright::metalium::is_own_node(static_cast<std::uint32_t>(address >> 32));
    }
    TILEWRIGHT_DEVICE bool is_local_page(std::uint32_t page, std::uint8_t = noc_index) const {
        return is_local_addr(get_noc_addr(page));
    }
    TILEWRIGHT_DEVICE bool is_local_shard(std::uint32_t shard, std::uint8_t = noc_index) const {
        return is_local_addr(get_shard_noc_addr(shard));
    }

    /// All pages of a sharded tensor, or those from `start` up to `end` of any. The accessor must
    /// outlive what walks over it.
    TILEWRIGHT_DEVICE auto pages(std::uint32_t start = 0, std::uint32_t end = 0,
                                 std::uint8_t noc = noc_index) const {
        if constexpr (Args::is_sharded) end = end == 0 ? dspec().tensor_volume() : end;
        return tensor_accessor::Pages<TensorAccessor>(*this, start, end, 1, noc);
    }
    /// Those of this core, where several share a kernel: here one has all of them.
    TILEWRIGHT_DEVICE auto strided_pages() const requires(Args::is_sharded) { return pages(); }
    TILEWRIGHT_DEVICE auto strided_pages(std::uint32_t total, std::uint8_t noc = noc_index) const
        requires(!Args::is_sharded) {
        return pages(0, total, noc);
    }
    TILEWRIGHT_DEVICE auto shard_pages(std::uint32_t shard, std::uint32_t start = 0,
                                       std::uint32_t end = 0, std::uint8_t = noc_index) const {
        return tensor_accessor::ShardPages<TensorAccessor>(*this, shard, start,
                                                           end == 0 ? dspec().shard_volume() : end);
    }

private:
    static consteval std::uint32_t known_page_bytes() {
        static_assert(Args::page_bytes != 0,
                      "TensorAccessor: the arguments do not have the size of a page (the host made "
                      "them by create_dram_interleaved); give it as the third parameter");
        return Args::page_bytes;
    }
    TILEWRIGHT_DEVICE std::uint64_t in_bank(const PageMapping& page, std::uint32_t offset) const {
        return tilewright::metalium::noc_address(
            dspec().bank(page.bank_id),
            bank_base_address + page.bank_page_offset * stride + offset);
    }
    /// at(d): the coordinate of a page, asked for from the last dimension to the first.
    template <typename At>
    TILEWRIGHT_DEVICE PageMapping mapped(At&& at) const {
        std::uint32_t shard = 0;
        std::uint32_t in_shard = 0;
        std::uint32_t shard_scale = 1;
        std::uint32_t page_scale = 1;
        dspec().inner_to_outer([&](std::uint32_t d) __attribute__((always_inline, nodebug)) {
            const std::uint32_t pages = dspec().shard_pages(d);
            const std::uint32_t page = at(d);
            const std::uint32_t of_shard = page / pages;
            shard += of_shard * shard_scale;
            in_shard += (page - of_shard * pages) * page_scale;
            shard_scale *= dspec().shards(d);
            page_scale *= pages;
        });
        const std::uint32_t banks = dspec().num_banks();
        const std::uint32_t row = shard / banks;
        return {shard - row * banks, row * dspec().shard_volume() + in_shard};
    }

    Args args_;
};

template <std::uint32_t word, std::uint32_t common_word, typename... Rest>
TensorAccessor(const TensorAccessorArgs<word, common_word>&, Rest...)
    -> TensorAccessor<TensorAccessorArgs<word, common_word>>;
template <std::uint32_t word, std::uint32_t offset>
TensorAccessor(tensor_accessor::TensorBindingToken<word, offset>)
    -> TensorAccessor<typename tensor_accessor::TensorBindingToken<word, offset>::args_t>;
TensorAccessor(const tensor_accessor::NullTensorBindingToken&)
    ->TensorAccessor<tensor_accessor::NullTensorArgs>;

/// An accessor for each of several tokens, in their order.
template <typename... Tokens>
auto make_tensor_accessors(const std::tuple<Tokens...>& tokens) {
    return std::apply(
        [](const Tokens&... each) { return std::make_tuple(TensorAccessor(each)...); }, tokens);
}

/// Accessors for several tensors, whose addresses are own runtime arguments from `first` on.
template <typename... Args>
auto make_tensor_accessor_tuple(const std::tuple<Args...>& args, std::uint32_t first) {
    return std::apply(
        [&](const Args&... each) {
            return std::tuple<TensorAccessor<Args>...>{TensorAccessor<Args>(
                each, get_arg_val<std::uint32_t>(static_cast<int>(first++)))...};
        },
        args);
}

/// Whether a generator of addresses says how far its pages lie apart.
template <typename T>
inline constexpr bool has_get_aligned_page_size_v = requires(const T& generator) {
    generator.get_aligned_page_size();
};

/// Accessors of any type behind one.
class AbstractTensorAccessorWrapper {
public:
    AbstractTensorAccessorWrapper() = default;
    template <typename Accessor>
    AbstractTensorAccessorWrapper(const Accessor& accessor)
        : accessor_(&accessor),
          address_([](const void* of, std::uint32_t page, std::uint32_t offset, std::uint8_t noc) {
              return static_cast<const Accessor*>(of)->get_noc_addr(page, offset, noc);
          }) {}
    std::uint64_t get_noc_addr(std::uint32_t page, std::uint32_t offset = 0,
                               std::uint8_t noc = noc_index) const {
        return address_(accessor_, page, offset, noc);
    }

private:
    const void* accessor_ = nullptr;
    std::uint64_t (*address_)(const void*, std::uint32_t, std::uint32_t, std::uint8_t) = nullptr;
};

template <typename... Accessors>
auto make_abstract_tensor_accessor_wrappers(const std::tuple<Accessors...>& accessors) {
    return std::apply(
        [](const Accessors&... each) {
            return std::array<AbstractTensorAccessorWrapper, sizeof...(Accessors)>{each...};
        },
        accessors);
}

/// Whole shards, from and to this tile's L1.
template <typename Args>
TILEWRIGHT_DEVICE void noc_async_read_shard(std::uint32_t shard, const TensorAccessor<Args>& tensor,
                                            std::uint32_t destination,
                                            std::uint8_t noc = noc_index) {
    noc_async_read(tensor.get_shard_noc_addr(shard, 0, noc), destination,
                   tensor.stride * tensor.dspec().shard_volume(), noc);
}
template <typename Args, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_shard(std::uint32_t shard,
                                             const TensorAccessor<Args>& tensor,
                                             std::uint32_t source, std::uint8_t noc = noc_index) {
    noc_async_write(source, tensor.get_shard_noc_addr(shard, 0, noc),
                    tensor.stride * tensor.dspec().shard_volume(), noc);
}
