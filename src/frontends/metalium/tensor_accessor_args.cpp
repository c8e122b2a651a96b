// A buffer's layout as the words that metalium_kernel.hpp describes.
#include <tt-metalium/device.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

#include "tilewright/noc/registers.hpp"
#include "tilewright/runtime/metalium_kernel.hpp"

namespace tt::tt_metal {

using ::tensor_accessor::ArgConfig;

TensorAccessorArgs::TensorAccessorArgs(const Buffer& buffer, ArgsConfig config) {
    namespace abi = tilewright::abi;
    TT_FATAL(!config.test(ArgConfig::RuntimeRank) ||
                 config.test(ArgConfig::RuntimeTensorShape | ArgConfig::RuntimeShardShape),
             "a tensor accessor with its rank at run time has the tensor's and the shards' shape "
             "there, too");
    TT_FATAL(!config.test(ArgConfig::RuntimeNumBanks) || config.test(ArgConfig::RuntimeBankCoords),
             "a tensor accessor with its number of banks at run time has the banks there, too");
    const bool sharded = is_sharded(buffer.buffer_layout());
    std::uint32_t flags = sharded ? (config & ArgConfig::Runtime).raw() : 0;
    if (buffer.is_dram()) flags |= tilewright::metalium_dram;
    if (sharded) flags |= tilewright::metalium_sharded;
    words_ = {flags, static_cast<std::uint32_t>(buffer.aligned_page_size())};
    if (!sharded) return;

    const auto words = [&](ArgConfig runtime) -> std::vector<std::uint32_t>& {
        return config.test(runtime) ? common_words_ : words_;
    };
    const ShardSpecBuffer& spec = buffer.shard_spec();
    words(ArgConfig::RuntimeRank).push_back(2);
    words(ArgConfig::RuntimeNumBanks)
        .push_back(static_cast<std::uint32_t>(buffer.shard_cores().size()));
    for (std::uint32_t pages : spec.tensor2d_shape_in_pages) {
        words(ArgConfig::RuntimeTensorShape).push_back(pages);
    }
    for (std::uint32_t pages : spec.shape_in_pages()) {
        words(ArgConfig::RuntimeShardShape).push_back(pages);
    }
    for (const CoreCoord& core : buffer.shard_cores()) {
        words(ArgConfig::RuntimeBankCoords)
            .push_back(abi::node(buffer.is_dram() ? abi::NodeSpace::dram : abi::NodeSpace::tile,
                                 static_cast<std::uint32_t>(core.x),
                                 static_cast<std::uint32_t>(core.y)));
    }
}

TensorAccessorArgs TensorAccessorArgs::create_dram_interleaved() {
    TensorAccessorArgs args;
    args.words_ = {tilewright::metalium_dram, 0};
    return args;
}
TensorAccessorArgs TensorAccessorArgs::create_l1_interleaved() {
    TensorAccessorArgs args;
    args.words_ = {0, 0};
    return args;
}

void TensorAccessorArgs::append_to(std::vector<std::uint32_t>& compile_time_args) const {
    TT_FATAL(common_words_.empty(),
             "this tensor accessor has {} common runtime arguments; append_to() needs a second "
             "vector for them",
             common_words_.size());
    compile_time_args.insert(compile_time_args.end(), words_.begin(), words_.end());
}

void TensorAccessorArgs::append_to(std::vector<std::uint32_t>& compile_time_args,
                                   std::vector<std::uint32_t>& common_runtime_args) const {
    compile_time_args.insert(compile_time_args.end(), words_.begin(), words_.end());
    common_runtime_args.insert(common_runtime_args.end(), common_words_.begin(),
                               common_words_.end());
}

}  // namespace tt::tt_metal
