// Which tiles a multicast reaches.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/chip/config.hpp"
#include "tilewright/noc/noc.hpp"

namespace tilewright {

/// The routers of the worker tiles in the rectangle `node` (abi::multicast_node), row by row;
/// without that of the sender `from`, unless `with_sender`. Throws BusRefusal if the rectangle does
/// not lie in the network, or in the grid.
std::vector<NocNode> multicast_targets(const ChipConfig& config, std::uint32_t noc,
                                       std::uint32_t node, Router from, bool with_sender);

}  // namespace tilewright
