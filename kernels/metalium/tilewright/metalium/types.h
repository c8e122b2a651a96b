// Names and numbers that kernels and host programs share: data formats, circular buffers, flags.
#pragma once

#include <cstdint>

#include "tt-metalium/shared_types.h"

#define FORCE_INLINE inline __attribute__((always_inline))
#define tt_l1_ptr
#define tt_reg_ptr

using uint = unsigned int;

using tt::DataFormat;

/// The values that flags in semaphores take by convention.
constexpr std::uint32_t INVALID = 0;
constexpr std::uint32_t VALID = 1;
