// The name that programs of 2024 include; what it declares is in today's header.
#pragma once

#include <hostdevcommon/profiler_common.h>

#include <tt-metalium/tt_metal.hpp>
