// The number of a recorded trace.
#pragma once

#include <cstdint>

namespace tt::tt_metal::distributed {

struct MeshTraceId {
    std::uint32_t value = 0;
    constexpr MeshTraceId() = default;
    constexpr explicit MeshTraceId(std::uint32_t number) : value(number) {}
    constexpr std::uint32_t operator*() const { return value; }
    constexpr auto operator<=>(const MeshTraceId&) const = default;
};

}  // namespace tt::tt_metal::distributed
