// A semaphore of a program, on the nodes that it says.
#pragma once

#include <string>
#include <tt-metalium/experimental/metal2_host_api/advanced_options.hpp>

namespace tt::tt_metal::experimental {

using SemaphoreSpecName = ttsl::StrongType<std::string, struct SemaphoreSpecNameTag>;

struct SemaphoreSpec {
    SemaphoreSpecName unique_id{};
    Nodes target_nodes{};
    SemaphoreAdvancedOptions advanced_options{};
};

}  // namespace tt::tt_metal::experimental
