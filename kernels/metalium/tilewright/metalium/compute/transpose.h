// Transposed tiles, from a circular buffer into Dst: the unpacker transposes each face, and the
// matrix unit puts face 1 in the place of face 2. What the unpacker brings straight to Dst is
// transposed there.
#pragma once

#include "tilewright/kernel/tensix/transpose_dst.hpp"
#include "tilewright/metalium/compute/copy.h"

// --- In Dst --------------------------------------------------------------------------------------

/// Of 16 or 32 bits, as the kernel's Dst has.
template <bool is_32bit = false, bool transpose_of_faces = true>
TILEWRIGHT_DEVICE void transpose_dest_init(std::uint32_t = 0) {
    using namespace tilewright::metalium::compute;
    MATH((note(What::sets_up, call_setup::transpose_dest)));
    MATH((tilewright::kernel::tensix::start_dst_transposes()));
}
/// Without transpose_of_faces each face stays in its place, transposed.
template <bool is_32bit = false, bool transpose_of_faces = true>
TILEWRIGHT_DEVICE void transpose_dest(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    UNPACK((engine::unpack_zeros(0)));
    UNPACK((engine::unpack_zeros(1)));
    MATH((note(What::uses, call_setup::transpose_dest)));
    MATH((engine::transpose_dst(dst_use, dst, transpose_of_faces)));
}

// --- On the way to Dst ---------------------------------------------------------------------------

template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void transpose_init(std::uint32_t icb) {
    using namespace tilewright::metalium::compute;
    const CopyBy by = copy_by(icb);
    UNPACK((note(What::configures, 0, noted(icb))));
    UNPACK((engine::change_unpacker(0, unpack_format(icb, true))));
    UNPACK((engine::transpose_faces(by != CopyBy::unpacker)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    if (by == CopyBy::unpacker) {
        transpose_dest_init<true>();
    } else {
        MATH((note(What::sets_up, call_setup::transpose)));
        MATH((by == CopyBy::sum ? engine::start_elementwise(engine::Elementwise::add,
                                                            engine::Broadcast::none, false, true)
                                : engine::start_copies(true)));
    }
}
/// A tile, by its number from the front of the buffer, to a tile of Dst.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void transpose_tile(std::uint32_t icb, std::uint32_t tile, std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    const CopyBy by = copy_by(icb);
    const std::uint32_t address = front_address(icb, tile);
    UNPACK((note(What::reads, 0, noted(icb))));
    MATH((by != CopyBy::unpacker ? note(What::uses, call_setup::transpose) : void()));
    copy_into_dst(by, address, dst, WholeTile{});
    if (by == CopyBy::unpacker) transpose_dest<true>(dst);
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
template <bool is_32bit = false>
TILEWRIGHT_DEVICE void transpose_wh_dest_init_short() {
    transpose_dest_init<is_32bit>();
}
template <bool is_32bit = false>
TILEWRIGHT_DEVICE void transpose_wh_dest(std::uint32_t dst) {
    transpose_dest<is_32bit>(dst);
}
