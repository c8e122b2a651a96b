// A buffer's layout as the words that metalium_kernel.hpp describes.
#include <tt-metalium/device.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

#include "tilewright/chip/abi.hpp"
#include "tilewright/runtime/metalium_kernel.hpp"

namespace tt::tt_metal {

TensorAccessorArgs::TensorAccessorArgs(const Buffer& buffer) {
    namespace abi = tilewright::abi;
    std::uint32_t flags = 0;
    if (buffer.is_dram()) flags |= tilewright::metalium_dram;
    if (is_sharded(buffer.buffer_layout())) flags |= tilewright::metalium_sharded;
    words_ = {flags, static_cast<std::uint32_t>(buffer.aligned_page_size())};
    if (!is_sharded(buffer.buffer_layout())) return;

    const ShardSpecBuffer& spec = buffer.shard_spec();
    words_.push_back(2);
    words_.push_back(static_cast<std::uint32_t>(buffer.shard_cores().size()));
    for (std::uint32_t pages : spec.tensor2d_shape_in_pages) words_.push_back(pages);
    for (std::uint32_t pages : spec.shape_in_pages()) words_.push_back(pages);
    for (const CoreCoord& core : buffer.shard_cores()) {
        words_.push_back(abi::node(buffer.is_dram() ? abi::NodeSpace::dram : abi::NodeSpace::tile,
                                   static_cast<std::uint32_t>(core.x),
                                   static_cast<std::uint32_t>(core.y)));
    }
}

}  // namespace tt::tt_metal
