// Counting semaphores: 32-bit words in reserved L1.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/noc.hpp"

namespace tilewright::kernel {

/// A semaphore has the same address in the L1 of every tile; the methods without coordinates mean
/// the one of this tile.
struct Semaphore {
    std::uint32_t address;  ///< byte address in L1

    TILEWRIGHT_DEVICE std::uint32_t value() const { return device::load_reserved(address); }

    TILEWRIGHT_DEVICE void set(std::uint32_t value) const {
        asm volatile("amoswap.w zero, %1, (%0)" ::"r"(address), "r"(value) : "memory");
        device::note_signal<abi::Signal::sets_word>(address);
    }

    /// Adds, and returns the value before.
    TILEWRIGHT_DEVICE std::uint32_t add(std::uint32_t increment) const {
        std::uint32_t before;
        asm volatile("amoadd.w %0, %2, (%1)"
                     : "=&r"(before)
                     : "r"(address), "r"(increment)
                     : "memory");
        device::note_signal<abi::Signal::sets_word>(address);
        return before;
    }

    /// Sleeps until the value is `target`.
    TILEWRIGHT_DEVICE void wait(std::uint32_t target) const {
        device::wait_word(address, [=](std::uint32_t word) { return word == target; });
    }

    /// Sleeps until the value is at least `target`, and returns it.
    TILEWRIGHT_DEVICE std::uint32_t wait_min(std::uint32_t target) const {
        return device::wait_word(address, [=](std::uint32_t word) { return word >= target; });
    }

    /// The same semaphore in tile (x, y).
    TILEWRIGHT_DEVICE NocAddress noc_address(std::uint32_t x, std::uint32_t y) const {
        return tile_address(x, y, address);
    }

    /// Starts to add to the semaphore in tile (x, y); noc_async_atomic_barrier() waits for it.
    TILEWRIGHT_DEVICE void remote_add(std::uint32_t x, std::uint32_t y, std::uint32_t increment,
                                      std::uint32_t noc = 0) const {
        noc_semaphore_inc(noc_address(x, y), increment, noc);
    }
};

}  // namespace tilewright::kernel
