// Tiles from Dst into a circular buffer.
#pragma once

#include "tilewright/metalium/compute/operands.h"

namespace tilewright::metalium::compute {

TILEWRIGHT_DEVICE std::uint32_t back_address(std::uint32_t cb, std::uint32_t index) {
    return get_write_ptr(cb) + index * ring_of(cb).page_bytes;
}

}  // namespace tilewright::metalium::compute

/// A tile of Dst behind those that were packed into the buffer since its last push; or, in any
/// order, to the page with a number from there.
template <bool out_of_order_output = false>
TILEWRIGHT_DEVICE void pack_tile(std::uint32_t dst, std::uint32_t cb,
                                 std::uint32_t output_tile_index = 0) {
    using namespace tilewright::metalium;
    compute::check_dst_index(dst);
    PACK((compute::engine::pack_to(
        dst,
        compute::back_address(cb, out_of_order_output ? output_tile_index : packed_pages[cb]++))));
}
TILEWRIGHT_DEVICE void pack_tile_block(std::uint32_t first_dst, std::uint32_t cb,
                                       std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) pack_tile(first_dst + i, cb);
}
TILEWRIGHT_DEVICE void matmul_pack_tile(std::uint32_t first_dst, std::uint32_t cb,
                                        std::uint32_t count) {
    pack_tile_block(first_dst, cb, count);
}

TILEWRIGHT_DEVICE void pack_reconfig_data_format(std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    PACK((engine::change_packers(pack_format(cb), dst_use)));
}
TILEWRIGHT_DEVICE void pack_reconfig_data_format(std::uint32_t old_cb, std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    if (format_of(old_cb) != format_of(cb)) pack_reconfig_data_format(cb);
}
/// Whether packed numbers are added to what lies in L1.
TILEWRIGHT_DEVICE void pack_reconfig_l1_acc(std::uint32_t accumulate) {
    PACK((tilewright::kernel::tensix::accumulate_in_l1(accumulate != 0)));
}
