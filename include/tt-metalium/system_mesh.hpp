// The devices that can be opened: eight simulated chips, as two rows of four.
#pragma once

#include <tt-metalium/mesh_coord.hpp>

namespace tt::tt_metal::distributed {

class SystemMesh {
public:
    static SystemMesh& instance();
    const MeshShape& shape() const { return shape_; }
    const MeshShape& local_shape() const { return shape_; }

private:
    SystemMesh() = default;
    MeshShape shape_{2, 4};
};

}  // namespace tt::tt_metal::distributed
