// Programs of a ProgramSpec. What a specification or a list of values lacks, names twice or has too
// much is a std::runtime_error that names it.
#pragma once

#include <tt-metalium/experimental/metal2_host_api/program_run_args.hpp>
#include <tt-metalium/experimental/metal2_host_api/program_spec.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/mesh_workload.hpp>
#include <tt-metalium/program.hpp>

namespace tt::tt_metal::experimental {

/// Every specification is looked at, whatever `skip_validation` says.
Program MakeProgramFromSpec(distributed::MeshDevice& mesh_device, const ProgramSpec& spec,
                            bool skip_validation = false);
distributed::MeshWorkload MakeMeshWorkloadFromSpec(distributed::MeshDevice& mesh_device,
                                                   const ProgramSpec& program_spec,
                                                   bool skip_validation = false);

/// All arguments of all kernels.
void SetProgramRunArgs(Program& program, const ProgramRunArgs& params,
                       bool skip_validation = false);
/// Some of them; the others keep their values.
void UpdateProgramRunArgs(Program& program, const ProgramRunArgs& params,
                          bool skip_validation = false);

}  // namespace tt::tt_metal::experimental
