// The clock and the instruction counter of this core.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

namespace device {

template <std::uint32_t csr>
TILEWRIGHT_DEVICE std::uint32_t read_csr() {
    std::uint32_t value;
    asm volatile("csrr %0, %1" : "=r"(value) : "i"(csr) : "memory");
    return value;
}

/// A 64-bit counter read in halves. If the upper half changed in between, the lower one tells
/// which of the two values of the upper half it belongs to.
template <std::uint32_t low_csr>
TILEWRIGHT_DEVICE std::uint64_t counter() {
    std::uint32_t high = read_csr<low_csr + 0x80>();
    const std::uint32_t low = read_csr<low_csr>();
    const std::uint32_t after = read_csr<low_csr + 0x80>();
    if (high != after) [[unlikely]]
        high = static_cast<std::int32_t>(low) < 0 ? high : after;
    return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace device

/// The lower half of cycles().
TILEWRIGHT_DEVICE std::uint32_t cycles_low() {
    return device::read_csr<0xC00>();
}

/// Cycles of the chip clock.
TILEWRIGHT_DEVICE std::uint64_t cycles() {
    return device::counter<0xC00>();
}

/// Instructions that this core has completed.
TILEWRIGHT_DEVICE std::uint64_t instructions() {
    return device::counter<0xC02>();
}

}  // namespace tilewright::kernel
