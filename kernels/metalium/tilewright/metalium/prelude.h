// What every TT-Metalium kernel finds without an include, and what the headers that it includes by
// their published names lead to.
#pragma once

#include <cstdint>

#include "tilewright/kernel.hpp"
#include "tilewright/metalium/arguments.h"
#include "tilewright/metalium/types.h"
