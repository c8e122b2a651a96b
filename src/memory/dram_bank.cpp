#include "tilewright/memory/dram_bank.hpp"

#include <algorithm>

namespace tilewright {

std::uint32_t dram_rows(DramBank& bank, const DramTiming& timing, std::uint64_t address,
                        std::uint64_t bytes, bool write) {
    (write ? bank.writes : bank.reads) += 1;
    (write ? bank.bytes_written : bank.bytes_read) += bytes;
    if (bytes == 0) return timing.row_hit_cycles;
    if (bank.open_rows.empty()) bank.open_rows.assign(timing.open_rows, 0);
    const std::uint64_t first_row = address / timing.row_bytes;
    const std::uint64_t end = address - first_row * timing.row_bytes + bytes;  // in that row
    const std::uint64_t last_row =
        end <= timing.row_bytes ? first_row : first_row + (end - 1) / timing.row_bytes;
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
    return latency;
}

std::uint64_t dram_access(DramBank& bank, const DramTiming& timing, std::uint64_t cycle,
                          std::uint64_t address, std::uint32_t bytes, bool write) {
    const std::uint64_t start = std::max(cycle, bank.free.rounded_up());
    bank.queued_cycles += start - cycle;
    const std::uint32_t latency = dram_rows(bank, timing, address, bytes, write);
    const std::uint64_t burst = after({0, 0, timing.rate.bytes}, bytes, timing.rate).rounded_up();
    bank.free = {start + burst, 0, timing.rate.bytes};
    bank.busy_cycles += burst;
    bank.served = std::max(start + latency, bank.served) + burst;
    return write && timing.accept_cycles != 0 ? start + timing.accept_cycles : bank.served;
}

void dram_burst(DramBank& bank, const DramTiming& timing, const Moment& asked, const Moment& start,
                std::uint64_t bytes) {
    bank.queued_cycles += start.cycle - asked.cycle;
    bank.free = after(last_before(start, timing.rate), bytes, timing.rate);
    bank.busy_cycles += bank.free.cycle - start.cycle;
}

}  // namespace tilewright
