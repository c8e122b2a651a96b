// What fuzzers start from.
#pragma once

#include <string_view>
#include <vector>

#include "tilewright/runtime/device.hpp"

/// Kernels on all tiles and work in queues, or, on a chip with systolic arrays, commands of engines
/// that wait for each other. Throws what the device throws where the chip cannot do it.
void start_work(tilewright::Device& device);

/// A device of that preset at several moments: unused, then with work under way. Equal at each
/// call.
std::vector<tilewright::Snapshot> snapshots(std::string_view preset);
