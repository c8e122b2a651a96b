// Thread 1: matmuls of tiles. SrcB has the left tile, SrcA the right one, each in four faces:
//     D0 D1     B0 B1   A0 A1
//     D2 D3  +=  B2 B3 * A2 A3
// An MVMUL multiplies eight rows of SrcB with a face of SrcA. Between two that add to the same rows
// of Dst come as many others as there are, as a sum can be read some cycles after it was written.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/math.hpp"

namespace tilewright::kernel::tensix {

namespace matrix {

/// Of the replay buffer: a phase of a matmul, 16 instructions.
inline constexpr std::uint32_t phase_length = 16;

// Address modes: the next eight rows of SrcB; the same face of SrcB and the next of SrcA; ...
inline constexpr std::uint32_t next_rows = 0, next_face_of_a = 1, next_face_of_b = 2,
                               second_half = 3;
/// To the start, in the next phase. Wormhole names it like `second_half`, while the bias is on.
inline constexpr std::uint32_t next_phase = wormhole ? 3 : 4;
/// To the start, in the first phase and the next tile of Dst. Wormhole has no mode left for it.
inline constexpr std::uint32_t next_tile = 5;

TILEWRIGHT_DEVICE void multiply_rows(std::uint32_t dst, std::uint32_t step) {
    issue(op::mvmul{.dst = dst, .addr_mod = step});
}
/// A face of SrcB with two of SrcA.
TILEWRIGHT_DEVICE void multiply_faces(std::uint32_t dst, std::uint32_t step) {
    multiply_rows(dst, next_rows);
    multiply_rows(dst + 8, next_face_of_a);
    multiply_rows(dst + 16, next_rows);
    multiply_rows(dst + 24, step);
}

}  // namespace matrix

/// Address modes and replay buffer for matmuls. `transposed`: the right tile is the transpose of
/// what is meant but for its faces, which the unpacker transposes.
TILEWRIGHT_DEVICE void start_matmul(bool transposed) {
    using namespace matrix;
    // Faces of SrcB in the order 0, 2, 1, 3; their rows begin at 0, 32, 16, 48. To each belong two
    // faces of SrcA: 0 and 1, 0 and 1, 2 and 3, 2 and 3; transposed, 1 and 2 are the other way
    // round.
    const std::uint32_t right = transposed ? 32 : 16;
    const Step rows{.b = 8};
    const Step face_of_a{.a = right, .b = 0, .b_from_carry = true};
    const Step face_of_b{.a = 64 - right, .b = 32, .b_from_carry = true};
    set_step(next_rows, rows);
    set_step(next_face_of_a, face_of_a);
    set_step(next_face_of_b, face_of_b);
    set_step(second_half,
             {.a = transposed ? 48u : 16u, .b = 48, .b_from_carry = true, .bias = Bias::toggle});
    if constexpr (wormhole) {
        set_step(4 + next_rows, rows);
        set_step(4 + next_face_of_a, face_of_a);
        set_step(4 + next_face_of_b, face_of_b);
    }
    set_step(wormhole ? 7 : 4,
             {.a = 16, .b = 16, .b_from_carry = true, .next_phase = true, .bias = Bias::clear});
    if constexpr (blackhole) {
        set_step(next_tile,
                 {.a = 16, .b = 16, .b_from_carry = true, .first_phase = true, .dst = tile_rows});
    }
    reset_counters();
    issue(op::replay{.load = 1, .execute = 0, .count = phase_length, .index = 0});
    multiply_faces(0, next_face_of_b);
    multiply_faces(32, second_half);
    multiply_faces(0, next_face_of_b);
    multiply_faces(32, next_phase);
}

/// Dst += SrcB * SrcA, in 1 (LoFi) to 4 phases (HiFi4); then the banks that `flip` names are given
/// back (matrix::flip_a and so on).
TILEWRIGHT_DEVICE void multiply_tiles(std::uint32_t dst_tile, std::uint32_t phases,
                                      std::uint32_t flip) {
    select_dst_tile(dst_tile);
    for (std::uint32_t phase = 0; phase < phases; ++phase) {
        issue(op::replay{.execute = 1, .count = matrix::phase_length, .index = 0});
    }
    matrix::reset_counters(flip);
}

/// The same for a row of tiles from `dst_tile` on: the left tile stays in SrcB until the last one.
/// On Blackhole nothing but products comes between the first and the last.
TILEWRIGHT_DEVICE void multiply_row(std::uint32_t dst_tile, std::uint32_t tiles,
                                    std::uint32_t phases) {
    using namespace matrix;
    if constexpr (wormhole) {
        for (std::uint32_t tile = 0; tile < tiles; ++tile) {
            multiply_tiles(dst_tile + tile, phases, tile + 1 == tiles ? flip_both : flip_a);
        }
        return;
    }
    // The last product of a tile gives back what it read, and has another step.
    constexpr std::uint32_t last_rows = 32 + 24;
    const auto multiply_last = [](std::uint32_t flip) {
        issue(op::replay{.execute = 1, .count = phase_length - 1, .index = 0});
        issue(op::mvmul{.dst = last_rows, .addr_mod = next_tile, .flip = flip});
    };
    select_dst_tile(dst_tile);
    for (std::uint32_t tile = 1; tile <= tiles; ++tile) {
        for (std::uint32_t phase = 1; phase < phases; ++phase) {
            issue(op::replay{.execute = 1, .count = phase_length, .index = 0});
        }
        if (tile < tiles) {
            multiply_last(flip_a);
        } else {
            multiply_last(flip_both);
        }
    }
    reset_counters();
}

}  // namespace tilewright::kernel::tensix
