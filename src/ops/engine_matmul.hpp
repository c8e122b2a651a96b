// A matmul on the compute engines of a chip's tiles, by kernels that come with the library.
#pragma once

#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

/// Device::matmul() on a chip without systolic arrays; matrices lie in tiles (tiled_bytes()), the
/// bias in a row.
/// BusyError while the tiles' cores are busy, OutOfMemoryError while too much of their L1 is taken.
MatmulReport matmul_on_engines(Device& device, const Buffer& a, const Buffer& b, const Buffer& c,
                               const GemmShape& shape, const MatmulOptions& options,
                               const Buffer* bias, const RunOptions& run);

}  // namespace tilewright::detail
