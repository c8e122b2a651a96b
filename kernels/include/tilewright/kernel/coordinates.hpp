// Where this core is, and how large the chip is around it.
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

/// Column of this tile in the logical grid of workers, from 0.
TILEWRIGHT_DEVICE std::uint32_t tile_x() {
    return device::constant_register<abi::core_registers + abi::core_register::tile>() & 0xFFFF;
}

/// Row of this tile in the logical grid of workers, from 0.
TILEWRIGHT_DEVICE std::uint32_t tile_y() {
    return device::constant_register<abi::core_registers + abi::core_register::tile>() >> 16;
}

/// Index of this core in its tile, from 0.
TILEWRIGHT_DEVICE std::uint32_t processor() {
    return device::constant_register<abi::core_registers + abi::core_register::processor>();
}

TILEWRIGHT_DEVICE std::uint32_t grid_columns() {
    return device::constant_register<abi::core_registers + abi::core_register::grid>() & 0xFFFF;
}

TILEWRIGHT_DEVICE std::uint32_t grid_rows() {
    return device::constant_register<abi::core_registers + abi::core_register::grid>() >> 16;
}

TILEWRIGHT_DEVICE std::uint32_t dram_banks() {
    return device::constant_register<abi::core_registers + abi::core_register::dram_banks>();
}

}  // namespace tilewright::kernel
