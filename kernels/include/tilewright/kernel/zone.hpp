// Zones: stretches of a kernel that have a name in the timeline.
//
//     { const Zone zone("load weights"); ... }
//
// Entering and leaving cost a store to a device register each (and the loading of the address), the
// same whether a timeline is being recorded or not. Zones may lie in each other; what is open when
// the kernel ends, ends with it.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

class Zone {
public:
    /// `name` must be a string literal: the host reads it from the kernel's image, up to 64
    /// letters.
    TILEWRIGHT_DEVICE explicit Zone(const char* name) {
        device::write_register(abi::core_registers + abi::core_register::zone_begin,
                               reinterpret_cast<std::uint32_t>(name));
    }
    TILEWRIGHT_DEVICE ~Zone() {
        device::write_register(abi::core_registers + abi::core_register::zone_end, 0);
    }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
};

}  // namespace tilewright::kernel
