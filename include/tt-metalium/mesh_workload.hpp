// Programs for parts of a mesh, which run at the same time.
#pragma once

#include <map>
#include <optional>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/program.hpp>

namespace tt::tt_metal::distributed {

class MeshWorkload {
public:
    /// Throws std::runtime_error if a device has a program already.
    void add_program(const MeshCoordinateRange& device_range, Program&& program);
    std::map<MeshCoordinateRange, Program>& get_programs() { return programs_; }
    const std::map<MeshCoordinateRange, Program>& get_programs() const { return programs_; }

private:
    std::map<MeshCoordinateRange, Program> programs_;
};

inline MeshWorkload CreateMeshWorkload() {
    return {};
}
/// The name of an older generation.
inline void AddProgramToMeshWorkload(MeshWorkload& workload, Program&& program,
                                     const MeshCoordinateRange& device_range) {
    workload.add_program(device_range, std::move(program));
}

}  // namespace tt::tt_metal::distributed
