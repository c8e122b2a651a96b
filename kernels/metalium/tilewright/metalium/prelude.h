// What every TT-Metalium kernel finds without an include, and what the headers that it includes by
// their published names lead to.
#pragma once

// The published headers include it, and kernels rely on that.
#include <algorithm>
#include <cstdint>

// Before the kernel's own `void kernel_main()`, which thereby is the program's body.
#include "tilewright/kernel.hpp"
#include "tilewright/metalium/address_generators.h"
#include "tilewright/metalium/arguments.h"
#include "tilewright/metalium/circular_buffer_object.h"
#include "tilewright/metalium/circular_buffers.h"
#include "tilewright/metalium/coordinates.h"
#include "tilewright/metalium/dataflow_buffer_object.h"
#include "tilewright/metalium/debug.h"
#include "tilewright/metalium/device_print.h"
#include "tilewright/metalium/dprint.h"
#include "tilewright/metalium/enumerations.h"
#include "tilewright/metalium/names.h"
#include "tilewright/metalium/noc.h"
#include "tilewright/metalium/noc_addresses.h"
#include "tilewright/metalium/noc_ends.h"
#include "tilewright/metalium/noc_object.h"
#include "tilewright/metalium/noc_parameters.h"
#include "tilewright/metalium/semaphore_object.h"
#include "tilewright/metalium/semaphores.h"
#include "tilewright/metalium/tensor_accessor.h"
#include "tilewright/metalium/tile_slice.h"
#include "tilewright/metalium/tile_tables.h"
#include "tilewright/metalium/types.h"
#include "tilewright/metalium/unsupported.h"
