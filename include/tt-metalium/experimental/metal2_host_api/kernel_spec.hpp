// A kernel of a program: its source, what it is bound to and under which names, the names of its
// arguments, and where on a tile it runs. The kernel says dfb::x, sem::x, scratch::x and args::x.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tt-metalium/experimental/metal2_host_api/compute_hardware_config.hpp>
#include <tt-metalium/experimental/metal2_host_api/data_movement_hardware_config.hpp>
#include <tt-metalium/experimental/metal2_host_api/dataflow_buffer_spec.hpp>
#include <tt-metalium/experimental/metal2_host_api/scratchpad_spec.hpp>
#include <tt-metalium/experimental/metal2_host_api/semaphore_spec.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace tt::tt_metal::experimental {

using KernelSpecName = ttsl::StrongType<std::string, struct KernelSpecNameTag>;

struct KernelSpec {
    KernelSpecName unique_id{};

    struct SourceCode {
        std::string code;
    };
    std::variant<std::filesystem::path, SourceCode> source{};
    std::uint32_t num_threads = 1;  ///< 1 on the chips that there are

    struct CompilerOptions {
        using IncludePaths = std::vector<std::filesystem::path>;
        using Defines = Table<std::string, std::string>;
        using OptLevel = KernelBuildOptLevel;
        IncludePaths include_paths{};
        Defines defines{};
        OptLevel opt_level = OptLevel::O2;
    };
    CompilerOptions compiler_options{};

    struct DFBBinding {
        enum class EndpointType { PRODUCER, CONSUMER };
        enum class AccessPattern { STRIDED, ALL, BLOCKED };
        DFBSpecName dfb_spec_name{};
        std::string accessor_name{};
        EndpointType endpoint_type = EndpointType::PRODUCER;
        AccessPattern access_pattern = AccessPattern::STRIDED;
    };
    Group<DFBBinding> dfb_bindings{};

    struct SemaphoreBinding {
        SemaphoreSpecName semaphore_spec_name{};
        std::string accessor_name{};
    };
    Group<SemaphoreBinding> semaphore_bindings{};

    struct ScratchpadBinding {
        ScratchpadSpecName scratchpad_spec_name{};
        std::string accessor_name{};
    };
    Group<ScratchpadBinding> scratchpad_bindings{};

    using CompileTimeArgs = Table<std::string, std::uint32_t>;
    CompileTimeArgs compile_time_args{};

    struct RuntimeArgSchema {
        Group<std::string> runtime_arg_names{};
        Group<std::string> common_runtime_arg_names{};
    };
    RuntimeArgSchema runtime_arg_schema{};

    std::variant<DataMovementHardwareConfig, ComputeHardwareConfig> hw_config{};
    KernelAdvancedOptions advanced_options{};

    bool is_data_movement_kernel() const {
        return std::holds_alternative<DataMovementHardwareConfig>(hw_config);
    }
    bool is_compute_kernel() const {
        return std::holds_alternative<ComputeHardwareConfig>(hw_config);
    }
};

using DFBBinding = KernelSpec::DFBBinding;
using DFBEndpointType = DFBBinding::EndpointType;
using DFBAccessPattern = DFBBinding::AccessPattern;
using SemaphoreBinding = KernelSpec::SemaphoreBinding;
using ScratchpadBinding = KernelSpec::ScratchpadBinding;

inline DFBBinding ProducerOf(DFBSpecName buffer, std::string accessor_name) {
    return {std::move(buffer), std::move(accessor_name), DFBEndpointType::PRODUCER};
}
inline DFBBinding ConsumerOf(DFBSpecName buffer, std::string accessor_name) {
    return {std::move(buffer), std::move(accessor_name), DFBEndpointType::CONSUMER};
}
inline DFBBinding StridedConsumerOf(DFBSpecName buffer, std::string accessor_name) {
    return ConsumerOf(std::move(buffer), std::move(accessor_name));
}
inline DFBBinding AllConsumerOf(DFBSpecName buffer, std::string accessor_name) {
    return {std::move(buffer), std::move(accessor_name), DFBEndpointType::CONSUMER,
            DFBAccessPattern::ALL};
}

}  // namespace tt::tt_metal::experimental
