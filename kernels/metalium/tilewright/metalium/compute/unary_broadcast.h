// A tile's first column, first row or first number in the place of all: a sum of zeros in SrcA and
// the broadcast of SrcB.
#pragma once

#include "tilewright/metalium/compute/binary.h"

template <BroadcastType type, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void unary_bcast_init(std::uint32_t icb) {
    using namespace tilewright::metalium::compute;
    if constexpr (type == BroadcastType::NONE) {
        copy_init(icb);
    } else {
        UNPACK((note(What::configures, 0, no_buffer, noted(icb))));
        UNPACK((engine::change_unpacker(1, unpack_format(icb, false))));
        start_binary(ELWADD, type, false,
                     call_setup::unary_broadcast | static_cast<std::uint32_t>(type));
    }
}
/// The first generation's: it starts the kernel, too.
template <BroadcastType type>
TILEWRIGHT_DEVICE void unary_bcast_init(std::uint32_t icb, std::uint32_t ocb) {
    compute_kernel_hw_startup(icb, icb, ocb);
    unary_bcast_init<type>(icb);
}
/// A tile, by its number from the front of the buffer, to a tile of Dst.
template <BroadcastType type, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void unary_bcast(std::uint32_t icb, std::uint32_t tile, std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    if constexpr (type == BroadcastType::NONE) {
        copy_tile(icb, tile, dst);
    } else {
        check_dst_index(dst);
        UNPACK((engine::unpack_zeros(0)));
        UNPACK((unpack_operand(1, icb, tile)));
        MATH((note(What::uses, call_setup::unary_broadcast | static_cast<std::uint32_t>(type))));
        MATH((engine::combine_tiles(dst_use, dst, 1, false, engine::matrix::flip_both)));
    }
}
/// There is nothing to undo: the next initialisation sets all that this one did.
template <BroadcastType type>
TILEWRIGHT_DEVICE void unary_bcast_uninit(std::uint32_t icb) {}
