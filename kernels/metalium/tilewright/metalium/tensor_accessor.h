// TensorAccessor: pages of a tensor that is interleaved over all banks, or sharded over some.
//
// TensorAccessorArgs<i> reads what the host's TensorAccessorArgs appended to the compile-time
// arguments from word i on: flags (1 sharded, 2 in DRAM), page bytes; for sharded ones the rank,
// the number of banks, the shape of the tensor and of a shard in pages, and the node of each bank.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/metalium/arguments.h"
#include "tilewright/metalium/noc_addresses.h"

template <std::uint32_t word, std::uint32_t common_word = 0>
struct TensorAccessorArgs {
    static constexpr std::uint32_t flags = get_ct_arg<word>();
    static constexpr bool is_sharded = (flags & 1) != 0;
    static constexpr bool is_dram = (flags & 2) != 0;
    static constexpr std::uint32_t page_bytes = get_ct_arg<word + 1>();
    static_assert(flags < 4, "tensor accessors with arguments at run time are not supported");

    static constexpr std::uint32_t rank = []() -> std::uint32_t {
        if constexpr (is_sharded) return get_ct_arg<word + 2>();
        return 0;
    }();
    static constexpr std::uint32_t num_banks = []() -> std::uint32_t {
        if constexpr (is_sharded) return get_ct_arg<word + 3>();
        return is_dram ? NUM_DRAM_BANKS : NUM_L1_BANKS;
    }();

    static constexpr std::uint32_t next_compile_time_args_offset() {
        return is_sharded ? word + 4 + 2 * rank + num_banks : word + 2;
    }
    static constexpr std::uint32_t next_common_runtime_args_offset() { return common_word; }
    static constexpr std::uint32_t get_aligned_page_size() { return page_bytes; }

    static constexpr std::uint32_t tensor_pages(std::uint32_t dimension) {
        return kernel_compile_time_args[word + 4 + dimension];
    }
    static constexpr std::uint32_t shard_pages(std::uint32_t dimension) {
        return kernel_compile_time_args[word + 4 + rank + dimension];
    }
    static constexpr std::uint32_t bank(std::uint32_t index) {
        return kernel_compile_time_args[word + 4 + 2 * rank + index];
    }
    /// Shards along a dimension.
    static constexpr std::uint32_t shards(std::uint32_t dimension) {
        return (tensor_pages(dimension) + shard_pages(dimension) - 1) / shard_pages(dimension);
    }
    static constexpr std::uint32_t pages_of_shard() {
        std::uint32_t volume = 1;
        for (std::uint32_t d = 0; d < rank; ++d) volume *= shard_pages(d);
        return volume;
    }
};

template <typename Args>
struct TensorAccessor {
    std::uint32_t bank_base_address;
    std::uint32_t page_size;
    std::uint32_t stride = 0;  ///< bytes from one page of a bank to the next

    TILEWRIGHT_API constexpr TensorAccessor(const Args&, std::uint32_t address,
                                            std::uint32_t page_bytes = Args::page_bytes)
        : bank_base_address(address),
          page_size(page_bytes),
          stride(tilewright::metalium::page_stride<Args::is_dram>(page_bytes)) {}

    TILEWRIGHT_API std::uint64_t get_noc_addr(std::uint32_t page, std::uint32_t offset = 0,
                                              std::uint8_t = noc_index) const {
        if constexpr (!Args::is_sharded) {
            return tilewright::metalium::interleaved_page<Args::is_dram>(page, bank_base_address,
                                                                         stride, offset);
        } else {
            std::uint32_t shard = 0;
            std::uint32_t in_shard = 0;
            std::uint32_t shard_scale = 1;
            std::uint32_t page_scale = 1;
#pragma clang loop unroll(full)
            for (std::uint32_t d = Args::rank; d-- != 0;) {
                const std::uint32_t rest = page / Args::tensor_pages(d);
                const std::uint32_t at = page - rest * Args::tensor_pages(d);
                const std::uint32_t of_shard = at / Args::shard_pages(d);
                shard += of_shard * shard_scale;
                in_shard += (at - of_shard * Args::shard_pages(d)) * page_scale;
                shard_scale *= Args::shards(d);
                page_scale *= Args::shard_pages(d);
                page = rest;
            }
            return shard_page(shard, in_shard, offset);
        }
    }

    /// The first page of a shard.
    TILEWRIGHT_API std::uint64_t get_shard_noc_addr(std::uint32_t shard, std::uint32_t offset = 0,
                                                    std::uint8_t = noc_index) const {
        static_assert(Args::is_sharded, "the tensor is not sharded");
        return shard_page(shard, 0, offset);
    }

private:
    TILEWRIGHT_API std::uint64_t shard_page(std::uint32_t shard, std::uint32_t page,
                                            std::uint32_t offset) const {
        const std::uint32_t row = shard / Args::num_banks;
        return tilewright::metalium::noc_address(
            Args::bank(shard - row * Args::num_banks),
            bank_base_address + (row * Args::pages_of_shard() + page) * stride + offset);
    }
};

template <std::uint32_t word, std::uint32_t common_word, typename... Rest>
TensorAccessor(const TensorAccessorArgs<word, common_word>&, Rest...)
    -> TensorAccessor<TensorAccessorArgs<word, common_word>>;
