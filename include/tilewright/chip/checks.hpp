// Checks of what kernels do that cost host time and no cycles, so that they are off by default.
#pragma once

namespace tilewright {

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

    bool operator==(const Checks&) const = default;
    static constexpr Checks all() { return {true, true, true, true}; }
};

}  // namespace tilewright
