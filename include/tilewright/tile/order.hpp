// Who is who in the event queue: in a cycle the lower numbers go first.
#pragma once

#include <cstdint>

namespace tilewright {

// What arrives in a cycle comes before the cores' turn, and the host comes last.
inline constexpr std::uint32_t fabric_component = 0;
inline constexpr std::uint32_t engine_component = 1;
inline constexpr std::uint32_t device_component = 2;
inline constexpr std::uint32_t first_core_component = 3;
inline constexpr std::uint32_t host_component = ~0u;

constexpr std::uint32_t component_of(std::uint32_t core) {
    return core + first_core_component;
}
constexpr std::uint32_t core_of(std::uint32_t component) {
    return component - first_core_component;
}

}  // namespace tilewright
