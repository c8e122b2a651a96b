#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

const char* memory_name(MemoryKind kind) {
    switch (kind) {
        case MemoryKind::host:
            return "host memory region";
        case MemoryKind::dram:
            return "DRAM bank";
        case MemoryKind::l3:
            return "L3 tile";
        case MemoryKind::l2:
            return "L2 bank";
        case MemoryKind::scratchpad:
            return "scratchpad";
        case MemoryKind::l1_buffer:
            return "L1 buffer";
        case MemoryKind::page_buffer:
            return "page buffer";
        case MemoryKind::tile_l1:
            return "L1 of tile";
    }
    return "";
}

std::string memory_name(MemoryKind kind, std::uint32_t index) {
    return std::string(memory_name(kind)) + " " + std::to_string(index);
}

}  // namespace tilewright
