// A buffer on every device of a mesh, at the same address: a copy on each, or a shard on each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/shape2d.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace tt::tt_metal::distributed {

/// How the buffer lies on each device.
struct DeviceLocalBufferConfig {
    DeviceAddr page_size = 0;
    BufferType buffer_type = BufferType::DRAM;
    BufferShardingArgs sharding_args{};
    std::optional<bool> bottom_up{};  ///< L1 is filled from the top unless this is true
    std::optional<SubDeviceId> sub_device_id{};
};

/// The same on every device.
struct ReplicatedBufferConfig {
    DeviceAddr size = 0;  ///< bytes on each device
};

/// A row-major array of elements, cut into shards that go to the devices in their order. A
/// dimension of the shard that is 0 is not cut: it is replicated.
struct ShardedBufferConfig {
    DeviceAddr global_size = 0;  ///< bytes of all shards
    Shape2D global_buffer_shape = {0, 0};
    Shape2D shard_shape = {0, 0};
    ShardOrientation shard_orientation = ShardOrientation::ROW_MAJOR;

    std::uint32_t compute_datum_size_bytes() const;
    std::pair<bool, bool> replicated_dims() const;
    Shape2D physical_shard_shape() const;
};

enum class MeshBufferLayout : std::uint8_t { REPLICATED, SHARDED };
using MeshBufferConfig = std::variant<ReplicatedBufferConfig, ShardedBufferConfig>;

class MeshBuffer {
public:
    /// Throws std::runtime_error as Buffer::create, and if shards do not fit the mesh.
    static std::shared_ptr<MeshBuffer> create(const MeshBufferConfig& config,
                                              const DeviceLocalBufferConfig& local,
                                              MeshDevice* mesh_device,
                                              std::optional<DeviceAddr> address = std::nullopt);

    bool is_allocated() const { return !buffers_.empty(); }
    void deallocate() { buffers_.clear(); }
    /// Throws std::runtime_error if the mesh is gone.
    MeshDevice* device() const;
    DeviceAddr size() const;  ///< on each device if replicated, of all shards if sharded
    DeviceAddr device_local_size() const { return local_size_; }
    DeviceAddr address() const { return address_; }
    MeshBufferLayout global_layout() const;
    const MeshBufferConfig& global_config() const { return config_; }
    const ShardedBufferConfig& global_shard_spec() const;
    const DeviceLocalBufferConfig& device_local_config() const { return local_; }
    Buffer* get_device_buffer(const MeshCoordinate& coord) const;
    /// Of the device with this index, row by row.
    Buffer* buffer_of(std::size_t index) const;
    Buffer* get_reference_buffer() const { return buffer_of(0); }
    Buffer* get_backing_buffer() const { return get_reference_buffer(); }
    std::uint32_t page_size() const { return static_cast<std::uint32_t>(local_.page_size); }
    std::uint32_t num_pages() const;
    std::uint32_t datum_size_bytes() const;
    Shape2D physical_shard_shape() const;
    std::pair<bool, bool> replicated_dims() const;

private:
    MeshBuffer(const MeshBufferConfig& config, const DeviceLocalBufferConfig& local,
               MeshDevice& mesh, std::optional<DeviceAddr> address);

    MeshBufferConfig config_;
    DeviceLocalBufferConfig local_;
    std::weak_ptr<MeshDevice> mesh_;
    DeviceAddr local_size_ = 0;
    DeviceAddr address_ = 0;
    std::vector<std::shared_ptr<Buffer>> buffers_;  // of the devices in their order
};

}  // namespace tt::tt_metal::distributed
