// What a simulator has counted since it was made or reset.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stillwater::kpu {

struct EngineStatistics {
    std::string name;  ///< "dma0", "block_mover1", "streamer2", "systolic3"
    std::string kind;
    std::uint64_t commands = 0;      ///< that have ended
    std::uint64_t busy_cycles = 0;   ///< from the start of a command to its end, summed
    std::uint64_t stall_cycles = 0;  ///< of the busy ones, those in which a resource was waited for
    std::uint64_t bytes = 0;         ///< moved
    std::uint64_t macs = 0;          ///< multiply-accumulates carried out
    double bytes_per_cycle = 0;      ///< the most it can move; 0 if it moves nothing
    std::uint64_t macs_per_cycle = 0;  ///< the most it can do; 0 if it does no arithmetic
};

struct MemoryStatistics {
    std::string name;  ///< "host0", "external1", "l3_2", ...
    std::string kind;
    std::uint64_t base = 0;           ///< global address
    std::uint64_t capacity = 0;       ///< bytes
    std::uint64_t bytes_read = 0;     ///< by engines
    std::uint64_t bytes_written = 0;  ///< by engines
    double bytes_per_cycle = 0;       ///< the most it can take or give
};

/// A command of an engine that has ended.
struct CommandRecord {
    std::string engine;
    std::string operation;
    std::uint64_t start = 0;  ///< cycle
    std::uint64_t end = 0;    ///< cycle; the engine was free again then
    std::uint64_t bytes = 0;
    std::uint64_t source = 0;       ///< global address
    std::uint64_t destination = 0;  ///< global address
};

struct Statistics {
    std::uint64_t cycles = 0;
    double clock_mhz = 0;
    double elapsed_ms = 0;  ///< simulated: cycles at the clock
    double host_ms = 0;     ///< what simulating them took
    std::vector<EngineStatistics> engines;
    std::vector<MemoryStatistics> memories;
    std::vector<CommandRecord> commands;  ///< the latest, in the order in which they ended
    std::uint64_t commands_left_out = 0;  ///< earlier ones, which are in the sums above only
};

}  // namespace stillwater::kpu
