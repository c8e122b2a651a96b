// Transposed tiles, from a circular buffer into Dst: the unpacker transposes each face, and the
// matrix unit puts face 1 in the place of face 2.
#pragma once

#include "tilewright/metalium/compute/copy.h"

namespace tilewright::metalium::compute {

/// Numbers of 32 bits lose their lower ones in SrcA: nothing transposes on the way to Dst.
TILEWRIGHT_DEVICE CopyBy transpose_by(std::uint32_t cb) {
    return dst_use.wide && source_format(cb) != Format::tf32 ? CopyBy::sum : CopyBy::move;
}

}  // namespace tilewright::metalium::compute

template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void transpose_init(std::uint32_t icb) {
    using namespace tilewright::metalium::compute;
    UNPACK((engine::change_unpacker(0, unpack_format(icb, false))));
    UNPACK((engine::transpose_faces(true)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((transpose_by(icb) == CopyBy::sum
              ? engine::start_elementwise(engine::Elementwise::add, engine::Broadcast::none, false,
                                          true)
              : engine::start_copies(true)));
}
/// A tile, by its number from the front of the buffer, to a tile of Dst.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void transpose_tile(std::uint32_t icb, std::uint32_t tile, std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    copy_into_dst(transpose_by(icb), front_address(icb, tile), dst, WholeTile{});
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void transpose_block(std::uint32_t icb, std::uint32_t first,
                                       std::uint32_t first_dst, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) transpose_tile(icb, first + i, first_dst + i);
}

// The first generation's names.
TILEWRIGHT_DEVICE void transpose_wh_init(std::uint32_t icb, std::uint32_t ocb) {
    compute_kernel_hw_startup(icb, icb, ocb);
    transpose_init(icb);
}
TILEWRIGHT_DEVICE void transpose_wh_init_short(std::uint32_t icb) {
    transpose_init(icb);
}
TILEWRIGHT_DEVICE void transpose_wh_tile(std::uint32_t icb, std::uint32_t tile, std::uint32_t dst) {
    transpose_tile(icb, tile, dst);
}
