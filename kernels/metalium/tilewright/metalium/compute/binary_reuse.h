// Sums, differences and products of a tile of Dst with one of a circular buffer, to the same tile
// of Dst.
#pragma once

#include "tilewright/kernel/tensix/reuse.hpp"
#include "tilewright/metalium/compute/binary.h"
#include "tilewright/metalium/compute/reconfig.h"

namespace tilewright::metalium::compute {

/// The source that the circular buffer's tile comes by.
constexpr unsigned other_source(EltwiseBinaryReuseDestType reuse) {
    return reuse == EltwiseBinaryReuseDestType::DEST_TO_SRCA ? 1 : 0;
}

constexpr std::uint32_t setup_of(EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse) {
    return call_setup::reuse | static_cast<std::uint32_t>(type) << 2 | (1 - other_source(reuse));
}

TILEWRIGHT_DEVICE void start_reuse(EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse,
                                   std::uint32_t icb) {
    const unsigned other = other_source(reuse);
    UNPACK((note(What::configures, 0, other == 0 ? noted(icb) : no_buffer,
                 other == 0 ? no_buffer : noted(icb))));
    UNPACK((engine::change_unpacker(other, unpack_format(icb, false))));
    UNPACK((engine::transpose_faces(false)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((other == 0 ? change_source_a(icb) : change_source_b(icb)));
    MATH((note(What::sets_up, setup_of(type, reuse))));
    MATH((engine::start_reuse(elementwise(type))));
}
TILEWRIGHT_DEVICE void reuse_tiles(EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse,
                                   std::uint32_t icb, std::uint32_t tile, std::uint32_t dst) {
    check_dst_index(dst);
    const unsigned other = other_source(reuse);
    UNPACK((engine::unpack_zeros(1 - other)));
    UNPACK((unpack_operand(other, icb, tile)));
    MATH((note(What::uses, setup_of(type, reuse))));
    MATH((engine::combine_with_dst(dst_use, dst_use.wide && !fp16_in_dst, 1 - other, dst,
                                   type == ELWMUL ? phases : 1, type == ELWMUL)));
}

}  // namespace tilewright::metalium::compute

// Each operation, by its names in the second generation.
#define TILEWRIGHT_REUSE(name, type)                                                      \
    template <EltwiseBinaryReuseDestType reuse>                                           \
    TILEWRIGHT_DEVICE void name##_reuse_dest_init(std::uint32_t icb) {                    \
        static_assert(reuse != EltwiseBinaryReuseDestType::NONE);                         \
        tilewright::metalium::compute::start_reuse(type, reuse, icb);                     \
    }                                                                                     \
    template <EltwiseBinaryReuseDestType reuse, bool wide = DST_ACCUM_MODE>               \
    TILEWRIGHT_DEVICE void name##_reuse_dest_tiles(std::uint32_t icb, std::uint32_t tile, \
                                                   std::uint32_t dst) {                   \
        static_assert(reuse != EltwiseBinaryReuseDestType::NONE);                         \
        tilewright::metalium::compute::reuse_tiles(type, reuse, icb, tile, dst);          \
    }
TILEWRIGHT_REUSE(add, ELWADD)
TILEWRIGHT_REUSE(sub, ELWSUB)
TILEWRIGHT_REUSE(mul, ELWMUL)
#undef TILEWRIGHT_REUSE

// The first generation's names.
template <EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse>
TILEWRIGHT_DEVICE void binary_dest_reuse_tiles_init(std::uint32_t icb) {
    static_assert(reuse != EltwiseBinaryReuseDestType::NONE);
    tilewright::metalium::compute::start_reuse(type, reuse, icb);
}
template <EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse>
TILEWRIGHT_DEVICE void binary_dest_reuse_tiles(std::uint32_t icb, std::uint32_t tile,
                                               std::uint32_t dst) {
    static_assert(reuse != EltwiseBinaryReuseDestType::NONE);
    tilewright::metalium::compute::reuse_tiles(type, reuse, icb, tile, dst);
}
