#include "tilewright/memory/dram_bank.hpp"

#include <algorithm>

namespace tilewright {

std::uint64_t dram_access(DramBank& bank, const DramTiming& timing, std::uint64_t cycle,
                          std::uint64_t address, std::uint32_t bytes, bool write) {
    const std::uint64_t start = std::max(cycle, bank.free_at);
    bank.queued_cycles += start - cycle;

    if (bank.open_rows.empty()) bank.open_rows.assign(timing.open_rows, 0);
    const std::uint64_t first_row = address / timing.row_bytes;
    const std::uint64_t last_row = (address + bytes - 1) / timing.row_bytes;
    std::uint32_t latency = timing.row_hit_cycles;
    for (std::uint64_t row = first_row; row <= last_row; ++row) {
        std::uint64_t& open = bank.open_rows[row % timing.open_rows];
        if (open == row + 1) {
            ++bank.row_hits;
            continue;
        }
        ++bank.row_misses;
        open = row + 1;
        if (row == first_row) latency = timing.row_miss_cycles;
    }

    const std::uint64_t burst = (bytes + timing.bytes_per_cycle - 1) / timing.bytes_per_cycle;
    bank.free_at = start + burst;
    bank.busy_cycles += burst;
    (write ? bank.writes : bank.reads) += 1;
    (write ? bank.bytes_written : bank.bytes_read) += bytes;
    return start + latency + burst;
}

}  // namespace tilewright
