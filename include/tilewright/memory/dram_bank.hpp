// When one DRAM bank has served an access: a bus that is busy, rows that are open or not.
//
// First come, first served. An access waits until the bank's bus is free, pays the latency of an
// open or a closed row once, and then holds the bus for ceil(bytes / rate) cycles; further rows of
// the same burst are opened behind it. Accesses of the network are served in the order in which
// they came: one that finds its row open is not done before one ahead of it that had to open its
// own, and its bytes follow those of that one. Where accept_cycles are given, a write is done so
// long after its turn on the bus has come: the bank has its bytes then, and brings them into the
// row behind that. Bursts of one long transfer follow each other without rounding. Refresh and bus
// turn-around are left out.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/base/rate.hpp"

namespace tilewright {

struct DramTiming {
    Rate rate;
    std::uint32_t row_bytes = 2048;
    std::uint32_t open_rows = 1;
    std::uint32_t row_hit_cycles = 0;
    std::uint32_t row_miss_cycles = 0;
    std::uint32_t accept_cycles = 0;  ///< of writes; 0: they are done when they are written
};

struct DramBank {
    Moment free;                           ///< from when on the bus is free
    std::uint64_t served = 0;              ///< when the last access of dram_access() is done
    std::vector<std::uint64_t> open_rows;  ///< per slot the row that is open, plus one; 0: none
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t row_hits = 0;
    std::uint64_t row_misses = 0;
    std::uint64_t busy_cycles = 0;    ///< the bus moved data
    std::uint64_t queued_cycles = 0;  ///< accesses waited for the bus
};

template <class Archive>
void fields(Archive& archive, DramBank& b) {
    archive(b.free, b.served, b.open_rows, b.reads, b.writes, b.bytes_read, b.bytes_written,
            b.row_hits, b.row_misses, b.busy_cycles, b.queued_cycles);
}

/// Reserve the bank for an access that arrives at `cycle`; returns the cycle at which it is done: a
/// read's bytes have come, a write can be acknowledged.
std::uint64_t dram_access(DramBank& bank, const DramTiming& timing, std::uint64_t cycle,
                          std::uint64_t address, std::uint32_t bytes, bool write);

/// Hold the bus for one burst of a longer transfer, from `start` on, when it is free. The transfer
/// has waited since `asked`. `bytes` may be 0.
void dram_burst(DramBank& bank, const DramTiming& timing, const Moment& asked, const Moment& start,
                std::uint64_t bytes);

/// Open the rows of an access that is under way and count it; returns the latency of the first.
std::uint32_t dram_rows(DramBank& bank, const DramTiming& timing, std::uint64_t address,
                        std::uint64_t bytes, bool write);

}  // namespace tilewright
