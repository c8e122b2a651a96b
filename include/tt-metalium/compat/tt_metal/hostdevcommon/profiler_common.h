// A header of an older generation.
#pragma once

#include <hostdevcommon/profiler_common.h>
