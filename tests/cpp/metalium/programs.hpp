// What the tests of the TT-Metalium frontend share: meshes, buffers and programs in few words.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/tt_metal.hpp>
#include <vector>

#include "message_of.hpp"

namespace tt::tt_metal::test {

using tilewright::message_of;

using distributed::MeshBuffer;
using distributed::MeshDevice;

inline std::shared_ptr<MeshBuffer> make_buffer(MeshDevice& mesh, DeviceAddr size,
                                               DeviceAddr page_size,
                                               BufferType type = BufferType::DRAM) {
    return MeshBuffer::create(
        distributed::ReplicatedBufferConfig{.size = size},
        distributed::DeviceLocalBufferConfig{.page_size = page_size, .buffer_type = type}, &mesh);
}

inline std::vector<std::uint32_t> counting(std::size_t count, std::uint32_t first = 0) {
    std::vector<std::uint32_t> words(count);
    std::iota(words.begin(), words.end(), first);
    return words;
}

/// A kernel whose body is `body`.
inline KernelHandle add_kernel(Program& program, const std::string& body, const CoreSpec& cores,
                               const DataMovementConfig& config = {}) {
    return CreateKernelFromString(program,
                                  "#include <cstdint>\n#include \"dataflow_api.h\"\n"
                                  "#include \"debug/dprint.h\"\n"
                                  "void kernel_main() {\n" +
                                      body + "\n}\n",
                                  cores, config);
}

inline void run(MeshDevice& mesh, Program&& program, bool blocking = true) {
    distributed::MeshWorkload workload;
    workload.add_program(distributed::MeshCoordinateRange(mesh.shape()), std::move(program));
    distributed::EnqueueMeshWorkload(mesh.mesh_command_queue(), workload, blocking);
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

}  // namespace tt::tt_metal::test
