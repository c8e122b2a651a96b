// A device that stays open: a hundred workloads in a row on one, each with a message that comes
// back twice, over DRAM and in pinned memory of the host; then it is closed and opened again, three
// times.
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/experimental/pinned_memory.hpp>
#include <tt-metalium/host_api.hpp>

using namespace tt::tt_metal;
using experimental::PinnedMemory;

namespace {

constexpr std::size_t message_bytes = 256;

/// One workload; true if both copies say what they should.
bool run_once(const std::shared_ptr<distributed::MeshDevice>& mesh, std::uint32_t number) {
    distributed::MeshCommandQueue& queue = mesh->mesh_command_queue();
    auto buffer = distributed::MeshBuffer::create(
        distributed::ReplicatedBufferConfig{.size = message_bytes},
        distributed::DeviceLocalBufferConfig{.page_size = message_bytes,
                                             .buffer_type = BufferType::DRAM},
        mesh.get());
    auto here = std::make_shared<std::vector<char>>(message_bytes);
    HostBuffer host(here);
    const distributed::MeshCoordinateRange all(mesh->shape());
    const auto pinned =
        PinnedMemory::Create(*mesh, distributed::MeshCoordinateRangeSet(all), host, true);
    const std::uint64_t noc_address = pinned->get_noc_addr(mesh->get_device_ids().front())->addr;

    Program program = CreateProgram();
    constexpr CoreCoord core = {0, 0};
    const KernelHandle kernel = CreateKernel(program, "kernels/persistent.cpp", core,
                                             DataMovementConfig{.defines = {{"BYTES", "256"}}});
    SetRuntimeArgs(
        program, kernel, core,
        {static_cast<std::uint32_t>(buffer->address()), number,
         static_cast<std::uint32_t>(noc_address), static_cast<std::uint32_t>(noc_address >> 32)});
    distributed::MeshWorkload workload;
    workload.add_program(all, std::move(program));
    distributed::EnqueueMeshWorkload(queue, workload, false);
    distributed::Finish(queue);

    std::vector<char> read;
    distributed::EnqueueReadMeshBuffer(queue, read, buffer, true);
    const std::string expected = "message " + std::to_string(number);
    return expected == read.data() && expected == here->data();
}

}  // namespace

int main() {
    for (int opened = 1; opened <= 3; ++opened) {
        auto mesh = distributed::MeshDevice::create_unit_mesh(0);
        for (std::uint32_t number = 0; number < 100; ++number) {
            if (run_once(mesh, number)) continue;
            fmt::print("workload {} came back wrong\n", number);
            return 1;
        }
        mesh->close();
        fmt::print("opened {} times: 100 workloads, each read from DRAM and seen in place\n",
                   opened);
    }
    return 0;
}
