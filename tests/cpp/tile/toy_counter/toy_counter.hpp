// A device that only a test has: a hardware counter of cycles with a comparator, one in each tile.
#pragma once

#include "tilewright/tile/register_device.hpp"

namespace tilewright::test {

namespace toy_register {
inline constexpr std::uint32_t base = 0xFFB9'0000;
inline constexpr std::uint32_t count = 0x00;    ///< read: cycles of the chip so far
inline constexpr std::uint32_t compare = 0x04;  ///< write: when the count is this, it matches
inline constexpr std::uint32_t matches = 0x08;  ///< read, and to be waited for: how often it did
inline constexpr std::uint32_t size = 0x10;
}  // namespace toy_register

DeviceKind toy_counter();

}  // namespace tilewright::test
