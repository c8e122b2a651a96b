// What a core finds at which of its addresses: L1 from 0, its windows, the registers of its
// devices.
//
// Where a tile of a Blackhole has something, only what stands for it here lies at the same address:
// local memory and the network interface. What this chip adds keeps clear of all its other windows
// (0xFFB1'1000, 0xFFB1'2000, 0xFFB4'0000, 0xFFB8'0000, 0xFFE0'0000 to 0xFFEF'FFFF).
//
// The simulator implements it, kernels are compiled against it; so it is freestanding: constants
// and plain structs of 32-bit words.
#pragma once

#include <cstdint>

namespace tilewright::abi {

inline constexpr std::uint32_t max_processors = 16;  ///< cores that a tile may have

/// Window onto external memory, on chips that have it: the DRAM banks one after another.
inline constexpr std::uint32_t direct_base = 0x8000'0000;
inline constexpr std::uint32_t max_direct_bytes = 0x7F00'0000;  ///< up to 0xFEFF'FFFF

/// Registers of the core itself (tile/core_registers.hpp).
inline constexpr std::uint32_t core_registers = 0xFF00'0000;
/// Registers of the engines (engine/registers.hpp).
inline constexpr std::uint32_t engine_registers = 0xFF10'0000;

/// Read-only window onto the running kernel's image: code, constants, initial values of globals.
inline constexpr std::uint32_t image_base = 0xFF40'0000;
inline constexpr std::uint32_t image_window_bytes = 0x0040'0000;

/// The private memory of each core: globals from the bottom, the stack from the top.
inline constexpr std::uint32_t local_base = 0xFFB0'0000;
inline constexpr std::uint32_t max_local_bytes = 0x0001'0000;

/// Registers of the network interface (noc/registers.hpp): of NoC 0; NoC 1 is one stride further.
inline constexpr std::uint32_t noc_registers = 0xFFB2'0000;
inline constexpr std::uint32_t noc_stride = 0x0001'0000;

}  // namespace tilewright::abi
