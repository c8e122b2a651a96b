// Means and variances of the columns of tiles of Dst: by Welford's algorithm, number by number, or
// in two passes, of which the first sums up differences from an anchor, the first number there is.
//
// A lane is a column: 32 of them at once, a row after the other. What is known so far stays in the
// registers of the vector unit from call to call, where no other function of it may come between:
// 4 has the mean (or the anchor), 5 the sum of squares of differences from it (or that of
// differences), 6 a second one for every other row, 7 a reciprocal, or the anchor. Each step is
// that of the vendor's kernels, in the same order, so that results are the same to the bit.
//
// Saved in Dst, the 32 numbers of a register lie in four rows of a tile's first face, in even
// columns, and those of another in the tile behind. A group is such a place, four rows from the
// next.
#pragma once

#include "tilewright/kernel/tensix/vector_math.hpp"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/notes.h"
#include "tilewright/metalium/compute/registers.h"

/// Whether welford_init() forgets what is known so far.
enum class WelfordInitMode : std::uint8_t { ClearStats, PreserveStats };
enum class TwoPassAccumulation : std::uint8_t { ShiftedSum, CentredM2 };
enum class TwoPassAnchor : std::uint8_t { Reuse, Initialise };

namespace tilewright::metalium::compute::statistics {

TILEWRIGHT_DEVICE void check_rows(std::uint32_t first, std::uint32_t count) {
    kernel::check(first + count <= 32, "statistics: a tile has 32 rows");
}

#ifdef UCK_CHLKC_MATH

using namespace engine::vector;
using engine::issue;
namespace op = engine::op;

inline constexpr std::uint32_t mean = 4, squares = 5, other_squares = 6, scale = 7;
inline constexpr std::uint32_t next_tile = engine::tile_rows;
/// A register's four rows are those of these columns of a tile's row, once transposed.
inline constexpr std::uint32_t columns[] = {0, 2, 16, 18};

TILEWRIGHT_DEVICE void clear(std::uint32_t reg) {
    set_upper(reg, 0);
}
TILEWRIGHT_DEVICE void transpose() {
    issue(op::sfptransp{});
}
/// reg = x - y.
TILEWRIGHT_DEVICE void difference(std::uint32_t reg, std::uint32_t x, std::uint32_t y) {
    multiply_add(reg, minus_one, y, x);
}
TILEWRIGHT_DEVICE void add(std::uint32_t reg, std::uint32_t x) {
    multiply_add(reg, reg, one, x);
}
TILEWRIGHT_DEVICE void multiply(std::uint32_t reg, std::uint32_t x, std::uint32_t y) {
    multiply_add(reg, x, y, zero);
}

/// What loads and stores count rows from.
TILEWRIGHT_DEVICE void go_to(std::uint32_t tile, std::uint32_t row = 0) {
    engine::configure_thread(engine::thread_config::math_offset,
                             engine::matrix::first_row + tile * engine::tile_rows + row);
}
TILEWRIGHT_DEVICE void begin(std::uint32_t tile, std::uint32_t tiles = 1) {
    check_dst_index(tile + tiles - 1);
    go_to(tile);
    engine::stall(engine::block::vector, engine::until::matrix);
}
TILEWRIGHT_DEVICE void end() {
    engine::stall(engine::block::matrix, engine::until::vector);
    engine::matrix::reset_counters();
}

/// f<reg>() for rows of a tile, each in a register of 0 to 3.
template <class F>
[[gnu::noinline]] void for_rows(std::uint32_t tile, std::uint32_t first, std::uint32_t count, F f) {
    begin(tile);
    const std::uint32_t last = first + count;
#pragma clang loop unroll(disable)
    for (std::uint32_t row = first & ~3u; row < last; row += 4) {
        go_to(tile, (row & 15) + (row & 16) * 2);
        // The other four registers are transposed along, there and back.
        transpose();
        for (std::uint32_t reg = 0; reg < 4; ++reg) load(reg, columns[reg]);
        transpose();
        const auto takes = [&](std::uint32_t reg) {
            return row + reg >= first && row + reg < last;
        };
        if (takes(0)) f.template operator()<0>();
        if (takes(1)) f.template operator()<1>();
        if (takes(2)) f.template operator()<2>();
        if (takes(3)) f.template operator()<3>();
    }
    end();
}

/// Registers 0 (of 0 to 3) or 4 (of 4 to 7) become a row of a tile.
TILEWRIGHT_DEVICE void store_row(std::uint32_t first, std::uint32_t row) {
    for (std::uint32_t reg = 0; reg < 4; ++reg) store(first + reg, row + columns[reg]);
}
TILEWRIGHT_DEVICE void add_other_squares(bool dual) {
    if (dual) add(squares, other_squares);
}

// --- Welford -------------------------------------------------------------------------------------

/// 1 / (index + 1), from a table or calculated by the core.
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE std::uint32_t reciprocal_bits(std::uint32_t index, const Table& table) {
    if constexpr (size != 0) {
        kernel::check(index < size, "statistics: the table of reciprocals is too short");
        return table[index];
    } else {
        return std::bit_cast<std::uint32_t>(1.0F / static_cast<float>(index + 1));
    }
}

template <std::uint32_t x>
TILEWRIGHT_DEVICE void take_number() {
    constexpr std::uint32_t new_mean = 6;
    difference(new_mean, x, mean);
    multiply_add(new_mean, new_mean, scale, mean);
    difference(mean, x, mean);
    difference(x, x, new_mean);
    multiply_add(squares, mean, x, squares);
    copy(mean, new_mean);
}
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void take_rows(std::uint32_t tile, std::uint32_t index, std::uint32_t first,
                                 std::uint32_t count, const Table& table) {
    for_rows(tile, first, count, [&]<std::uint32_t reg> {
        set(scale, reciprocal_bits<size>(index++, table));
        take_number<reg>();
    });
}

[[gnu::noinline]] inline void save(std::uint32_t tile, std::uint32_t group) {
    begin(tile, 2);
    store(mean, 4 * group);
    store(squares, next_tile + 4 * group);
    end();
}
[[gnu::noinline]] inline void restore(std::uint32_t tile, std::uint32_t group) {
    begin(tile, 2);
    load(mean, 4 * group);
    load(squares, next_tile + 4 * group);
    end();
}

/// Mean and variance as the first rows of two tiles; or the variance only.
[[gnu::noinline]] inline void finalize_to_row(std::uint32_t tile, std::uint32_t bits, bool dual,
                                              bool with_mean) {
    begin(tile, 2);
    add_other_squares(dual);
    copy(0, mean);
    set(scale, bits);
    multiply(4, squares, scale);
    for (const std::uint32_t reg : {1u, 2u, 3u, 5u, 6u, 7u}) clear(reg);
    transpose();
    if (with_mean) store_row(0, 0);
    store_row(4, next_tile);
    end();
}
[[gnu::noinline]] inline void finalize_to_group(std::uint32_t tile, std::uint32_t group,
                                                std::uint32_t bits, bool dual) {
    begin(tile, 2);
    add_other_squares(dual);
    set(scale, bits);
    multiply(squares, squares, scale);
    store(mean, 4 * group);
    store(squares, next_tile + 4 * group);
    clear(other_squares);
    end();
}

// --- Two passes ----------------------------------------------------------------------------------

[[gnu::noinline]] inline void save_anchor(std::uint32_t tile, std::uint32_t row) {
    begin(tile);
    store(scale, row);
    end();
}
[[gnu::noinline]] inline void restore_anchor(std::uint32_t tile, std::uint32_t row) {
    begin(tile);
    load(scale, row);
    end();
}

/// Every other row has sums of its own, so that none waits for the one before.
template <std::uint32_t reg, bool dual>
inline constexpr std::uint32_t sum_of = dual && (reg & 1) != 0 ? other_squares : squares;

template <bool dual>
TILEWRIGHT_DEVICE void add_differences(std::uint32_t tile, std::uint32_t first, std::uint32_t count,
                                       bool with_anchor) {
    for_rows(tile, first, count, [&]<std::uint32_t reg> {
        if (with_anchor) {
            copy(mean, reg);
            clear(squares);
            if constexpr (dual) clear(other_squares);
            with_anchor = false;
        }
        difference(reg, reg, mean);
        add(sum_of<reg, dual>, reg);
    });
}
template <bool dual>
TILEWRIGHT_DEVICE void add_squares(std::uint32_t tile, std::uint32_t first, std::uint32_t count) {
    for_rows(tile, first, count, [&]<std::uint32_t reg> {
        difference(reg, reg, mean);
        multiply_add(sum_of<reg, dual>, reg, reg, sum_of<reg, dual>);
    });
}
[[gnu::noinline]] inline void finish_mean(std::uint32_t bits, bool dual, bool keeps_anchor) {
    if (keeps_anchor) copy(0, mean);
    set(scale, bits);
    add_other_squares(dual);
    multiply_add(mean, squares, scale, mean);
    if (keeps_anchor) copy(scale, 0);
    clear(squares);
    clear(other_squares);
}
/// With what an earlier block left: mean_a + d n_b / n, M_a + M_b + d^2 n_a n_b / n, where d is the
/// difference of their means.
[[gnu::noinline]] inline void combine(std::uint32_t tile, std::uint32_t reciprocal_of_all,
                                      std::uint32_t block_count, bool dual) {
    constexpr std::uint32_t share = 2, weight = 3, sign = 0x8000'0000;
    begin(tile, 2);
    add_other_squares(dual);
    set(share, reciprocal_of_all);
    set(weight, block_count);
    multiply(share, share, weight);
    set(7, block_count ^ sign);
    multiply_add(weight, share, 7, weight);
    load(0);
    load(1, next_tile);
    difference(7, mean, 0);
    multiply_add(squares, 1, one, squares);
    multiply_add(mean, 7, share, 0);
    multiply(7, 7, 7);
    multiply(7, 7, weight);
    clear(other_squares);
    add(squares, 7);
    store(mean);
    store(squares, next_tile);
    end();
}
/// The mean in two parts, as rows 0 and 16: the anchor, and the anchor less the mean.
[[gnu::noinline]] inline void finalize_split(std::uint32_t tile, std::uint32_t bits, bool dual) {
    begin(tile, 2);
    add_other_squares(dual);
    copy(0, scale);
    difference(mean, scale, mean);
    copy(1, mean);
    set(6, bits);
    multiply(4, squares, 6);
    // The variance goes through Dst, as it has the bits that Dst has there.
    store(4, next_tile);
    copy(4, 1);
    for (const std::uint32_t reg : {1u, 2u, 3u, 5u, 6u, 7u}) clear(reg);
    transpose();
    store_row(0, 0);
    store_row(4, 32);
    load(4, next_tile);
    for (const std::uint32_t reg : {5u, 6u, 7u}) clear(reg);
    transpose();
    store_row(4, next_tile);
    end();
}

// --- Over the 32 lanes ---------------------------------------------------------------------------

/// Lanes in groups of eight move on by some.
TILEWRIGHT_DEVICE void rotate(std::uint32_t reg, std::uint32_t by) {
    constexpr std::uint32_t in_eights = 3;
    for (std::uint32_t i = 0; i < by; ++i) {
        issue(op::sfpshft2{.mode = in_eights, .vd = reg, .vc = reg});
        issue(op::sfpnop{});
    }
}
/// Each lane of a register gets the sum of its group of eight. The one behind it is used.
TILEWRIGHT_DEVICE void sum_of_eights(std::uint32_t reg) {
    for (const std::uint32_t by : {4u, 2u, 1u}) {
        copy(reg + 1, reg);
        rotate(reg + 1, by);
        add(reg, reg + 1);
    }
}
/// The sum of the four groups of register 0, and of register 4 where that is asked for, in the
/// first group of each; others are lost.
TILEWRIGHT_DEVICE void sum_of_groups(bool of_both) {
    for (const std::uint32_t reg : {1u, 2u, 3u, 5u, 6u, 7u}) clear(reg);
    transpose();
    for (std::uint32_t reg = 1; reg < 4; ++reg) {
        add(0, reg);
        if (of_both) add(4, 4 + reg);
    }
}
/// The three registers behind one like it: transposed, each of its groups is that of the first.
TILEWRIGHT_DEVICE void repeat_group(std::uint32_t reg) {
    for (std::uint32_t i = 1; i < 4; ++i) copy(reg + i, reg);
}
/// Register 0: 0 in all lanes but the first one of each eight. Register 1 is used.
TILEWRIGHT_DEVICE void clear_but_first_lanes() {
    constexpr std::uint32_t twice_the_lane = 15, not_zero = 2;
    copy(1, twice_the_lane);
    shift(1, 28);
    issue(op::sfpsetcc{.mode = not_zero, .vc = 1});
    clear(0);
    all_lanes();
}
/// Register 0: what the first lane of each eight has in all, where the others are 0.
TILEWRIGHT_DEVICE void spread_first_lanes() {
    for (const std::uint32_t by : {1u, 2u, 4u}) {
        copy(1, 0);
        rotate(1, by);
        add(0, 1);
    }
}
/// The first lane of register 0 in all others; registers 4 to 7 stay.
TILEWRIGHT_DEVICE void repeat_first_lane() {
    clear_but_first_lanes();
    for (std::uint32_t reg = 1; reg < 4; ++reg) clear(reg);
    transpose();
    repeat_group(0);
    transpose();
    spread_first_lanes();
}
/// Of 32 lanes with as many numbers each: their mean, and the mean of the variances with the
/// variance of the means. The tile behind the two is used.
[[gnu::noinline]] inline void combine_lanes(std::uint32_t tile, std::uint32_t group,
                                            std::uint32_t bits, bool dual, bool average) {
    constexpr std::uint32_t scratch = 2 * engine::tile_rows, scratch_anchor = scratch + 4;
    constexpr std::uint32_t one_32nd = 0x3d00;
    const auto store_twice = [](std::uint32_t reg, std::uint32_t row) {
        store(reg, row);
        store(reg, row + 2);
    };
    begin(tile, 3);
    add_other_squares(dual);
    set(6, bits);
    multiply(squares, squares, 6);
    // Means are counted from that of the first lane.
    copy(0, mean);
    repeat_first_lane();
    store_twice(0, scratch_anchor);
    difference(0, mean, 0);
    store_twice(0, scratch);
    copy(4, squares);
    sum_of_eights(0);
    sum_of_eights(4);
    sum_of_groups(true);
    repeat_group(0);
    repeat_group(4);
    transpose();
    set_upper(6, one_32nd);
    multiply(0, 0, 6);
    load(1, scratch);
    load(7, scratch_anchor);
    difference(1, 1, 0);
    multiply_add(7, 0, one, 7);
    store_twice(7, 4 * group);
    multiply(0, 1, 1);
    sum_of_eights(0);
    sum_of_groups(false);
    multiply_add(squares, 0, one, 4);
    if (average) {
        set_upper(6, one_32nd);
        multiply(squares, squares, 6);
    }
    store_twice(squares, next_tile + 4 * group);
    end();
}

#endif

}  // namespace tilewright::metalium::compute::statistics

#define TILEWRIGHT_STATISTICS(name, init, ...)     \
    using namespace tilewright::metalium::compute; \
    MATH(TILEWRIGHT_NOTE_VECTOR(#name, #init);)    \
    MATH((statistics::__VA_ARGS__))
#define TILEWRIGHT_WELFORD(name, ...) TILEWRIGHT_STATISTICS(name, welford_init, __VA_ARGS__)
#define TILEWRIGHT_TWO_PASS(name, ...) \
    TILEWRIGHT_STATISTICS(name, two_pass_stats_init_shifted, __VA_ARGS__)

// --- Welford -------------------------------------------------------------------------------------
//
// Options are the length of a table of reciprocals, 1 / 1, 1 / 2 and so on as bits of floats; of
// length 0 they are calculated.

TILEWRIGHT_DEVICE void welford_clear() {
    MATH((tilewright::metalium::compute::statistics::clear(4)));
    MATH((tilewright::metalium::compute::statistics::clear(5)));
}
template <WelfordInitMode mode = WelfordInitMode::ClearStats>
TILEWRIGHT_DEVICE void welford_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("welford_init");)
    if constexpr (mode == WelfordInitMode::ClearStats) welford_clear();
}
/// After operations of the matrix unit: tiles of this buffer are copied again.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void welford_reinit(std::uint32_t cb) {
    copy_init(cb);
}
/// Takes the 32 rows of a tile of Dst, of which the first is the column's number `index` from 0 on.
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_update(std::uint32_t dst, std::uint32_t index, const Table& table) {
    TILEWRIGHT_WELFORD(welford_update, take_rows<size>(dst, index, 0, 32, table));
}
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_update_rows(std::uint32_t dst, std::uint32_t index,
                                           std::uint32_t first, std::uint32_t count,
                                           const Table& table) {
    MATH((tilewright::metalium::compute::statistics::check_rows(first, count)));
    TILEWRIGHT_WELFORD(welford_update_rows, take_rows<size>(dst, index, first, count, table));
}
/// To a tile of Dst and the one behind, and back.
TILEWRIGHT_DEVICE void welford_save_state(std::uint32_t dst, std::uint32_t group = 0) {
    MATH((tilewright::metalium::compute::statistics::save(dst, group)));
}
TILEWRIGHT_DEVICE void welford_restore_state(std::uint32_t dst, std::uint32_t group = 0) {
    MATH((tilewright::metalium::compute::statistics::restore(dst, group)));
}
/// Mean and variance, the first rows of a tile and of the one behind, of `index` + 1 numbers.
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_finalize_to_row(std::uint32_t dst, std::uint32_t index,
                                               const Table& table) {
    TILEWRIGHT_WELFORD(
        welford_finalize_to_row,
        finalize_to_row(dst, statistics::reciprocal_bits<size>(index, table), false, true));
}
/// The same as a saved state is, to a group's place or the first one.
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_finalize_to_face(std::uint32_t dst, std::uint32_t group,
                                                std::uint32_t index, const Table& table) {
    TILEWRIGHT_WELFORD(
        welford_finalize_to_face,
        finalize_to_group(dst, group, statistics::reciprocal_bits<size>(index, table), false));
}
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_finalize_to_face(std::uint32_t dst, std::uint32_t index,
                                                const Table& table) {
    welford_finalize_to_face<size>(dst, 0, index, table);
}

// The names of before.
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_tile(std::uint32_t dst, std::uint32_t index, const Table& table) {
    welford_update<size>(dst, index, table);
}
template <std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_partial_tile(std::uint32_t dst, std::uint32_t index,
                                            std::uint32_t first, std::uint32_t count,
                                            const Table& table) {
    welford_update_rows<size>(dst, index, first, count, table);
}
/// With the state in two tiles of Dst, as saved, or at the end as their first rows: rows from
/// `skipped` on, of which the first is number `index` of `all`; of number 0 there is no state yet.
template <std::uint32_t input, std::uint32_t mean, std::uint32_t squares, bool to_row,
          std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_tile(std::uint32_t index, std::uint32_t all, std::uint32_t skipped,
                                    const Table& table) {
    static_assert(squares == mean + 1, "welford_tile: M2 is in the tile behind the mean's");
    using namespace tilewright::metalium::compute;
    const std::uint32_t left = 32 - skipped, missing = all - index;
    if (index == 0) {
        welford_clear();
    } else {
        welford_restore_state(mean);
    }
    welford_update_rows<size>(input, index, skipped, left < missing ? left : missing, table);
    if constexpr (to_row) {
        constexpr std::uint32_t one = 0x3f80'0000;
        MATH((statistics::finalize_to_row(mean, one, false, true)));
    } else {
        welford_save_state(mean);
    }
}
/// Of `count` numbers, in place.
template <std::uint32_t mean, std::uint32_t squares, std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_M2_to_var(std::uint32_t count, std::uint32_t group,
                                         const Table& table) {
    static_assert(squares == mean + 1, "welford_M2_to_var: M2 is in the tile behind the mean's");
    welford_restore_state(mean, group);
    welford_finalize_to_face<size>(mean, group, count - 1, table);
}
template <std::uint32_t mean, std::uint32_t squares, std::size_t size, class Table>
TILEWRIGHT_DEVICE void welford_M2_to_var(std::uint32_t count, const Table& table) {
    welford_M2_to_var<mean, squares, size>(count, 0, table);
}

// --- Two passes ----------------------------------------------------------------------------------
//
// Option `dual`: every other row has sums of its own. Reciprocals and counts are bits of floats.

TILEWRIGHT_DEVICE void two_pass_stats_init_shifted() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("two_pass_stats_init_shifted");)
}
TILEWRIGHT_DEVICE void two_pass_stats_clear() {
    welford_clear();
    MATH((tilewright::metalium::compute::statistics::clear(6)));
}
/// The second pass: squares of differences from the mean.
template <bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_update_rows(std::uint32_t dst, std::uint32_t first,
                                                  std::uint32_t count) {
    MATH((tilewright::metalium::compute::statistics::check_rows(first, count)));
    TILEWRIGHT_TWO_PASS(two_pass_stats_update_rows, add_squares<dual>(dst, first, count));
}
/// Either pass, as the first option says (TwoPassAccumulation, or whether it is the second one); in
/// the first one the first row is the anchor where the second option says so (TwoPassAnchor).
template <auto accumulation, auto anchor = TwoPassAnchor::Reuse, bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_update_shifted_rows(std::uint32_t dst, std::uint32_t first,
                                                          std::uint32_t count) {
    if constexpr (static_cast<bool>(accumulation)) {
        two_pass_stats_update_rows<dual>(dst, first, count);
    } else {
        MATH((tilewright::metalium::compute::statistics::check_rows(first, count)));
        TILEWRIGHT_TWO_PASS(two_pass_stats_update_shifted_rows,
                            add_differences<dual>(dst, first, count, static_cast<bool>(anchor)));
    }
}
/// Between the passes: the mean, from the reciprocal of how many rows there were.
template <bool dual = true, bool retain_anchor = false>
TILEWRIGHT_DEVICE void two_pass_stats_finish_shifted_mean(std::uint32_t reciprocal) {
    static_assert(dual || !retain_anchor, "the anchor is kept with two sums only");
    TILEWRIGHT_TWO_PASS(two_pass_stats_finish_shifted_mean,
                        finish_mean(reciprocal, dual, retain_anchor));
}
template <bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_save_state(std::uint32_t dst) {
    MATH((tilewright::metalium::compute::statistics::add_other_squares(dual)));
    MATH((tilewright::metalium::compute::statistics::clear(6)));
    TILEWRIGHT_TWO_PASS(two_pass_stats_save_state, save(dst, 0));
}
/// A group's state to its place, and that of another one.
template <bool dual>
TILEWRIGHT_DEVICE void two_pass_stats_switch_group(std::uint32_t dst, std::uint32_t saved,
                                                   std::uint32_t restored) {
    static_assert(!dual, "a group's state has no second sums: expected dual_accumulator = false");
    welford_save_state(dst, saved);
    welford_restore_state(dst, restored);
}
/// The anchor that was kept, to the first rows of a tile or to its place beside a saved state.
TILEWRIGHT_DEVICE void two_pass_stats_save_anchor(std::uint32_t dst) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_save_anchor, save_anchor(dst, 0));
}
TILEWRIGHT_DEVICE void two_pass_stats_restore_anchor(std::uint32_t dst) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_restore_anchor, restore_anchor(dst, 0));
}
TILEWRIGHT_DEVICE void two_pass_stats_save_anchor_to_state(std::uint32_t dst) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_save_anchor_to_state, save_anchor(dst, 4));
}
TILEWRIGHT_DEVICE void two_pass_stats_restore_anchor_from_state(std::uint32_t dst) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_restore_anchor_from_state, restore_anchor(dst, 4));
}
/// What was saved, together with this block of rows, in its place: by the reciprocal of how many
/// rows both have, and how many the block has.
template <bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_combine_block(std::uint32_t dst, std::uint32_t reciprocal,
                                                    std::uint32_t block_count) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_combine_block, combine(dst, reciprocal, block_count, dual));
}
/// Mean and variance as the first rows of a tile and of the one behind, or the variance only.
template <bool dual = true, bool store_mean = true>
TILEWRIGHT_DEVICE void two_pass_stats_finalize_to_row(std::uint32_t dst, std::uint32_t reciprocal) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_finalize_to_row,
                        finalize_to_row(dst, reciprocal, dual, store_mean));
}
/// The mean as rows 0 and 16: the anchor that was kept, and the anchor less the mean.
template <bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_finalize_split_mean_to_row(std::uint32_t dst,
                                                                 std::uint32_t reciprocal) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_finalize_split_mean_to_row,
                        finalize_split(dst, reciprocal, dual));
}
/// To a group's place.
template <bool dual = true>
TILEWRIGHT_DEVICE void two_pass_stats_finalize_to_face(std::uint32_t dst, std::uint32_t group,
                                                       std::uint32_t reciprocal) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_finalize_to_face,
                        finalize_to_group(dst, group, reciprocal, dual));
}
/// Of all 32 columns together, of which each has as many numbers: in all places of the group's
/// mean, and in the first row of its variance. It is the sum over the columns where it is not to be
/// their average. The tile behind both is used.
template <bool dual = true, bool average_variance = true>
TILEWRIGHT_DEVICE void two_pass_stats_finalize_and_combine_to_face(std::uint32_t dst,
                                                                   std::uint32_t group,
                                                                   std::uint32_t reciprocal) {
    TILEWRIGHT_TWO_PASS(two_pass_stats_finalize_and_combine_to_face,
                        combine_lanes(dst, group, reciprocal, dual, average_variance));
}
#undef TILEWRIGHT_TWO_PASS
#undef TILEWRIGHT_WELFORD
#undef TILEWRIGHT_STATISTICS

namespace ckernel {
using ::TwoPassAccumulation;
using ::TwoPassAnchor;
using ::WelfordInitMode;
}  // namespace ckernel
