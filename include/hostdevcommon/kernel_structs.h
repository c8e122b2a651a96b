// Names of the circular buffers.
#pragma once

#include <tt-metalium/circular_buffer_constants.h>
