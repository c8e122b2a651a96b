// The row of the engines' registers in the table of devices.
#pragma once

#include "chip/engine_station.hpp"
#include "chip/host_side.hpp"
#include "tilewright/tile/register_device.hpp"

namespace tilewright {

DeviceKind engine_port(EngineStation& station, const HostSide& host);

}  // namespace tilewright
