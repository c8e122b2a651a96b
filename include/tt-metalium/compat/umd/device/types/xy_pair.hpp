// The driver library's name for a pair of coordinates; programs call it CoreCoord as well.
#pragma once

#include <tt-metalium/core_coord.hpp>

using tt_xy_pair = tt::tt_metal::CoreCoord;
namespace tt::umd {
using xy_pair = tt::tt_metal::CoreCoord;
}
