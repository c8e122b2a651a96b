// Checks of what kernels do that cost host time and no cycles, so that they are off by default.
//
// With a check of memory on, a core's windows are empty, so that each of its loads and stores comes
// to the bus, which asks here; latencies stay those of the windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tilewright/memory/closed_ranges.hpp"
#include "tilewright/memory/memory_ref.hpp"
#include "tilewright/noc/noc.hpp"
#include "tilewright/tile/access_guard.hpp"
#include "tilewright/tile/in_flight.hpp"

namespace tilewright {

struct Surroundings;
struct Tile;

struct Checks {
    /// A stack that has grown into the globals of its own core is a fault at the next access.
    bool stack = false;
    /// A load, or a read over the network, none of whose bytes was written is a fault. What was in
    /// memory when the check was switched on counts as written, local memories as unwritten at each
    /// launch. So is any use of a semaphore that the program of the tile did not create.
    bool unwritten_reads = false;
    /// A kernel that ends before its writes are acknowledged is a fault.
    bool unflushed_writes = false;
    /// Using bytes that a NoC read in flight will write, changing bytes that a NoC write has still
    /// to take, and a kernel that ends before its reads are complete, are faults.
    bool missing_barriers = false;
    /// Stores beyond the pages of a circular buffer that were reserved, loads beyond those that
    /// were waited for, and pages that a kernel leaves behind, are faults. Made by the AccessGuard.
    bool circular_buffers = false;
    /// Two accesses that share a byte, of which one at least writes and that nothing puts in an
    /// order, are a fault at the later one (docs/memory-model.md).
    bool races = false;
    /// Any use of what lies in a buffer that was freed, a write into what lies behind a buffer up
    /// to where the next one may begin, and one of a kernel that was given buffers into another
    /// buffer, which no kernel under way was given (WriteRights), are faults. L1 that was freed is
    /// a kernel's own again if it starts later on that tile and no number among its arguments lies
    /// in it.
    bool buffers = false;

    bool operator==(const Checks&) const = default;
    static constexpr Checks all() { return {true, true, true, true, true, true, true}; }
    /// Those for which local memory has to be looked at, too.
    bool of_memory() const {
        return stack || unwritten_reads || missing_barriers || circular_buffers || buffers;
    }
};

/// Which are made, and what they remember.
struct AccessChecks {
    Checks enabled;
    std::optional<InFlight> landing;     ///< while missing barriers are checked: of reads
    std::optional<InFlight> leaving;     ///< ... and of writes
    std::unique_ptr<AccessGuard> guard;  ///< while circular buffers are checked
    WriteRights rights;                  ///< while buffers are checked

    /// Nothing is in flight, as far as is known.
    void restart(std::size_t tiles) {
        landing.reset();
        leaving.reset();
        rights.clear();
        if (guard) guard->restart();
        if (!enabled.missing_barriers) return;
        landing.emplace(tiles);
        leaving.emplace(tiles);
    }
};

// What a check finds it throws as BusRefusal, or as CoreFault where no instruction is to blame.

void check_stack(const Tile& tile, std::uint32_t processor);
void check_load(const Tile& tile, const std::byte* memory, std::uint32_t address,
                std::uint32_t bytes);
void check_store(const Tile& tile, std::uint32_t processor, const std::byte* memory,
                 std::uint32_t address, std::uint32_t bytes);
/// A core may load these bytes; check_load asks it, too.
void check_open(const Tile& tile, const std::byte* memory, std::uint32_t address,
                std::uint32_t bytes);
/// The word, if it is a semaphore, was created.
void check_declared(const Tile& tile, std::uint32_t address);
/// The command of a core: what it takes from its own tile, and whose words it changes.
void check_command(const Tile& tile, const Packet& packet);
/// What its read fetches.
void check_fetched(const Tile& tile, const Packet& packet, const MemoryRef& source);
/// A fault's text goes on with this where the bytes may not be read, or written by that core (or by
/// what is none): ", in a buffer of 64 bytes that was freed, which had ..."; else it is empty.
std::string read_refusal(const Surroundings& around, const std::byte* memory, std::uint64_t bytes);
std::string write_refusal(const Surroundings& around, const std::byte* memory, std::uint64_t bytes,
                          std::optional<std::uint32_t> core);
/// A kernel ends with nothing under way that it should have waited for.
void check_flushed(const Tile& tile, std::uint32_t processor);

}  // namespace tilewright
