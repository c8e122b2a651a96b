// Thread 1: the matrix unit, from SrcA and SrcB into Dst.
//
// Dst has 1024 rows of 16 bits or 512 of 32: 16 or 8 tiles. With half synchronisation the packers
// take one half while the other is computed.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/config.hpp"
#include "tilewright/kernel/tensix/format.hpp"
#include "tilewright/kernel/tensix/sync.hpp"

namespace tilewright::kernel::tensix {

/// How Dst is used, by all three threads alike.
struct DstUse {
    bool wide;  ///< 32 bits
    bool full;  ///< no halves
    constexpr std::uint32_t half_rows() const { return wide ? 256 : 512; }
    constexpr std::uint32_t tiles() const { return (full ? 2 : 1) * half_rows() / tile_rows; }
    constexpr std::uint32_t other_half(std::uint32_t first_row) const {
        return full ? 0 : first_row ^ half_rows();
    }
};

namespace matrix {

/// Where the half of Dst that is computed begins.
inline std::uint32_t first_row;
/// Dst was cleared, and the semaphore of its halves has its maximum.
inline bool started;
/// Tiles of it (bits) that hold maxima of rows.
inline std::uint32_t tiles_of_maxima;

/// Wormhole's instructions can name four address modes of eight, the upper ones while a bias is on.
enum class Bias : std::uint8_t { keep = 0, toggle = 1, clear = 1 << 4 };
/// What follows an instruction: steps of the counters of SrcA and SrcB, modulo 64 rows, of Dst, and
/// of the fidelity phase.
struct Step {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    bool b_from_carry = false;  ///< from where it stepped so last
    bool next_phase = false;
    bool first_phase = false;
    std::uint32_t dst = 0;  ///< rows of Dst
    Bias bias = Bias::keep;
};
TILEWRIGHT_DEVICE void set_step(std::uint32_t mode, const Step& step) {
    const std::uint32_t sources = step.a | step.b << 8 | (step.b_from_carry ? 1u << 14 : 0);
    configure_thread(thread_config::source_modes.at(wormhole ? 2 * mode : mode), sources);
    const std::uint32_t phase = step.first_phase ? 1u << 15 : step.next_phase ? 1u << 13 : 0;
    configure_thread(thread_config::dst_modes.at(mode), step.dst | phase);
    configure_thread(thread_config::bias_modes.at(mode), static_cast<std::uint32_t>(step.bias));
}

/// Of SETRWC and of the instructions that can end a turn: whose.
inline constexpr std::uint32_t flip_a = 1, flip_b = 2, flip_both = 3;
/// All counters to 0.
TILEWRIGHT_DEVICE void reset_counters(std::uint32_t flip = 0) {
    issue(op::setrwc{.which = 0xf, .flip = flip});
}

}  // namespace matrix

/// Other formats of SrcA and SrcB.
TILEWRIGHT_DEVICE void change_math(Format a, Format b, bool integers) {
    stall(block::configuration, until::matrix | until::vector);
    configure(config::a_format, static_cast<std::uint32_t>(a));
    configure(config::b_format, static_cast<std::uint32_t>(b));
    configure(config::int8_math, integers ? 1 : 0);
}

/// Before the unit is used, and again for other operands: what Dst holds, and whose turn it is,
/// stays.
TILEWRIGHT_DEVICE void start_math(const DstUse& dst, Format a, Format b, bool integers) {
    change_math(a, b, integers);
    configure(config::fp32_dst, dst.wide ? 1 : 0);
    configure(config::fp32_vector, dst.wide ? 1 : 0);
    matrix::reset_counters();
    if (matrix::started) return;
    matrix::started = true;
    issue(op::zeroacc{.mode = 3});
    // Flags say which lanes of the vector unit take part: all.
    issue(op::sfpencc{.mode = 10, .value = 3});
    init_semaphore(semaphore::dst_ready, dst.full ? 1 : 2);
}

/// Both sources have this format, whatever the unpackers made, until release_sources().
TILEWRIGHT_DEVICE void force_sources(Format format) {
    // Of A and of B: the format, and that it counts.
    const std::uint32_t one = static_cast<std::uint32_t>(format) | 1 << 4;
    stall(block::configuration, until::matrix);
    configure(Place{place_of(config::a_format_override_value).word, 0, 10}, one | one << 5);
    if constexpr (blackhole) {
        configure_thread(thread_config::own_a_format, 1);
        configure_thread(thread_config::own_b_format, 1);
    }
}
TILEWRIGHT_DEVICE void release_sources() {
    stall(block::configuration, until::matrix);
    configure(Place{place_of(config::a_format_override_value).word, 0, 10}, 0);
    if constexpr (blackhole) {
        configure_thread(thread_config::own_a_format, 0);
        configure_thread(thread_config::own_b_format, 0);
    }
}
/// Whether between Dst of 32 bits and the sources as many bits pass as those hold, whatever their
/// format.
TILEWRIGHT_DEVICE void widen_sources(bool widen) {
    widen ? force_sources(Format::tf32) : release_sources();
}

/// Until the packers have left a half.
TILEWRIGHT_DEVICE void acquire_dst_half() {
    wait_while_full(block::matrix | block::vector | block::sync, semaphore::dst_ready);
    matrix::tiles_of_maxima = 0;
}
/// All rows of the half that is acquired become undefined, as clear_dst_face() has it.
TILEWRIGHT_DEVICE void clear_dst_half(const DstUse& dst) {
    if (dst.full) {
        issue(op::zeroacc{.mode = 3});
    } else {
        issue(op::zeroacc{.where = matrix::first_row != 0 ? 1u : 0u, .mode = 2});
    }
}
/// Hands the half to the packers and goes on with the other.
TILEWRIGHT_DEVICE void commit_dst_half(const DstUse& dst) {
    stall(block::sync, until::matrix | until::vector);
    post(semaphore::dst_ready);
    matrix::first_row = dst.other_half(matrix::first_row);
}

/// What follows works on this tile of the half.
TILEWRIGHT_DEVICE void select_dst_tile(std::uint32_t tile) {
    configure_thread(thread_config::math_offset, matrix::first_row + tile * tile_rows);
}
/// 16 rows of the tile that is selected become undefined: zero, or less than all where a maximum is
/// taken. The counters move as by an operation with address mode 0.
TILEWRIGHT_DEVICE void clear_dst_face(const DstUse& dst, std::uint32_t tile, std::uint32_t face) {
    // Blackhole counts from the start of the half that is selected.
    const std::uint32_t first =
        wormhole ? matrix::first_row + tile * tile_rows : tile * tile_rows & (dst.half_rows() - 1);
    issue(op::zeroacc{.where = first / 16 + face, .mode = 1, .wide = dst.wide ? 1u : 0u});
}

}  // namespace tilewright::kernel::tensix
