// What programs did, for whoever runs them: TILEWRIGHT_REPORT names a file.
#pragma once

#include <string_view>

#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::detail {

/// Cycles in which at least one core of a run had its kernel: waits for the host and transfers
/// between kernels are left out.
std::uint64_t busy_cycles(const tilewright::Run& run);

/// Appends a line of JSON to the file that TILEWRIGHT_REPORT names, at once: device, chip, cycles
/// (as busy_cycles()), instructions, host_seconds. Nothing without the variable, or if no kernel
/// ran. std::runtime_error if the file cannot be written.
void report_run(int device, std::string_view chip, const tilewright::Run& run);

}  // namespace tt::tt_metal::detail
