// A point in the command queues of a mesh, one for each of its devices.
#pragma once

#include <cstdint>
#include <tt-metalium/mesh_coord.hpp>
#include <utility>
#include <vector>

#include "tilewright/runtime/queue.hpp"

namespace tt::tt_metal::distributed {

class MeshDevice;

class MeshEvent {
public:
    MeshEvent(std::uint32_t id, MeshDevice* device, std::uint32_t mesh_cq_id,
              MeshCoordinateRange range, std::vector<tilewright::Event> native)
        : id_(id),
          device_(device),
          mesh_cq_id_(mesh_cq_id),
          range_(std::move(range)),
          native_(std::move(native)) {}
    std::uint32_t id() const { return id_; }
    MeshDevice* device() const { return device_; }
    std::uint32_t mesh_cq_id() const { return mesh_cq_id_; }
    const MeshCoordinateRange& device_range() const { return range_; }
    const std::vector<tilewright::Event>& native() const { return native_; }

private:
    std::uint32_t id_;
    MeshDevice* device_;
    std::uint32_t mesh_cq_id_;
    MeshCoordinateRange range_;
    std::vector<tilewright::Event> native_;  // of the devices of the range, in its order
};

}  // namespace tt::tt_metal::distributed
