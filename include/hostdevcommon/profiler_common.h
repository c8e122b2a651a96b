// Sizes that programs ask the profiler of. Those of its buffers on silicon, as published: a
// simulated chip has none, and records what kernels mark through the native API.
#pragma once

#include <cstdint>

namespace kernel_profiler {

/// Marks of the firmware that each processor's buffer has room for, and of kernels.
inline constexpr std::uint32_t PROFILER_L1_GUARANTEED_MARKER_COUNT = 4;
inline constexpr std::uint32_t PROFILER_L1_OPTIONAL_MARKER_COUNT = 250;
inline constexpr std::uint32_t PROFILER_L1_PROGRAM_ID_COUNT = 2;
inline constexpr std::uint32_t PROFILER_L1_MARKER_UINT32_SIZE = 2;

}  // namespace kernel_profiler

/// Programs whose marks there is room for before the host reads them.
inline constexpr std::uint32_t PROFILER_OP_SUPPORT_COUNT = 1000;
