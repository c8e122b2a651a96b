// Thread 1: transposes of tiles of Dst in place. They pass SrcB, which transposes 16 x 16 numbers
// of 16 bits: of Dst with 32 bits first the upper halves, then the lower ones, whatever they stand
// for.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/math.hpp"

namespace tilewright::kernel::tensix {

namespace transposition {

inline constexpr std::uint32_t stay = 2;     ///< the address mode
inline constexpr std::uint32_t turned = 16;  ///< rows of SrcB that can be transposed

/// The halves of numbers of Dst: all there is, or of 32 bits the upper or the lower ones.
enum class Half : std::uint8_t { whole, upper, lower };

/// Moves of upper halves into Dst name the row that they lie in, others the row of 32 bits.
constexpr std::uint32_t row_for(Half half, std::uint32_t row) {
    return half == Half::upper ? (row & ~7u) << 1 | (row & 7) : row;
}

/// 16 rows of Dst to SrcB, transposed.
TILEWRIGHT_DEVICE void take_face(Half half, std::uint32_t first) {
    for (std::uint32_t row = 0; row < 16; row += 4) {
        issue(op::movd2b{.dst = first + row,
                         .mode = 2,
                         .addr_mod = stay,
                         .src = turned + row,
                         .low_half = half == Half::lower ? 1u : 0u});
    }
    issue(op::trnspsrcb{});
    issue(op::gatesrcrst{.src_a = 1, .src_b = 1});
}
TILEWRIGHT_DEVICE void put_face(Half half, std::uint32_t first) {
    for (std::uint32_t row = 0; row < 16; row += 4) {
        issue(op::movb2d{.dst = row_for(half, first + row),
                         .mode = 4,
                         .addr_mod = stay,
                         .src = turned + row,
                         .low_half = half == Half::lower ? 1u : 0u});
    }
}

TILEWRIGHT_DEVICE void transpose(Half half, std::uint32_t first, bool swap_faces) {
    take_face(half, first);
    put_face(half, first);
    take_face(half, first + 48);
    put_face(half, first + 48);
    const std::uint32_t one = first + 16, other = first + 32;
    take_face(half, one);
    if (!swap_faces) {
        put_face(half, one);
        take_face(half, other);
        put_face(half, other);
        return;
    }
    for (std::uint32_t row = 0; row < 16; row += 4) {
        issue(op::movb2a{.src_b = turned + row, .mode = 2, .addr_mod = stay, .src_a = row});
    }
    take_face(half, other);
    put_face(half, one);
    for (std::uint32_t row = 0; row < 16; row += 8) {
        issue(op::mova2d{.dst = row_for(half, other + row),
                         .mode = 2,
                         .addr_mod = stay,
                         .src = row,
                         .low_half = half == Half::lower ? 1u : 0u});
    }
}

}  // namespace transposition

TILEWRIGHT_DEVICE void start_dst_transposes() {
    matrix::set_step(transposition::stay, {});
}
/// A tile; without `swap_faces` each face for itself. The unpackers have handed over SrcA and SrcB,
/// whose contents are lost.
TILEWRIGHT_DEVICE void transpose_dst(const DstUse& dst, std::uint32_t tile, bool swap_faces) {
    using namespace transposition;
    const std::uint32_t first = matrix::first_row + tile * tile_rows;
    stall(block::matrix, until::a_unpacked | until::b_unpacked | until::vector);
    force_sources(Format::bf16);
    // Whatever 16 bits there are must not be taken for numbers that are too small.
    configure(config::keep_source_denormals, 1);
    configure_thread(thread_config::math_offset, 0);
    if (dst.wide) {
        transpose(Half::upper, first, swap_faces);
        transpose(Half::lower, first, swap_faces);
    } else {
        transpose(Half::whole, first, swap_faces);
    }
    stall(block::configuration, until::matrix);
    configure(config::keep_source_denormals, 0);
    release_sources();
    matrix::reset_counters(matrix::flip_both);
}

}  // namespace tilewright::kernel::tensix
