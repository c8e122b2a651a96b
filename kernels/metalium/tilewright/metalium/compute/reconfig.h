// Other formats for the operands, when the kernel goes on to other buffers. The first operand (of a
// matmul: the right one) comes by SrcA, the second by SrcB.
#pragma once

#include "tilewright/metalium/compute/operands.h"

namespace tilewright::metalium::compute {

TILEWRIGHT_DEVICE void change_source_a(std::uint32_t cb) {
    engine::stall(engine::block::configuration, engine::until::matrix | engine::until::vector);
    engine::configure(engine::config::a_format, static_cast<std::uint32_t>(source_format(cb)));
    engine::configure(engine::config::int8_math, is_integer(cb) ? 1 : 0);
}
TILEWRIGHT_DEVICE void change_source_b(std::uint32_t cb) {
    engine::stall(engine::block::configuration, engine::until::matrix | engine::until::vector);
    engine::configure(engine::config::b_format, static_cast<std::uint32_t>(source_format(cb)));
}
TILEWRIGHT_DEVICE bool same_format(std::uint32_t one, std::uint32_t other) {
    return format_of(one) == format_of(other) && is_unsigned(one) == is_unsigned(other);
}

}  // namespace tilewright::metalium::compute

template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format_srca(std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    UNPACK((note(What::configures, 0, noted(cb))));
    UNPACK((engine::change_unpacker(0, unpack_format(cb, false))));
    MATH((change_source_a(cb)));
}
template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format_srcb(std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    UNPACK((note(What::configures, 0, no_buffer, noted(cb))));
    UNPACK((engine::change_unpacker(1, unpack_format(cb, false))));
    MATH((change_source_b(cb)));
}
template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format_srca(std::uint32_t old_cb, std::uint32_t cb) {
    if (!tilewright::metalium::compute::same_format(old_cb, cb)) reconfig_data_format_srca(cb);
}
template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format_srcb(std::uint32_t old_cb, std::uint32_t cb) {
    if (!tilewright::metalium::compute::same_format(old_cb, cb)) reconfig_data_format_srcb(cb);
}
template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format(std::uint32_t srca_cb, std::uint32_t srcb_cb) {
    reconfig_data_format_srca(srca_cb);
    reconfig_data_format_srcb(srcb_cb);
}
template <bool to_from_int8 = false>
TILEWRIGHT_DEVICE void reconfig_data_format(std::uint32_t old_srca, std::uint32_t srca_cb,
                                            std::uint32_t old_srcb, std::uint32_t srcb_cb) {
    reconfig_data_format_srca(old_srca, srca_cb);
    reconfig_data_format_srcb(old_srcb, srcb_cb);
}

// And other shapes of tiles: here all have 32 x 32 numbers.
TILEWRIGHT_DEVICE void reconfig_full_operand_srca(std::uint32_t cb) {
    reconfig_data_format_srca(cb);
}
TILEWRIGHT_DEVICE void reconfig_full_operand_srca(std::uint32_t old_cb, std::uint32_t cb) {
    reconfig_data_format_srca(old_cb, cb);
}
TILEWRIGHT_DEVICE void reconfig_full_operand_srcb(std::uint32_t cb) {
    reconfig_data_format_srcb(cb);
}
TILEWRIGHT_DEVICE void reconfig_full_operand_srcb(std::uint32_t old_cb, std::uint32_t cb) {
    reconfig_data_format_srcb(old_cb, cb);
}
/// Of the left and the right operand, which come by SrcA and SrcB, or the other way round.
template <SrcOrder order = SrcOrder::Regular>
TILEWRIGHT_DEVICE void reconfig_full_operand(std::uint32_t icb0, std::uint32_t icb1) {
    constexpr bool reverse = order == SrcOrder::Reverse;
    reconfig_data_format(reverse ? icb1 : icb0, reverse ? icb0 : icb1);
}
template <SrcOrder order = SrcOrder::Regular>
TILEWRIGHT_DEVICE void reconfig_full_operand(std::uint32_t old_icb0, std::uint32_t icb0,
                                             std::uint32_t old_icb1, std::uint32_t icb1) {
    if constexpr (order == SrcOrder::Reverse) {
        reconfig_data_format(old_icb1, icb1, old_icb0, icb0);
    } else {
        reconfig_data_format(old_icb0, icb0, old_icb1, icb1);
    }
}
