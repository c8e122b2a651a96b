// A buffer on every device of a mesh.
#include <algorithm>
#include <tt-metalium/math.hpp>
#include <tt-metalium/mesh_buffer.hpp>

#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::distributed {
namespace {

// What lies on each device; throws unless the shards fit the mesh.
DeviceAddr local_size(const MeshBufferConfig& config, const MeshDevice& mesh) {
    if (const auto* replicated = std::get_if<ReplicatedBufferConfig>(&config)) {
        return replicated->size;
    }
    const auto& sharded = std::get<ShardedBufferConfig>(config);
    const Shape2D global = sharded.global_buffer_shape;
    const Shape2D shard = sharded.physical_shard_shape();
    TT_FATAL(global.height() != 0 && global.width() != 0 &&
                 sharded.global_size % (global.height() * global.width()) == 0,
             "{} bytes for a shape of {} x {} elements", sharded.global_size, global.height(),
             global.width());
    TT_FATAL(global.height() % shard.height() == 0 && global.width() % shard.width() == 0,
             "shards of {} x {} do not divide a shape of {} x {}", shard.height(), shard.width(),
             global.height(), global.width());
    const auto [rows_replicated, columns_replicated] = sharded.replicated_dims();
    const std::size_t shards = global.height() / shard.height() * (global.width() / shard.width());
    const std::size_t places = rows_replicated && columns_replicated ? 1
                               : rows_replicated                     ? mesh.num_cols()
                               : columns_replicated                  ? mesh.num_rows()
                                                                     : mesh.num_devices();
    TT_FATAL(shards <= places, "{} shards for {} places of the mesh", shards, places);
    return DeviceAddr{sharded.compute_datum_size_bytes()} * shard.height() * shard.width();
}

}  // namespace

std::uint32_t ShardedBufferConfig::compute_datum_size_bytes() const {
    return static_cast<std::uint32_t>(global_size /
                                      (global_buffer_shape.height() * global_buffer_shape.width()));
}
std::pair<bool, bool> ShardedBufferConfig::replicated_dims() const {
    return {shard_shape.height() == 0, shard_shape.width() == 0};
}
Shape2D ShardedBufferConfig::physical_shard_shape() const {
    return {shard_shape.height() == 0 ? global_buffer_shape.height() : shard_shape.height(),
            shard_shape.width() == 0 ? global_buffer_shape.width() : shard_shape.width()};
}

std::shared_ptr<MeshBuffer> MeshBuffer::create(const MeshBufferConfig& config,
                                               const DeviceLocalBufferConfig& local,
                                               MeshDevice* mesh_device,
                                               std::optional<DeviceAddr> address) {
    TT_FATAL(mesh_device != nullptr, "a mesh buffer needs a mesh");
    return std::shared_ptr<MeshBuffer>(new MeshBuffer(config, local, *mesh_device, address));
}

// All devices must give the same address. Where something else lies there on one of them, the
// others follow it upwards (downwards for what is filled from the top) until all agree.
MeshBuffer::MeshBuffer(const MeshBufferConfig& config, const DeviceLocalBufferConfig& local,
                       MeshDevice& mesh, std::optional<DeviceAddr> address)
    : config_(config),
      local_(local),
      mesh_(mesh.weak_from_this()),
      local_size_(local_size(config, mesh)) {
    const auto create = [&](IDevice* device, std::optional<DeviceAddr> at) {
        return at ? Buffer::create(device, *at, local_size_, local.page_size, local.buffer_type,
                                   local.sharding_args, local.bottom_up)
                  : Buffer::create(device, local_size_, local.page_size, local.buffer_type,
                                   local.sharding_args, local.bottom_up);
    };
    const std::vector<IDevice*> devices = mesh.get_devices();
    TT_FATAL(!devices.empty(), "the mesh is closed");
    if (!address && devices.size() > 1) {
        // Where each would put it; those that differ are what the rest must leave free.
        std::vector<std::shared_ptr<Buffer>> tried;
        for (IDevice* device : devices) tried.push_back(create(device, std::nullopt));
        const bool upwards = local.bottom_up.value_or(local.buffer_type == BufferType::DRAM);
        address = tried.front()->address();
        for (const auto& buffer : tried) {
            address = upwards ? std::max<DeviceAddr>(*address, buffer->address())
                              : std::min<DeviceAddr>(*address, buffer->address());
        }
    }
    for (IDevice* device : devices) buffers_.push_back(create(device, address));
    address_ = buffers_.front()->address();
}

MeshDevice* MeshBuffer::device() const {
    const auto mesh = mesh_.lock();
    TT_FATAL(mesh != nullptr, "the mesh of the buffer is gone");
    return mesh.get();
}
DeviceAddr MeshBuffer::size() const {
    const auto* sharded = std::get_if<ShardedBufferConfig>(&config_);
    return sharded != nullptr ? sharded->global_size : local_size_;
}
MeshBufferLayout MeshBuffer::global_layout() const {
    return std::holds_alternative<ShardedBufferConfig>(config_) ? MeshBufferLayout::SHARDED
                                                                : MeshBufferLayout::REPLICATED;
}
const ShardedBufferConfig& MeshBuffer::global_shard_spec() const {
    const auto* sharded = std::get_if<ShardedBufferConfig>(&config_);
    TT_FATAL(sharded != nullptr, "the mesh buffer is replicated, not sharded");
    return *sharded;
}
Buffer* MeshBuffer::get_device_buffer(const MeshCoordinate& coord) const {
    return buffer_of(coord.to_linear_index(device()->shape()));
}
Buffer* MeshBuffer::buffer_of(std::size_t index) const {
    TT_FATAL(is_allocated(), "the mesh buffer was deallocated");
    return buffers_[index].get();
}
std::uint32_t MeshBuffer::num_pages() const {
    return static_cast<std::uint32_t>(local_size_ / local_.page_size);
}
std::uint32_t MeshBuffer::datum_size_bytes() const {
    return global_shard_spec().compute_datum_size_bytes();
}
Shape2D MeshBuffer::physical_shard_shape() const {
    return global_shard_spec().physical_shard_shape();
}
std::pair<bool, bool> MeshBuffer::replicated_dims() const {
    return global_shard_spec().replicated_dims();
}

}  // namespace tt::tt_metal::distributed
