// The clock and the instruction counter of this core.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

namespace device {

/// A 64-bit counter read in halves; again if the low half wrapped in between.
template <std::uint32_t low_csr>
TILEWRIGHT_API std::uint64_t counter() {
    while (true) {
        std::uint32_t high;
        std::uint32_t low;
        std::uint32_t again;
        asm volatile("csrr %0, %1" : "=r"(high) : "i"(low_csr + 0x80) : "memory");
        asm volatile("csrr %0, %1" : "=r"(low) : "i"(low_csr) : "memory");
        asm volatile("csrr %0, %1" : "=r"(again) : "i"(low_csr + 0x80) : "memory");
        if (high == again) return static_cast<std::uint64_t>(high) << 32 | low;
    }
}

}  // namespace device

/// Cycles of the chip clock.
TILEWRIGHT_API std::uint64_t cycles() {
    return device::counter<0xC00>();
}

/// Instructions that this core has completed.
TILEWRIGHT_API std::uint64_t instructions() {
    return device::counter<0xC02>();
}

}  // namespace tilewright::kernel
