// Tiles from Dst into a circular buffer.
#pragma once

#include "tilewright/metalium/compute/operands.h"

namespace tilewright::metalium::compute {

TILEWRIGHT_DEVICE std::uint32_t back_address(std::uint32_t cb, std::uint32_t index) {
    return get_write_ptr(cb) + index * ring_of(cb).page_bytes;
}

TILEWRIGHT_DEVICE void pack_page(std::uint32_t dst, std::uint32_t cb, std::uint32_t page) {
    const std::uint32_t address = back_address(cb, page);
    note(What::packs, 0, noted(cb));
    engine::pack_to(dst, address);
}

}  // namespace tilewright::metalium::compute

/// A tile of Dst behind those that were packed into the buffer since its last push; or, in any
/// order, to the page with a number from there.
template <bool out_of_order_output = false>
TILEWRIGHT_DEVICE void pack_tile(std::uint32_t dst, std::uint32_t cb,
                                 std::uint32_t output_tile_index = 0) {
    using namespace tilewright::metalium;
    compute::check_dst_index(dst);
    PACK((
        compute::pack_page(dst, cb, out_of_order_output ? output_tile_index : packed_pages[cb]++)));
}
TILEWRIGHT_DEVICE void pack_tile_block(std::uint32_t first_dst, std::uint32_t cb,
                                       std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) pack_tile(first_dst + i, cb);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void pack_block(std::uint32_t first_dst, std::uint32_t cb, std::uint32_t count) {
    pack_tile_block(first_dst, cb, count);
}
TILEWRIGHT_DEVICE void matmul_pack_tile(std::uint32_t first_dst, std::uint32_t cb,
                                        std::uint32_t count) {
    pack_tile_block(first_dst, cb, count);
}

/// For chips whose packer has to do something before pages are pushed: nothing here.
TILEWRIGHT_DEVICE void dummy_pack(std::uint32_t cb) {}

TILEWRIGHT_DEVICE void pack_reconfig_data_format(std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    PACK((note(What::configures, 0, noted(cb))));
    PACK((engine::change_packers(pack_format(cb), dst_use)));
}
TILEWRIGHT_DEVICE void pack_reconfig_data_format(std::uint32_t old_cb, std::uint32_t cb) {
    using namespace tilewright::metalium::compute;
    if (format_of(old_cb) != format_of(cb)) pack_reconfig_data_format(cb);
}
TILEWRIGHT_DEVICE void pack_init(std::uint32_t cb) {
    pack_reconfig_data_format(cb);
}
/// Whether packed numbers are added to what lies in L1.
TILEWRIGHT_DEVICE void pack_reconfig_l1_acc(std::uint32_t accumulate) {
    PACK((tilewright::kernel::tensix::accumulate_in_l1(accumulate != 0)));
}

// --- ReLU of what is packed ----------------------------------------------------------------------

/// A threshold is given by its 16 bits in the format of Dst: the upper half of a float, or FP16.
struct ReluConfig {
    ReluType type = ReluType::NO_RELU;
    std::uint32_t threshold = 0;
    static constexpr ReluConfig none() { return {}; }
    static constexpr ReluConfig zero() { return {ReluType::ZERO_RELU, 0}; }
    static constexpr ReluConfig min_threshold(std::uint32_t threshold) {
        return {ReluType::MIN_THRESHOLD_RELU, threshold};
    }
    static constexpr ReluConfig max_threshold(std::uint32_t threshold) {
        return {ReluType::MAX_THRESHOLD_RELU, threshold};
    }
};
TILEWRIGHT_DEVICE void pack_relu_config(const ReluConfig& config) {
    using namespace tilewright::kernel::tensix;
    PACK((pack_with_relu(static_cast<Relu>(config.type), config.threshold)));
}
/// The first generation's: the type, and the threshold in the upper half.
TILEWRIGHT_DEVICE void pack_relu_config(std::uint32_t config) {
    pack_relu_config(ReluConfig{static_cast<ReluType>(config & 3), config >> 16});
}
/// What kernels for both call on the core that packs.
TILEWRIGHT_DEVICE void llk_pack_relu_config(const ReluConfig& config) {
    pack_relu_config(config);
}
TILEWRIGHT_DEVICE void llk_pack_relu_config(ReluType type) {
    pack_relu_config(ReluConfig{type, 0});
}
