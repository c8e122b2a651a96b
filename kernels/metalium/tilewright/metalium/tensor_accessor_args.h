// What a kernel knows of the layout of a tensor: TensorAccessorArgs<i> reads what the host's
// TensorAccessorArgs appended to the compile-time arguments from word i on: flags, page bytes; for
// sharded tensors the rank, the number of banks, the shape of the tensor and of a shard in pages,
// and the node of each bank. Those of them that a flag says come at run time are missing there and
// stand, in the same order, among the common runtime arguments from word `common_word` on.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>
#include <utility>

#include "hostdevcommon/tensor_accessor/arg_config.hpp"
#include "tilewright/metalium/arguments.h"
#include "tilewright/metalium/noc_addresses.h"

namespace tensor_accessor {

/// Where the common runtime arguments begin is said when the object is made.
inline constexpr std::uint32_t UNKNOWN = 0xFFFF'FFFF;
inline constexpr std::uint32_t MAX_RANK = 8;

}  // namespace tensor_accessor

template <std::uint32_t word, std::uint32_t common_word = tensor_accessor::UNKNOWN>
class TensorAccessorArgs {
    static constexpr std::uint32_t flags = get_ct_arg<word>();
    static constexpr tensor_accessor::ArgsConfig config{static_cast<std::uint8_t>(flags)};
    static constexpr bool has(tensor_accessor::ArgConfig flag) { return config.test(flag); }
    static_assert(flags < 128, "these compile-time arguments do not describe a tensor");

public:
    static constexpr bool is_sharded = has(tensor_accessor::ArgConfig::Sharded);
    static constexpr bool is_interleaved = !is_sharded;
    static constexpr bool is_dram = has(tensor_accessor::ArgConfig::IsDram);
    static constexpr bool rank_is_crta = has(tensor_accessor::ArgConfig::RuntimeRank);
    static constexpr bool num_banks_is_crta = has(tensor_accessor::ArgConfig::RuntimeNumBanks);
    static constexpr bool tensor_shape_is_crta =
        has(tensor_accessor::ArgConfig::RuntimeTensorShape);
    static constexpr bool shard_shape_is_crta = has(tensor_accessor::ArgConfig::RuntimeShardShape);
    static constexpr bool bank_coords_is_crta = has(tensor_accessor::ArgConfig::RuntimeBankCoords);
    static constexpr bool has_static_rank = !rank_is_crta;
    static_assert(!rank_is_crta || (tensor_shape_is_crta && shard_shape_is_crta),
                  "a tensor whose rank comes at run time has its shapes from there, too");
    static_assert(!num_banks_is_crta || bank_coords_is_crta,
                  "a tensor whose number of banks comes at run time has the banks from there, too");

    static constexpr std::uint32_t page_bytes = get_ct_arg<word + 1>();
    static constexpr std::uint32_t AlignedPageSize = page_bytes;
    static constexpr std::uint32_t get_aligned_page_size() { return page_bytes; }

private:
    // Words of the compile-time arguments, where they are there.
    static constexpr std::uint32_t banks_word = word + 2 + (rank_is_crta ? 0 : 1);
    static constexpr std::uint32_t shape_word = banks_word + (num_banks_is_crta ? 0 : 1);
    static constexpr std::uint32_t static_rank = []() -> std::uint32_t {
        if constexpr (is_sharded && !rank_is_crta) return get_ct_arg<word + 2>();
        return 0;
    }();
    static constexpr std::uint32_t static_banks = []() -> std::uint32_t {
        if constexpr (is_sharded && !num_banks_is_crta) return get_ct_arg<banks_word>();
        return is_dram ? NUM_DRAM_BANKS : NUM_L1_BANKS;
    }();
    static_assert(!is_sharded || rank_is_crta ||
                      (static_rank > 0 && static_rank <= tensor_accessor::MAX_RANK),
                  "a sharded tensor has 1 to 8 dimensions");
    static constexpr std::uint32_t shard_shape_word =
        shape_word + (tensor_shape_is_crta ? 0 : static_rank);
    static constexpr std::uint32_t nodes_word =
        shard_shape_word + (shard_shape_is_crta ? 0 : static_rank);

    static constexpr std::uint32_t compile_time(std::uint32_t index) {
        return kernel_compile_time_args[index];
    }
    TILEWRIGHT_DEVICE static std::uint32_t at_run_time(std::uint32_t index) {
        return get_common_arg_val<std::uint32_t>(static_cast<int>(index));
    }

public:
    constexpr TensorAccessorArgs() = default;
    /// The first of the tensor's common runtime arguments.
    constexpr explicit TensorAccessorArgs(std::uint32_t first) : first_(first) {
        static_assert(common_word == tensor_accessor::UNKNOWN, "the first word is given twice");
    }

    static constexpr std::uint32_t num_compile_time_args() {
        if (!is_sharded) return 2;
        return nodes_word + (bank_coords_is_crta ? 0 : static_banks) - word;
    }
    static constexpr std::uint32_t next_compile_time_args_offset() {
        return word + num_compile_time_args();
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t crta_offset() const {
        return common_word == tensor_accessor::UNKNOWN ? first_ : common_word;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t num_common_runtime_args() const {
        if constexpr (!is_sharded) return 0;
        return rank_is_crta + num_banks_is_crta + (tensor_shape_is_crta ? get_rank() : 0) +
               (shard_shape_is_crta ? get_rank() : 0) + (bank_coords_is_crta ? get_num_banks() : 0);
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t next_common_runtime_args_offset() const {
        return crta_offset() + num_common_runtime_args();
    }

    TILEWRIGHT_DEVICE constexpr std::uint32_t get_rank() const {
        if constexpr (rank_is_crta) return at_run_time(crta_offset());
        return static_rank;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t get_num_banks() const {
        if constexpr (num_banks_is_crta) return at_run_time(crta_offset() + rank_is_crta);
        return static_banks;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t tensor_pages(std::uint32_t dimension) const {
        if constexpr (tensor_shape_is_crta) return at_run_time(shapes() + dimension);
        return compile_time(shape_word + dimension);
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t shard_pages(std::uint32_t dimension) const {
        if constexpr (shard_shape_is_crta) return at_run_time(shard_shapes() + dimension);
        return compile_time(shard_shape_word + dimension);
    }
    /// The abi::node of a bank.
    TILEWRIGHT_DEVICE constexpr std::uint32_t bank(std::uint32_t index) const {
        if constexpr (bank_coords_is_crta) {
            return at_run_time(shard_shapes() + (shard_shape_is_crta ? get_rank() : 0) + index);
        }
        return compile_time(nodes_word + index);
    }
    /// Shards along a dimension.
    TILEWRIGHT_DEVICE constexpr std::uint32_t shards(std::uint32_t dimension) const {
        const std::uint32_t shard = shard_pages(dimension);
        return (tensor_pages(dimension) + shard - 1) / shard;
    }

    /// Pages of the tensor; of a shard.
    TILEWRIGHT_DEVICE constexpr std::uint32_t tensor_volume() const {
        std::uint32_t volume = 1;
        for (std::uint32_t d = 0; d < get_rank(); ++d) volume *= tensor_pages(d);
        return volume;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t shard_volume() const {
        std::uint32_t volume = 1;
        for (std::uint32_t d = 0; d < get_rank(); ++d) volume *= shard_pages(d);
        return volume;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t rank() const { return get_rank(); }
    TILEWRIGHT_DEVICE constexpr std::uint32_t num_banks() const { return get_num_banks(); }

    /// Something with a number for each dimension, outermost first.
    template <typename OfDimension>
    struct Shape {
        OfDimension of;
        TILEWRIGHT_DEVICE constexpr std::uint32_t operator[](std::uint32_t d) const {
            return of(d);
        }
    };
    TILEWRIGHT_DEVICE constexpr auto tensor_shape() const {
        return Shape{[args = *this](std::uint32_t d) { return args.tensor_pages(d); }};
    }
    TILEWRIGHT_DEVICE constexpr auto shard_shape() const {
        return Shape{[args = *this](std::uint32_t d) { return args.shard_pages(d); }};
    }
    TILEWRIGHT_DEVICE constexpr auto shard_grid() const {
        return Shape{[args = *this](std::uint32_t d) { return args.shards(d); }};
    }

    /// each(d) from the last dimension to the first.
    template <typename Each>
    TILEWRIGHT_DEVICE constexpr void inner_to_outer(Each&& each) const {
        if constexpr (has_static_rank) {
#pragma clang loop unroll(full)
            for (std::uint32_t d = static_rank; d-- != 0;) each(d);
        } else {
            for (std::uint32_t d = get_rank(); d-- != 0;) each(d);
        }
    }

private:
    TILEWRIGHT_DEVICE constexpr std::uint32_t shapes() const {
        return crta_offset() + rank_is_crta + num_banks_is_crta;
    }
    TILEWRIGHT_DEVICE constexpr std::uint32_t shard_shapes() const {
        return shapes() + (tensor_shape_is_crta ? get_rank() : 0);
    }

    std::uint32_t first_ = 0;
};

namespace tilewright::metalium {
/// The word at which accessor number `index` begins if the first does at `word`.
template <std::uint32_t index, std::uint32_t word>
consteval std::uint32_t accessor_word() {
    if constexpr (index == 0) {
        return word;
    } else {
        return accessor_word<index - 1,
                             TensorAccessorArgs<word>::next_compile_time_args_offset()>();
    }
}
}  // namespace tilewright::metalium

/// The arguments of several accessors that follow each other.
template <std::uint32_t count, std::uint32_t word>
constexpr auto make_tensor_accessor_args_tuple() {
    return []<std::uint32_t... i>(std::integer_sequence<std::uint32_t, i...>) {
        return std::make_tuple(
            TensorAccessorArgs<tilewright::metalium::accessor_word<i, word>()>()...);
    }
    (std::make_integer_sequence<std::uint32_t, count>());
}
