// Sums, differences and products of two tiles, number by number; with SrcB's tile broadcast, too.
#pragma once

#include "tilewright/kernel/tensix/elementwise.hpp"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/registers.h"
#include "tilewright/metalium/compute/startup.h"

using EltwiseBinaryType::ELWADD;
using EltwiseBinaryType::ELWMUL;
using EltwiseBinaryType::ELWSUB;

namespace tilewright::metalium::compute {

constexpr engine::Elementwise elementwise(EltwiseBinaryType type) {
    return type == ELWMUL   ? engine::Elementwise::multiply
           : type == ELWADD ? engine::Elementwise::add
                            : engine::Elementwise::subtract;
}

constexpr std::uint32_t setup_of(EltwiseBinaryType type, BroadcastType broadcast) {
    return call_setup::binary | static_cast<std::uint32_t>(type) << 2 |
           static_cast<std::uint32_t>(broadcast);
}

TILEWRIGHT_DEVICE void start_binary(EltwiseBinaryType type, BroadcastType broadcast,
                                    bool accumulate, std::uint32_t setup) {
    UNPACK((engine::transpose_faces(false)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((note(What::sets_up, setup)));
    MATH((engine::start_elementwise(elementwise(type), static_cast<engine::Broadcast>(broadcast),
                                    accumulate)));
}
TILEWRIGHT_DEVICE void start_binary(EltwiseBinaryType type, BroadcastType broadcast,
                                    bool accumulate) {
    start_binary(type, broadcast, accumulate, setup_of(type, broadcast));
}
TILEWRIGHT_DEVICE void binary_tiles(EltwiseBinaryType type, BroadcastType broadcast,
                                    std::uint32_t icb0, std::uint32_t icb1, std::uint32_t tile0,
                                    std::uint32_t tile1, std::uint32_t dst) {
    check_dst_index(dst);
    UNPACK((unpack_operands(icb0, tile0, icb1, tile1)));
    MATH((note(What::uses, setup_of(type, broadcast))));
    // The matrix unit adds products to what is in Dst; packers leave zeros where they have been.
    MATH((engine::combine_tiles(dst_use, dst, type == ELWMUL ? phases : 1, false,
                                engine::matrix::flip_both)));
}

}  // namespace tilewright::metalium::compute

TILEWRIGHT_DEVICE void binary_op_init_common(std::uint32_t icb0, std::uint32_t icb1,
                                             std::uint32_t ocb) {
    compute_kernel_hw_startup(icb0, icb1, ocb);
}
template <bool full_init = true, EltwiseBinaryType type = ELWADD>
TILEWRIGHT_DEVICE void binary_tiles_init(std::uint32_t, std::uint32_t, bool acc_to_dest = false) {
    tilewright::metalium::compute::start_binary(type, BroadcastType::NONE, acc_to_dest);
}
template <EltwiseBinaryType type, BroadcastType broadcast>
TILEWRIGHT_DEVICE void init_bcast(std::uint32_t icb0, std::uint32_t icb1, std::uint32_t ocb) {
    compute_kernel_hw_startup(icb0, icb1, ocb);
    tilewright::metalium::compute::start_binary(type, broadcast, false);
}
template <EltwiseBinaryType type, BroadcastType broadcast>
TILEWRIGHT_DEVICE void bcast_init(std::uint32_t, std::uint32_t) {
    tilewright::metalium::compute::start_binary(type, broadcast, false);
}
template <EltwiseBinaryType type, BroadcastType broadcast>
TILEWRIGHT_DEVICE void any_tiles_bcast(std::uint32_t icb0, std::uint32_t icb1, std::uint32_t tile0,
                                       std::uint32_t tile1, std::uint32_t dst) {
    tilewright::metalium::compute::binary_tiles(type, broadcast, icb0, icb1, tile0, tile1, dst);
}

// Each operation with its initialisations, by their names in both generations. Sums replace what is
// in Dst unless `acc_to_dest`; products are added to it always, as the hardware does.
#define TILEWRIGHT_BINARY(name, type)                                                             \
    TILEWRIGHT_DEVICE void name##_init(std::uint32_t, std::uint32_t, bool acc_to_dest = false,    \
                                       std::uint32_t = 0) {                                       \
        tilewright::metalium::compute::start_binary(type, BroadcastType::NONE, acc_to_dest);      \
    }                                                                                             \
    TILEWRIGHT_DEVICE void name##_tiles_init(std::uint32_t icb0, std::uint32_t icb1,              \
                                             bool acc_to_dest = false) {                          \
        name##_init(icb0, icb1, acc_to_dest);                                                     \
    }                                                                                             \
    TILEWRIGHT_DEVICE void name##_tiles(std::uint32_t icb0, std::uint32_t icb1,                   \
                                        std::uint32_t tile0, std::uint32_t tile1,                 \
                                        std::uint32_t dst) {                                      \
        tilewright::metalium::compute::binary_tiles(type, BroadcastType::NONE, icb0, icb1, tile0, \
                                                    tile1, dst);                                  \
    }                                                                                             \
    TILEWRIGHT_DEVICE void name##_block(std::uint32_t icb0, std::uint32_t icb1,                   \
                                        std::uint32_t first0, std::uint32_t first1,               \
                                        std::uint32_t first_dst, std::uint32_t count) {           \
        for (std::uint32_t i = 0; i < count; ++i) {                                               \
            name##_tiles(icb0, icb1, first0 + i, first1 + i, first_dst + i);                      \
        }                                                                                         \
    }                                                                                             \
    TILEWRIGHT_BROADCAST(name, type, rows, ROW)                                                   \
    TILEWRIGHT_BROADCAST(name, type, cols, COL)                                                   \
    TILEWRIGHT_BROADCAST(name, type, scalar, SCALAR)                                              \
    template <BroadcastType broadcast>                                                            \
    TILEWRIGHT_DEVICE void name##_tiles_bcast(std::uint32_t icb0, std::uint32_t icb1,             \
                                              std::uint32_t tile0, std::uint32_t tile1,           \
                                              std::uint32_t dst) {                                \
        tilewright::metalium::compute::binary_tiles(type, broadcast, icb0, icb1, tile0, tile1,    \
                                                    dst);                                         \
    }
#define TILEWRIGHT_BROADCAST(name, type, which, broadcast)                                      \
    TILEWRIGHT_DEVICE void name##_bcast_##which##_init(std::uint32_t, std::uint32_t) {          \
        tilewright::metalium::compute::start_binary(type, BroadcastType::broadcast, false);     \
    }                                                                                           \
    TILEWRIGHT_DEVICE void name##_bcast_##which##_init_short(std::uint32_t, std::uint32_t) {    \
        tilewright::metalium::compute::start_binary(type, BroadcastType::broadcast, false);     \
    }                                                                                           \
    TILEWRIGHT_DEVICE void name##_tiles_bcast_##which(std::uint32_t icb0, std::uint32_t icb1,   \
                                                      std::uint32_t tile0, std::uint32_t tile1, \
                                                      std::uint32_t dst) {                      \
        tilewright::metalium::compute::binary_tiles(type, BroadcastType::broadcast, icb0, icb1, \
                                                    tile0, tile1, dst);                         \
    }
TILEWRIGHT_BINARY(add, ELWADD)
TILEWRIGHT_BINARY(sub, ELWSUB)
TILEWRIGHT_BINARY(mul, ELWMUL)
#undef TILEWRIGHT_BINARY
#undef TILEWRIGHT_BROADCAST

TILEWRIGHT_DEVICE void mul_tiles_bcast_scalar_init_short(std::uint32_t icb0, std::uint32_t icb1) {
    mul_bcast_scalar_init(icb0, icb1);
}
TILEWRIGHT_DEVICE void sub_tiles_bcast_scalar_init_short(std::uint32_t icb0, std::uint32_t icb1) {
    sub_bcast_scalar_init(icb0, icb1);
}
