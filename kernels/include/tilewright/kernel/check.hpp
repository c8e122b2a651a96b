// Assertions of kernels: a failed one prints its message and stops the run as a fault.
#pragma once

#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/print.hpp"

namespace tilewright::kernel {

/// Ends the run with a fault at the line of the caller.
[[noreturn]] TILEWRIGHT_API void fail(const char* message) {
    device::put_text(message);
    device::put('\n');
    asm volatile("ebreak" ::: "memory");
    __builtin_unreachable();
}

TILEWRIGHT_API void check(bool condition, const char* message = "check failed") {
    if (!condition) [[unlikely]]
        fail(message);
}

}  // namespace tilewright::kernel
