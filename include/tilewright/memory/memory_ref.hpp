// The memories of a chip by kind and number.
#pragma once

#include <cstdint>
#include <string>

#include "tilewright/base/export.hpp"

namespace tilewright {

enum class MemoryKind : std::uint8_t {
    host,         ///< a region of the host's memory that the chip reaches
    dram,         ///< an external bank
    l3,           ///< an L3 tile
    l2,           ///< an L2 bank
    scratchpad,   ///< next to the compute tiles
    l1_buffer,    ///< what feeds an array
    page_buffer,  ///< small, for pages on their way
    tile_l1,      ///< the L1 of a worker tile
};
constexpr MemoryKind last_of(MemoryKind) {
    return MemoryKind::tile_l1;
}
inline constexpr std::uint32_t memory_kind_count =
    static_cast<std::uint32_t>(last_of(MemoryKind{})) + 1;

/// A byte in one of them.
struct MemoryRef {
    MemoryKind kind = MemoryKind::host;
    std::uint32_t index = 0;   ///< number of the memory among those of its kind
    std::uint64_t offset = 0;  ///< in that memory
    bool operator==(const MemoryRef&) const = default;
};

/// "DRAM bank", "L3 tile", ...
TILEWRIGHT_API const char* memory_name(MemoryKind kind);

/// "DRAM bank 1" and the like.
TILEWRIGHT_API std::string memory_name(MemoryKind kind, std::uint32_t index);

}  // namespace tilewright
