// Assertions of kernels: a failed one prints its message and stops the run as a fault.
#pragma once

#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/print.hpp"

namespace tilewright::kernel {

namespace device {

[[noreturn]] TILEWRIGHT_DEVICE void stop() {
    asm volatile("ebreak" ::: "memory");
    __builtin_unreachable();
}

}  // namespace device

/// Ends the run with a fault at the line of the caller.
[[noreturn]] TILEWRIGHT_DEVICE void fail(const char* message) {
    device::put_text(message);
    device::put('\n');
    device::stop();
}

TILEWRIGHT_DEVICE void check(bool condition, const char* message = "check failed") {
    if (!condition) [[unlikely]]
        fail(message);
}

}  // namespace tilewright::kernel
