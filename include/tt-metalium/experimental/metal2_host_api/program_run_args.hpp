// What a program of a ProgramSpec is given anew for each run: values of its kernels' arguments.
#pragma once

#include <cstdint>
#include <string>
#include <tt-metalium/experimental/metal2_host_api/kernel_spec.hpp>

namespace tt::tt_metal::experimental {

struct ProgramRunArgs {
    struct KernelRunArgs {
        KernelSpecName kernel{};
        using NamedRuntimeArgs = Table<std::string, std::uint32_t>;
        /// For every node where the kernel runs, a value for every name.
        using NodeRuntimeArgs = std::pair<NodeCoord, NamedRuntimeArgs>;
        Table<NodeCoord, NamedRuntimeArgs> runtime_arg_values{};
        NamedRuntimeArgs common_runtime_arg_values{};
        AdvancedKernelRunArgs advanced_options{};
    };
    Group<KernelRunArgs> kernel_run_args{};
};

using KernelRunArgs = ProgramRunArgs::KernelRunArgs;

inline Table<NodeCoord, KernelRunArgs::NamedRuntimeArgs> MakeRuntimeArgsForSingleNode(
    const NodeCoord& node, KernelRunArgs::NamedRuntimeArgs values) {
    return {{node, std::move(values)}};
}

}  // namespace tt::tt_metal::experimental
