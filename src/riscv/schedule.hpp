// The static cost of a block: the rule stands in tilewright/riscv/code.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "block.hpp"
#include "tilewright/riscv/code_counts.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright::riscv {

struct Schedule {
    std::vector<Slot> slots;  ///< one more than instructions
    std::uint32_t cost = 0;   ///< of the block, without penalties and misprediction
    std::uint32_t bound = 0;  ///< cost plus the largest penalties, device registers left out
};

/// Cycles of a schedule in which nothing issues, by instructions of the block.
struct Stall {
    std::uint32_t waits = 0;  ///< who comes after it
    std::uint32_t by = 0;     ///< who makes what it waits for, or holds the issue
    std::uint32_t cycles = 0;
    Lost reason{};
};

/// With `stalls`, also why it is no shorter.
Schedule schedule(std::span<const Decoded> block, const Timing& timing,
                  std::vector<Stall>* stalls = nullptr);

/// The rule of divisions with the numbers that it needs, taken out of a Timing.
struct DivideCost {
    std::uint32_t base = 0;     ///< what the static schedule counts for every division
    std::uint32_t trivial = 0;  ///< beyond base
    std::uint32_t least = 0;    ///< beyond base
    std::uint32_t range = 0;    ///< from a division by one digit to the longest one
    std::uint32_t most = 0;     ///< beyond base

    static DivideCost of(const Timing& timing);

    /// Cycles beyond the static schedule: one for each bit of the dividend's digits of four bits
    /// but the lowest.
    std::uint32_t extra(std::uint32_t magnitude, bool is_trivial) const {
        if (is_trivial) return trivial;
        const auto top = static_cast<std::uint32_t>(std::bit_width(magnitude | 1)) - 1;
        return least + std::min(top & ~3u, range);
    }
};

}  // namespace tilewright::riscv
