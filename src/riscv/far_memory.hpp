// What a block waits for if its loads and stores go to far memory, worked out when it is decoded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "block.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright::riscv {

/// By instruction of the block.
struct FarMemory {
    std::vector<std::uint32_t> slack;  ///< of a load: latency that costs nothing, load_near or more
    std::vector<std::uint32_t> stall;  ///< of a store: cycles until the store queue takes it
};

/// `slots` is the schedule of the same block with all its memory near.
FarMemory far_memory(std::span<const Decoded> block, std::span<const Slot> slots,
                     const Timing& timing);

}  // namespace tilewright::riscv
