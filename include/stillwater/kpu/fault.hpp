// A defect that a simulated unit is given, for tests of what finds defects.
#pragma once

#include <cstdint>
#include <string>

namespace stillwater::kpu {

/// In a memory, one bit is stuck at 1. An engine delivers one bit of every result wrong.
struct Fault {
    /// "host_memory", "memory_bank", "l3_tile", "l2_bank", "l1_buffer", "scratchpad",
    /// "page_buffer", "dma_engine", "block_mover", "streamer" or "compute_tile".
    std::string unit;
    std::uint64_t index = 0;   ///< number of the unit among those of its kind
    std::uint64_t offset = 0;  ///< of the byte: in the memory; in a result, modulo its length
    std::uint32_t bit = 0;     ///< in the byte
    bool operator==(const Fault&) const = default;
};

}  // namespace stillwater::kpu
