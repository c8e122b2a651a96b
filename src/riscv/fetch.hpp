// What a loop that is longer than the instruction cache misses, iteration after iteration. The rule
// stands in tilewright/riscv/code.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tilewright::riscv {

constexpr std::uint32_t fetch_line = 16;  // bytes
constexpr std::uint32_t fetch_ways = 2;

/// Lines of the text from `first` to `end`, but no more than so many instructions can fill.
constexpr std::uint32_t fetched_lines(std::uint32_t first, std::uint32_t end,
                                      std::uint64_t instructions) {
    const std::uint32_t lines = (end - 1) / fetch_line - first / fetch_line + 1;
    const std::uint64_t filled = instructions / (fetch_line / 4) + 1;
    return filled < lines ? static_cast<std::uint32_t>(filled) : lines;
}

/// Of so many lines in a row that are fetched in turn for ever: those that a cache of that many
/// bytes has lost when their turn comes again. A set that more lines share than it has ways loses
/// all of them, as the one that is needed next is the one that was unused longest.
constexpr std::uint32_t missed_lines(std::uint32_t lines, std::uint32_t cache_bytes) {
    const std::uint32_t sets = std::max(cache_bytes / fetch_line / fetch_ways, 1u);
    const std::uint32_t each = lines / sets;
    const std::uint32_t more = lines % sets;  // sets that have one more than that
    std::uint32_t missed = 0;
    if (each > fetch_ways) missed += (sets - more) * each;
    if (each + 1 > fetch_ways) missed += more * (each + 1);
    return missed;
}

}  // namespace tilewright::riscv
