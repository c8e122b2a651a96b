// Fifty pages go from one DRAM buffer through the L1 of a tile into another, and must come back
// equal. Says how long all of it took, from opening the device to the last comparison.
#include <chrono>
#include <random>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/tensor_accessor_args.hpp>

using namespace tt::tt_metal;

int main() {
    const auto start = std::chrono::steady_clock::now();
    auto mesh = distributed::MeshDevice::create_unit_mesh(0);
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();

    constexpr std::uint32_t pages = 50;
    constexpr std::uint32_t page_bytes = sizeof(bfloat16) * tt::constants::TILE_HW;
    const distributed::DeviceLocalBufferConfig dram{.page_size = page_bytes,
                                                    .buffer_type = BufferType::DRAM};
    const distributed::DeviceLocalBufferConfig l1{.page_size = page_bytes,
                                                  .buffer_type = BufferType::L1};
    const distributed::ReplicatedBufferConfig all{.size = pages * page_bytes};
    const distributed::ReplicatedBufferConfig one{.size = page_bytes};
    auto input = distributed::MeshBuffer::create(all, dram, mesh.get());
    auto output = distributed::MeshBuffer::create(all, dram, mesh.get());
    auto scratch = distributed::MeshBuffer::create(one, l1, mesh.get());

    std::vector<bfloat16> sent(pages * tt::constants::TILE_HW);
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(0.0f, 100.0f);
    for (bfloat16& value : sent) value = uniform(random);
    distributed::EnqueueWriteMeshBuffer(queue, input, sent, false);

    Program program = CreateProgram();
    constexpr CoreCoord core = {0, 0};
    std::vector<std::uint32_t> compile_args;
    TensorAccessorArgs(*input).append_to(compile_args);
    TensorAccessorArgs(*output).append_to(compile_args);
    const KernelHandle kernel =
        CreateKernel(program, "kernels/loopback.cpp", core,
                     DataMovementConfig{.processor = DataMovementProcessor::RISCV_0,
                                        .noc = NOC::RISCV_0_default,
                                        .compile_args = compile_args});
    SetRuntimeArgs(program, kernel, core,
                   {static_cast<std::uint32_t>(scratch->address()),
                    static_cast<std::uint32_t>(input->address()),
                    static_cast<std::uint32_t>(output->address()), pages});
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh->shape()), std::move(program));
    distributed::EnqueueMeshWorkload(queue, workload, false);

    std::vector<bfloat16> received;
    distributed::EnqueueReadMeshBuffer(queue, received, output, true);
    const bool equal = sent == received;
    const double milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{} pages of {} bytes {} in {:.1f} ms\n", pages, page_bytes,
               equal ? "came back equal" : "came back DIFFERENT", milliseconds);
    return mesh->close() && equal ? 0 : 1;
}
