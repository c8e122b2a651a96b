// Start of a compute kernel: the engine is set up for the formats of its circular buffers.
#pragma once

#include "tilewright/metalium/compute/operands.h"

/// For operations on the tiles of two buffers, the left and the right operand, into a third: before
/// any other call of the engine, and again where a kernel goes on to other buffers.
template <SrcOrder order = SrcOrder::Regular>
TILEWRIGHT_DEVICE void compute_kernel_hw_startup(std::uint32_t icb0, std::uint32_t icb1,
                                                 std::uint32_t ocb) {
    using namespace tilewright::metalium::compute;
    const std::uint32_t a = order == SrcOrder::Regular ? icb0 : icb1;
    const std::uint32_t b = order == SrcOrder::Regular ? icb1 : icb0;
    UNPACK((engine::start_unpacker(0, unpack_format(a, false))));
    UNPACK((engine::start_unpacker(1, unpack_format(b, false))));
    UNPACK((note(What::configures, 0, noted(a), noted(b))));
    UNPACK((engine::start_unpacking()));
    MATH((engine::start_math(dst_use, source_format(a), source_format(b), is_integer(a))));
    PACK((note(What::configures, 0, noted(ocb))));
    PACK((engine::start_packers(pack_format(ocb), dst_use)));
}
template <SrcOrder order = SrcOrder::Regular>
TILEWRIGHT_DEVICE void compute_kernel_hw_startup(std::uint32_t icb0, std::uint32_t ocb) {
    compute_kernel_hw_startup<order>(icb0, icb0, ocb);
}
