// A whole program as data: kernels, what they share, and the nodes where they run.
#pragma once

#include <string>
#include <tt-metalium/experimental/metal2_host_api/kernel_spec.hpp>

namespace tt::tt_metal::experimental {

/// Kernels that run together on each of some nodes.
struct WorkUnitSpec {
    std::string name{};
    Group<KernelSpecName> kernels{};
    Nodes target_nodes{};
};

struct ProgramSpec {
    std::string name{};
    Group<KernelSpec> kernels{};
    Group<DataflowBufferSpec> dataflow_buffers{};
    Group<SemaphoreSpec> semaphores{};
    Group<ScratchpadSpec> scratchpads{};
    Group<WorkUnitSpec> work_units{};
};

}  // namespace tt::tt_metal::experimental
