// Buffers of one device: pages in DRAM or in the L1s of its tiles, interleaved or sharded.
//
// Pages are laid out one after another in a bank, each rounded up to the alignment of its memory.
// Interleaved, page p lies in bank p % banks (DRAM banks, or tiles row by row); sharded, each core
// of the shard grid holds the pages of its shard at the same address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tt-metalium/buffer_types.hpp>
#include <tt-metalium/core_coord.hpp>
#include <tt-metalium/hal_types.hpp>
#include <tt-metalium/sub_device_types.hpp>
#include <tt_stl/assert.hpp>
#include <tt_stl/enum_formatter.hpp>
#include <vector>

namespace tilewright {
class Buffer;
}

namespace tt::tt_metal {

class IDevice;

/// A grid of cores and the shape, in elements, of the shard that each of them holds.
struct ShardSpec {
    CoreRangeSet grid;
    std::array<std::uint32_t, 2> shape{};
    ShardOrientation orientation = ShardOrientation::ROW_MAJOR;

    ShardSpec(const CoreRangeSet& cores, const std::array<std::uint32_t, 2>& shard_shape,
              const ShardOrientation& order = ShardOrientation::ROW_MAJOR)
        : grid(cores), shape(shard_shape), orientation(order) {}
    std::uint32_t num_cores() const { return grid.num_cores(); }
    std::uint32_t numel() const { return shape[0] * shape[1]; }
    bool operator==(const ShardSpec&) const = default;
};

/// A shard spec with the shape of a page in elements and of the whole in pages.
struct ShardSpecBuffer {
    ShardSpec tensor_shard_spec;
    std::array<std::uint32_t, 2> page_shape{};
    std::array<std::uint32_t, 2> tensor2d_shape_in_pages{};

    ShardSpecBuffer(const CoreRangeSet& cores, const std::array<std::uint32_t, 2>& shard_shape,
                    const ShardOrientation& orientation, const std::array<std::uint32_t, 2>& page,
                    const std::array<std::uint32_t, 2>& tensor_in_pages)
        : tensor_shard_spec(cores, shard_shape, orientation),
          page_shape(page),
          tensor2d_shape_in_pages(tensor_in_pages) {}
    ShardSpecBuffer(const ShardSpec& spec, const std::array<std::uint32_t, 2>& page,
                    const std::array<std::uint32_t, 2>& tensor_in_pages)
        : tensor_shard_spec(spec), page_shape(page), tensor2d_shape_in_pages(tensor_in_pages) {}

    const CoreRangeSet& grid() const { return tensor_shard_spec.grid; }
    std::array<std::uint32_t, 2> shape() const { return tensor_shard_spec.shape; }
    ShardOrientation orientation() const { return tensor_shard_spec.orientation; }
    /// Throws std::runtime_error if pages do not divide the shard.
    std::array<std::uint32_t, 2> shape_in_pages() const;
    DeviceAddr num_pages() const;  ///< of one shard
    bool operator==(const ShardSpecBuffer&) const = default;
};

struct BufferConfig {
    IDevice* device = nullptr;
    DeviceAddr size = 0;       ///< bytes, a multiple of page_size
    DeviceAddr page_size = 0;  ///< bytes that lie together in one bank
    BufferType buffer_type = BufferType::DRAM;
    TensorMemoryLayout buffer_layout = TensorMemoryLayout::INTERLEAVED;
};
using InterleavedBufferConfig = BufferConfig;

struct ShardedBufferConfig {
    IDevice* device = nullptr;
    DeviceAddr size = 0;
    DeviceAddr page_size = 0;
    BufferType buffer_type = BufferType::L1;
    TensorMemoryLayout buffer_layout = TensorMemoryLayout::HEIGHT_SHARDED;
    ShardSpecBuffer shard_parameters;
};

/// How the buffers of a mesh are sharded on each device; not at all by default.
class BufferShardingArgs {
public:
    BufferShardingArgs() = default;
    BufferShardingArgs(std::nullopt_t) {}
    BufferShardingArgs(std::optional<ShardSpecBuffer> spec, TensorMemoryLayout layout)
        : shard_spec_(std::move(spec)), buffer_layout_(layout) {}

    const std::optional<ShardSpecBuffer>& shard_spec() const { return shard_spec_; }
    TensorMemoryLayout buffer_layout() const { return buffer_layout_; }

private:
    std::optional<ShardSpecBuffer> shard_spec_;
    TensorMemoryLayout buffer_layout_ = TensorMemoryLayout::INTERLEAVED;
};

/// Bytes of a buffer, from its first page on.
struct BufferRegion {
    DeviceAddr offset = 0;
    DeviceAddr size = 0;
    BufferRegion() = delete;
    BufferRegion(DeviceAddr from, DeviceAddr bytes) : offset(from), size(bytes) {}
    bool operator==(const BufferRegion&) const = default;
};

class Buffer final {
public:
    /// Throws std::runtime_error if the memory is full, pages do not divide the size, shards do not
    /// fit their grid, or the address, if one is given, is taken.
    static std::shared_ptr<Buffer> create(IDevice* device, DeviceAddr size, DeviceAddr page_size,
                                          BufferType buffer_type,
                                          const BufferShardingArgs& sharding_args = std::nullopt,
                                          std::optional<bool> bottom_up = std::nullopt,
                                          std::optional<SubDeviceId> sub_device_id = std::nullopt);
    static std::shared_ptr<Buffer> create(IDevice* device, DeviceAddr address, DeviceAddr size,
                                          DeviceAddr page_size, BufferType buffer_type,
                                          const BufferShardingArgs& sharding_args = std::nullopt,
                                          std::optional<bool> bottom_up = std::nullopt,
                                          std::optional<SubDeviceId> sub_device_id = std::nullopt);
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer();

    IDevice* device() const { return device_; }
    DeviceAddr size() const { return size_; }
    /// Offset in each bank, the same in all: what kernels get.
    std::uint32_t address() const;
    bool is_allocated() const;
    DeviceAddr page_size() const { return page_size_; }
    std::uint32_t num_pages() const { return static_cast<std::uint32_t>(size_ / page_size_); }
    std::uint32_t num_dev_pages() const;  ///< with the padding of shards
    BufferType buffer_type() const { return buffer_type_; }
    TensorMemoryLayout buffer_layout() const { return layout_; }
    bool is_l1() const { return buffer_type_ != BufferType::DRAM; }
    bool is_dram() const { return buffer_type_ == BufferType::DRAM; }
    std::uint32_t alignment() const { return alignment_; }
    DeviceAddr aligned_page_size() const { return aligned_page_size_; }
    DeviceAddr aligned_size() const { return aligned_page_size_ * num_dev_pages(); }
    DeviceAddr aligned_size_per_bank() const;
    /// Where a page lies inside its bank.
    DeviceAddr page_address(DeviceAddr bank, DeviceAddr page) const;
    /// Router coordinates of a bank of the buffer's memory; L1 banks are the tiles, row by row.
    CoreCoord noc_coordinates(std::uint32_t bank = 0) const;

    bool has_shard_spec() const { return shard_spec_.has_value(); }
    /// Throws std::runtime_error for an interleaved buffer.
    const ShardSpecBuffer& shard_spec() const;
    std::optional<std::uint32_t> num_cores() const;

    // --- Of the simulated device, for what is built on it ---------------------------------------
    /// The memory itself: shard or page by page, pages aligned. Any frontend takes it.
    const tilewright::Buffer& native() const;
    /// The cores that hold the shards, in their order.
    const std::vector<CoreCoord>& shard_cores() const { return shard_cores_; }
    /// Where the page with this number begins in native().
    DeviceAddr native_offset(std::uint32_t page) const;
    /// Pages lie in native() one after another, without padding.
    bool contiguous() const;

private:
    Buffer(IDevice* device, std::optional<DeviceAddr> address, DeviceAddr size,
           DeviceAddr page_size, BufferType type, const BufferShardingArgs& sharding,
           std::optional<bool> bottom_up);
    void place_shards();
    /// Pages in a row of what is cut into shards.
    std::uint32_t row_in_pages() const;
    friend void DeallocateBuffer(Buffer& buffer);

    IDevice* device_;
    DeviceAddr size_;
    DeviceAddr page_size_;
    BufferType buffer_type_;
    TensorMemoryLayout layout_;
    std::optional<ShardSpecBuffer> shard_spec_;
    std::uint32_t alignment_ = 0;
    DeviceAddr aligned_page_size_ = 0;
    std::vector<CoreCoord> shard_cores_;
    std::unique_ptr<tilewright::Buffer> native_;
};

bool is_sharded(const TensorMemoryLayout& layout);

}  // namespace tt::tt_metal

template <>
struct fmt::formatter<tt::tt_metal::BufferType>
    : tilewright::metalium::EnumFormatter<tt::tt_metal::BufferType> {};
template <>
struct fmt::formatter<tt::tt_metal::TensorMemoryLayout>
    : tilewright::metalium::EnumFormatter<tt::tt_metal::TensorMemoryLayout> {};
template <>
struct fmt::formatter<tt::tt_metal::ShardOrientation>
    : tilewright::metalium::EnumFormatter<tt::tt_metal::ShardOrientation> {};
