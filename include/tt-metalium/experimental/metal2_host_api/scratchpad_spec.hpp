// Memory in L1 for one kernel's own use, on each node where it runs.
#pragma once

#include <cstdint>
#include <string>
#include <tt_stl/strong_type.hpp>

namespace tt::tt_metal::experimental {

using ScratchpadSpecName = ttsl::StrongType<std::string, struct ScratchpadSpecNameTag>;

struct ScratchpadSpec {
    ScratchpadSpecName unique_id{};
    std::uint32_t size_per_node = 0;  ///< bytes
};

}  // namespace tt::tt_metal::experimental
