// The compute engine as a device of a tile: its windows for the chip's table of devices.
#pragma once

#include <array>

#include "tilewright/tensix/engine.hpp"
#include "tilewright/tile/register_device.hpp"

namespace tilewright {

/// The engine's registers, and those of the MOP expanders, which have to come right behind.
std::array<DeviceKind, 2> compute_engine(tensix::Architecture architecture,
                                         const tensix::EngineTiming& timing);

}  // namespace tilewright
