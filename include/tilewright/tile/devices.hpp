// Devices that every tile has, as rows for the chip's table.
#pragma once

#include <cstddef>

#include "tilewright/tile/register_device.hpp"

namespace tilewright {

DeviceKind core_registers();
DeviceKind network_interface(std::uint32_t noc);

/// In the table the network interfaces stand one after another from this row on.
inline constexpr std::size_t first_network_row = 1;

}  // namespace tilewright
