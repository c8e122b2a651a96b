// Kinds of cores and memories.
#pragma once

#include <cstdint>

namespace tt::tt_metal {

using DeviceAddr = std::uint64_t;

enum class HalProgrammableCoreType { TENSIX = 0, ACTIVE_ETH = 1, IDLE_ETH = 2, COUNT = 3 };
enum class HalMemType : std::uint8_t { L1 = 0, DRAM = 1, HOST = 2, COUNT = 3 };

}  // namespace tt::tt_metal

namespace tt {

using ChipId = int;
enum class CoreType : std::uint8_t { ARC, DRAM, ACTIVE_ETH, IDLE_ETH, PCIE, TENSIX, WORKER, ETH };

namespace tt_metal {
using tt::ChipId;
using tt::CoreType;
}  // namespace tt_metal

}  // namespace tt

using chip_id_t = tt::ChipId;
using tt::CoreType;
