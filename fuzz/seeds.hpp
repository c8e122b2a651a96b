// What snapshot fuzzers start from.
#pragma once

#include <string_view>
#include <vector>

#include "tilewright/runtime/device.hpp"

/// A device of that preset at several moments: unused, then with work under way. Equal at each
/// call.
std::vector<tilewright::Snapshot> snapshots(std::string_view preset);
