// Thread 1: copies, sums, differences and products of tiles, number by number.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/math.hpp"

namespace tilewright::kernel::tensix {

enum class Elementwise : std::uint8_t { add, subtract, multiply };
/// Which numbers of SrcB's tile stand for all: those of a column for the rows' others, ...
enum class Broadcast : std::uint8_t { none = 0, column = 1, row = 2, scalar = 3 };

namespace matrix {

// Address modes: from eight rows to the next, ...
inline constexpr std::uint32_t next_eight = 0, next_face = 1, next_faces = 2, next_turn = 3;

/// Eight rows of an operation.
TILEWRIGHT_DEVICE void combine_rows(Elementwise operation, Broadcast broadcast, bool accumulate,
                                    std::uint32_t dst, std::uint32_t step) {
    const auto which = static_cast<std::uint32_t>(broadcast);
    const std::uint32_t add = accumulate ? 1 : 0;
    switch (operation) {
        case Elementwise::add:
            issue(op::elwadd{.dst = dst, .addr_mod = step, .broadcast = which, .accumulate = add});
            break;
        case Elementwise::subtract:
            issue(op::elwsub{.dst = dst, .addr_mod = step, .broadcast = which, .accumulate = add});
            break;
        case Elementwise::multiply:
            issue(op::elwmul{.dst = dst, .addr_mod = step, .broadcast = which, .accumulate = add});
            break;
    }
}

inline constexpr std::uint32_t elementwise_length = 8;

}  // namespace matrix

/// Address modes and replay buffer for an operation: a tile takes eight instructions a phase.
/// `transposed`, of an operation without broadcast: faces 1 and 2 of SrcA change places.
TILEWRIGHT_DEVICE void start_elementwise(Elementwise operation, Broadcast broadcast,
                                         bool accumulate, bool transposed = false) {
    using namespace matrix;
    // Steps of SrcB: inside a face; to the face on the right; to the two below; to the start.
    switch (broadcast) {
        case Broadcast::none:
            set_step(next_eight, {.a = 8, .b = 8});
            set_step(next_face, {.a = transposed ? 24u : 8u, .b = 8});
            set_step(next_faces, {.a = transposed ? 40u : 8u, .b = 8});
            set_step(next_turn, {.a = 8, .b = 8, .next_phase = true});
            break;
        case Broadcast::column:
            set_step(next_eight, {.a = 8, .b = 8});
            set_step(next_face, {.a = 8, .b = 0, .b_from_carry = true});
            set_step(next_faces, {.a = 8, .b = 32, .b_from_carry = true});
            set_step(next_turn, {.a = 8, .b = 32, .b_from_carry = true, .next_phase = true});
            break;
        case Broadcast::row:
            set_step(next_eight, {.a = 8});
            set_step(next_face, {.a = 8, .b = 16});
            set_step(next_faces, {.a = 8, .b = 48});
            set_step(next_turn, {.a = 8, .b = 48, .next_phase = true});
            break;
        case Broadcast::scalar:
            set_step(next_eight, {.a = 8});
            set_step(next_face, {.a = 8});
            set_step(next_faces, {.a = 8});
            set_step(next_turn, {.a = 8, .next_phase = true});
            break;
    }
    reset_counters();
    issue(op::replay{.load = 1, .execute = 0, .count = elementwise_length, .index = 0});
    for (std::uint32_t face = 0; face < 4; ++face) {
        const std::uint32_t last = face == 3 ? next_turn : face == 1 ? next_faces : next_face;
        combine_rows(operation, broadcast, accumulate, 16 * face, next_eight);
        combine_rows(operation, broadcast, accumulate, 16 * face + 8, last);
    }
}

/// One tile. Products have phases, and are added to what is there unless `clear`.
TILEWRIGHT_DEVICE void combine_tiles(const DstUse& dst, std::uint32_t dst_tile,
                                     std::uint32_t phases, bool clear, std::uint32_t flip) {
    select_dst_tile(dst_tile);
    if (clear) {
        for (std::uint32_t face = 0; face < 4; ++face) clear_dst_face(dst, dst_tile, face);
        matrix::reset_counters();
    }
    for (std::uint32_t phase = 0; phase < phases; ++phase) {
        issue(op::replay{.execute = 1, .count = matrix::elementwise_length, .index = 0});
    }
    matrix::reset_counters(flip);
}

/// SrcA's tile as it is, or with faces 1 and 2 in each other's place, to a tile of Dst that has as
/// many bits.
TILEWRIGHT_DEVICE void start_copies(bool transposed = false) {
    matrix::set_step(matrix::next_eight, {});
    matrix::reset_counters();
    issue(op::replay{.load = 1, .execute = 0, .count = matrix::elementwise_length, .index = 0});
    for (std::uint32_t row = 0; row < tile_rows; row += 8) {
        const bool moved = transposed && row >= 16 && row < 48;
        issue(op::mova2d{.dst = row,
                         .mode = 2,
                         .addr_mod = matrix::next_eight,
                         .src = moved ? row ^ 0x30 : row});
    }
}
TILEWRIGHT_DEVICE void copy_to_dst(std::uint32_t dst_tile) {
    select_dst_tile(dst_tile);
    issue(op::replay{.execute = 1, .count = matrix::elementwise_length, .index = 0});
    matrix::reset_counters(matrix::flip_a);
}

}  // namespace tilewright::kernel::tensix
