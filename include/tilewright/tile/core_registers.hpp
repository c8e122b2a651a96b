// The registers that tell a core who and where it is, and through which it prints: byte offsets
// from abi::core_registers.
//
// The simulator implements it, kernels are compiled against it; so it is freestanding: constants
// and plain structs of 32-bit words.
#pragma once

#include <cstdint>

namespace tilewright::abi {

namespace core_register {
inline constexpr std::uint32_t tile = 0x00;       ///< read: logical x | y << 16
inline constexpr std::uint32_t processor = 0x04;  ///< read: index of this core in its tile
inline constexpr std::uint32_t grid = 0x08;       ///< read: columns | rows << 16 of the worker grid
inline constexpr std::uint32_t dram_banks = 0x0C;   ///< read: number of DRAM banks
inline constexpr std::uint32_t l1_bytes = 0x10;     ///< read: size of L1
inline constexpr std::uint32_t local_bytes = 0x14;  ///< read: size of this core's local memory
inline constexpr std::uint32_t print = 0x20;        ///< write: one byte of text for the host
/// write: a zone of the timeline begins; the address of its name, which ends with a zero byte and
/// lies in the image window (else the zone is called by the number)
inline constexpr std::uint32_t zone_begin = 0x24;
inline constexpr std::uint32_t zone_end = 0x28;  ///< write: the zone that began last ends
inline constexpr std::uint32_t size = 0x40;
}  // namespace core_register

}  // namespace tilewright::abi
