// Pointers into the tile's L1, which starts at core address 0.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

/// The first byte of L1 that kernels may write. Below lie arguments and semaphores.
inline constexpr std::uint32_t l1_user_base = abi::l1_user_base;

/// The object of type T at a byte address of L1.
template <typename T>
TILEWRIGHT_DEVICE T* l1(std::uint32_t address) {
    return reinterpret_cast<T*>(address);
}

/// Bytes of L1 in this tile.
TILEWRIGHT_DEVICE std::uint32_t l1_bytes() {
    return device::constant_register<abi::core_registers + abi::core_register::l1_bytes>();
}

}  // namespace tilewright::kernel
