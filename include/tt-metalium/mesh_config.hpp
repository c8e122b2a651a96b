// Which devices make a mesh.
#pragma once

#include <optional>
#include <tt-metalium/hal_types.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <utility>
#include <vector>

namespace tt::tt_metal::distributed {

/// The devices named, or those of the simulated system from `offset` on; its whole shape if none is
/// given.
class MeshDeviceConfig {
public:
    MeshDeviceConfig(const std::optional<MeshShape>& shape = std::nullopt,
                     const std::optional<MeshCoordinate>& offset = std::nullopt,
                     std::vector<ChipId> device_ids = {})
        : shape_(shape), offset_(offset), ids_(std::move(device_ids)) {}
    const std::optional<MeshShape>& mesh_shape() const { return shape_; }
    const std::optional<MeshCoordinate>& offset() const { return offset_; }
    const std::vector<ChipId>& physical_device_ids() const { return ids_; }

private:
    std::optional<MeshShape> shape_;
    std::optional<MeshCoordinate> offset_;
    std::vector<ChipId> ids_;
};

}  // namespace tt::tt_metal::distributed
