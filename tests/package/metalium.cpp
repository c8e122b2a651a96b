// A program for TT-Metalium against tilewright::metalium, with nothing but
// find_package(tilewright).
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/tt_metal.hpp>

using namespace tt::tt_metal;

int main() {
    auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    Program program = CreateProgram();
    constexpr CoreCoord core = {1, 2};
    const KernelHandle kernel = CreateKernelFromString(
        program,
        "#include \"api/dataflow/dataflow_api.h\"\n"
        "void kernel_main() { *(volatile uint32_t*)0x20000 = get_arg_val<uint32_t>(0) * 6; }\n",
        core, DataMovementConfig{});
    SetRuntimeArgs(program, kernel, core, {7});
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    distributed::EnqueueMeshWorkload(mesh->mesh_command_queue(), workload, true);
    std::vector<std::uint32_t> words;
    detail::ReadFromDeviceL1(mesh->get_devices()[0], core, 0x20000, 4, words);
    fmt::print("{}\n", words[0]);
    return mesh->close() && words[0] == 42 ? 0 : 1;
}
