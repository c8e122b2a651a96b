// The function that the published example of a custom sum calls for each face.
#pragma once

#include "tilewright/metalium/sfpi.h"

#ifdef UCK_CHLKC_MATH
namespace ckernel::sfpu {

/// The sum of two tiles' faces; tiles of Dst are 32 vectors apart.
inline void my_add_tile_face(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) {
    constexpr std::uint32_t vectors_a_tile = 32, vectors_a_face = 8;
    for (std::uint32_t i = 0; i < vectors_a_face; ++i) {
        const sfpi::vFloat x = sfpi::dst_reg[in0 * vectors_a_tile + i];
        const sfpi::vFloat y = sfpi::dst_reg[in1 * vectors_a_tile + i];
        sfpi::dst_reg[out * vectors_a_tile + i] = x + y;
    }
}

}  // namespace ckernel::sfpu
#endif
