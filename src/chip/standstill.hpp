// Whether anything is left that could happen.
#pragma once

#include <vector>

#include "chip/parts.hpp"
#include "tilewright/tile/lap.hpp"

namespace tilewright {

/// Someone waits on a doorbell or a flag of the host; whoever waits for something else may be
/// waiting for that one.
bool waits_for_host(const Parts& parts);

/// If nothing is under way but cores that repeat themselves for ever, and nothing can ever end
/// that: those cores, each with its lap. Between two events; changes nothing.
std::vector<CoreLap> find_laps(Parts& parts);

}  // namespace tilewright
