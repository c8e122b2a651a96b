// What kernels print, to standard output as programs expect it.
#pragma once

#include <functional>

#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::detail {

/// Does the run and prints, core by core, what its kernels printed, also before a fault. Lines
/// begin with "device:(x=X,y=Y):PROCESSOR: " unless TT_METAL_DPRINT_PREPEND_DEVICE_CORE_RISC is 0.
/// TT_METAL_DPRINT_CORES, if it is set, names the cores that are shown: "all", "0,0",
/// "(0,0),(0,3)" or the rectangle "(0,0)-(3,1)".
void print_output(int device, const std::function<tilewright::Run()>& run);

}  // namespace tt::tt_metal::detail
