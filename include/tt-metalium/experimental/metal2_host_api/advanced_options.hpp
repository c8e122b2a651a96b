// Arguments without names, and options that few programs need.
#pragma once

#include <cstdint>
#include <string>
#include <tt-metalium/experimental/metal2_host_api/node_coord.hpp>
#include <tt-metalium/experimental/metal2_host_api/utility/group.hpp>
#include <tt-metalium/experimental/metal2_host_api/utility/table.hpp>
#include <tt_stl/strong_type.hpp>
#include <vector>

namespace tt::tt_metal::experimental {

using DFBSpecName = ttsl::StrongType<std::string, struct DFBSpecNameTag>;

struct KernelAdvancedOptions {
    /// Carried: arguments keep their values until they are set again.
    Group<std::string> enqueue_invariant_runtime_args{};
    Group<std::string> enqueue_invariant_common_runtime_args{};
    /// How many arguments get_vararg() and get_common_vararg() read.
    std::uint32_t num_runtime_varargs = 0;
    std::uint32_t num_common_runtime_varargs = 0;
};

struct DFBAdvancedOptions {
    /// Buffers that share this one's memory; each names all others. All have the same size.
    Group<DFBSpecName> alias_with{};
};

struct AdvancedKernelRunArgs {
    using Varargs = std::vector<std::uint32_t>;
    Table<NodeCoord, Varargs> runtime_varargs{};
    Varargs common_runtime_varargs{};
};

struct SemaphoreAdvancedOptions {
    std::uint32_t initial_value = 0;
};

}  // namespace tt::tt_metal::experimental
