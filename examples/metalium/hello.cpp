// Both data-movement cores of two tiles say hello.
#include <tt-metalium/device.hpp>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>

using namespace tt::tt_metal;

int main() {
    auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();

    Program program = CreateProgram();
    const CoreRange cores({0, 0}, {1, 0});
    const auto add = [&](DataMovementProcessor processor, NOC noc, std::uint32_t number) {
        const KernelHandle kernel =
            CreateKernel(program, "kernels/hello.cpp", cores,
                         DataMovementConfig{.processor = processor, .noc = noc});
        SetRuntimeArgs(program, kernel, cores, {number});
    };
    add(DataMovementProcessor::RISCV_0, NOC::RISCV_0_default, 1);
    add(DataMovementProcessor::RISCV_1, NOC::RISCV_1_default, 2);

    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    distributed::EnqueueMeshWorkload(queue, workload, false);
    distributed::Finish(queue);
    return mesh->close() ? 0 : 1;
}
