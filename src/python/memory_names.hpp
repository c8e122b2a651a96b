// The kinds of memories and engines by the names that Python gives them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tilewright/base/error.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright::python {

inline constexpr std::array<std::string_view, memory_kind_count> memory_names = {
    "host", "dram", "l3", "l2", "scratchpad", "l1_buffer", "page_buffer", "tile_l1"};
inline constexpr std::array<std::string_view, engine_kind_count> engine_names = {
    "dma", "block_mover", "streamer", "systolic_array"};

/// The place of a name among others; ArgumentError lists them otherwise.
template <std::size_t n>
std::size_t find_name(const char* what, std::string_view wanted,
                      const std::array<std::string_view, n>& names) {
    std::string known;
    for (std::size_t i = 0; i < n; ++i) {
        if (names[i] == wanted) return i;
        known += (i == 0 ? "" : ", ") + std::string(names[i]);
    }
    throw ArgumentError("no " + std::string(what) + " called '" + std::string(wanted) +
                        "'; expected one of: " + known);
}

inline MemoryKind memory_kind(std::string_view name) {
    return static_cast<MemoryKind>(find_name("memory", name, memory_names));
}
inline std::string_view name_of(MemoryKind kind) {
    return memory_names[static_cast<std::size_t>(kind)];
}
inline EngineKind engine_kind(std::string_view name) {
    return static_cast<EngineKind>(find_name("engine", name, engine_names));
}

}  // namespace tilewright::python
