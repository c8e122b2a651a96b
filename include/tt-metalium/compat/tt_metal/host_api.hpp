// The name that programs of 2024 include; what it declares is in today's header.
#pragma once

#include <string>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/tt_metal_profiler.hpp>

using std::string;  // as theirs did
