// Names and number of the circular buffers of a core.
#pragma once

#include <tt-metalium/shared_types.h>

#include <cstdint>

inline constexpr std::uint32_t NUM_CIRCULAR_BUFFERS = 32;
