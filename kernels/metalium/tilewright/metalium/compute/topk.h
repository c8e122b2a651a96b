// The largest or smallest k of many numbers, with their indices: steps of a bitonic sorting
// network on four tiles of Dst, two of numbers and two of their indices. The columns of the tiles
// are sorted, each for itself: rows of a matrix are transposed before.
//
// Options are those of the vendor's calls, in their order: whether equal numbers are ordered by
// their indices; whether Dst has 32 bits; `fused`: numbers have their index in their lower 16 bits,
// and there are no tiles of indices; `rank_stamped`: they have their rank in their lower bits, and
// the indices beside; and how equal numbers are ordered.
#pragma once

#include "tilewright/kernel/tensix/sort.hpp"
#include "tilewright/kernel/tensix/vector_math.hpp"
#include "tilewright/metalium/compute/notes.h"
#include "tilewright/metalium/compute/registers.h"

namespace ckernel {

/// Of numbers in ascending order, equal ones are in this order of their indices.
enum class TopkTieOrder : std::uint8_t { Unset, Ascending, Descending };
/// So that of equal numbers the one with the lower index comes first in a sort of this direction.
constexpr TopkTieOrder topk_tie_order_from_global_direction(bool descending) {
    return descending ? TopkTieOrder::Descending : TopkTieOrder::Ascending;
}

}  // namespace ckernel
using ckernel::TopkTieOrder;

namespace tilewright::metalium::compute {

// The vendor's hosts say by a define that UInt16 is in Dst of 32 bits.
#ifdef TOPK_UINT16_FP32_DEST
inline constexpr bool uint16_in_wide_dst = TOPK_UINT16_FP32_DEST;
#else
inline constexpr bool uint16_in_wide_dst = false;
#endif

template <bool wide, bool stable, bool fused, bool ranked, TopkTieOrder order>
constexpr engine::Sorted sorted_as() {
    static_assert(!stable || order != TopkTieOrder::Unset,
                  "a stable order needs a TopkTieOrder: that of the whole sort");
    static_assert(!(fused && ranked) && !(stable && (fused || ranked)),
                  "stable_sort, fused and rank_stamped exclude one another");
    static_assert(wide || !(fused || ranked), "fused and rank_stamped need fp32_dest_acc_en");
    static_assert(!uint16_in_wide_dst || !(fused || ranked),
                  "fused and rank_stamped are not for UInt16");
    return {.wide = wide,
            .raw = fused || ranked || uint16_in_wide_dst,
            .indices = !fused,
            .ties = !stable                            ? engine::Ties::any
                    : order == TopkTieOrder::Ascending ? engine::Ties::ascending
                                                       : engine::Ties::descending};
}

#ifdef UCK_CHLKC_MATH

namespace keys {

using namespace engine::vector;
using engine::issue;
namespace op = engine::op;

inline constexpr std::uint32_t lower_half = 0xffff;
/// Of SFPSETCC.
inline constexpr std::uint32_t is_negative = 0, is_not_negative = 4;
/// A number's lower 16 bits to the upper half of Dst, which packers take.
inline constexpr std::uint32_t to_upper_half = 9;

/// Constant 12, 13 or 14. Register 0 is used.
TILEWRIGHT_DEVICE void set_constant_bits(std::uint32_t reg, std::uint32_t bits) {
    set(0, bits);
    issue(op::sfpconfig{.vd = reg});
}
TILEWRIGHT_DEVICE void mask(std::uint32_t reg, std::uint32_t by) {
    issue(op::sfpand{.vd = reg, .vc = by});
}
TILEWRIGHT_DEVICE void join(std::uint32_t reg, std::uint32_t with) {
    issue(op::sfpor{.vd = reg, .vc = with});
}
/// reg ^= by where `sign` has the sign.
TILEWRIGHT_DEVICE void turn_round(std::uint32_t reg, std::uint32_t by, std::uint32_t sign,
                                  std::uint32_t where) {
    issue(op::sfpsetcc{.mode = where, .vc = sign});
    issue(op::sfpxor{.vd = reg, .vc = by});
    all_lanes();
}
template <class F>
TILEWRIGHT_DEVICE void for_words(std::uint32_t tile, std::uint32_t count, F f) {
    check_dst_index(tile);
    engine::for_each_vector(tile, count + 1, [&] {
        load(0, 0, int32);
        f();
    });
}
/// Of bits that are stored as they are, or with their halves changed.
[[gnu::noinline]] inline void mask_tile_words(std::uint32_t tile, std::uint32_t bits,
                                              bool swap_halves) {
    engine::stall(engine::block::vector, engine::until::matrix);
    set_constant_bits(12, bits);
    for_words(tile, 2, [&] {
        mask(0, 12);
        store(0, 0, swap_halves ? to_upper_half : int32);
    });
}
TILEWRIGHT_DEVICE void clear_upper_halves(std::uint32_t tile) {
    if constexpr (!uint16_in_wide_dst) return;
    mask_tile_words(tile, lower_half, false);
    mask_tile_words(tile + 1, lower_half, false);
}
[[gnu::noinline]] inline void clear_sign_of_zeros(std::uint32_t tile) {
    for_words(tile, 6, [] {
        copy(1, 0);
        shift(1, 1);
        issue(op::sfpsetcc{.mode = 6, .vc = 1});
        copy(0, zero);
        all_lanes();
        store(0, 0, int32);
    });
}

constexpr std::uint32_t where_index_is_turned(bool largest) {
    return largest ? is_not_negative : is_negative;
}
/// Numbers get the index of two tiles further in their lower half, turned round so that of equal
/// ones the lower index comes first in the sort.
[[gnu::noinline]] inline void fuse(std::uint32_t tile, bool largest) {
    engine::stall(engine::block::vector, engine::until::matrix);
    set_constant_bits(12, lower_half);
    for_words(tile, 7, [=] {
        load(1, 2 * engine::tile_rows, int32);
        mask(1, 12);
        turn_round(1, 12, 0, where_index_is_turned(largest));
        join(0, 1);
        store(0, 0, int32);
    });
}
[[gnu::noinline]] inline void defuse(std::uint32_t tile, bool largest) {
    engine::stall(engine::block::vector, engine::until::matrix);
    set_constant_bits(12, lower_half);
    for_words(tile, 8, [=] {
        constexpr std::uint32_t set_lower = 10;
        copy(1, 0);
        turn_round(1, 12, 0, where_index_is_turned(largest));
        mask(1, 12);
        issue(op::sfploadi{.value = 0, .mode = set_lower, .vd = 0});
        store(0, 0, int32);
        store(1, 2 * engine::tile_rows, to_upper_half);
    });
}

/// Constants of ranks: 12, the bits of a number that they take; 14, all others.
TILEWRIGHT_DEVICE void set_rank_constants(std::uint32_t bits) {
    all_lanes();
    set_constant_bits(12, (1u << bits) - 1);
    set_constant_bits(14, ~((1u << bits) - 1));
}
/// Register 2: of each lane, which of the vector's four places it is at.
TILEWRIGHT_DEVICE void start_ranks() {
    constexpr std::uint32_t twice_the_lane = 15;
    copy(2, twice_the_lane);
    shift(2, -4);
}
TILEWRIGHT_DEVICE void stamp(std::uint32_t reg, std::uint32_t rank, std::uint32_t where) {
    mask(reg, 14);
    join(reg, rank);
    turn_round(reg, 12, reg, where);
}
/// A tile's numbers get ranks from `base` on, by their place in the column. -0 becomes 0.
[[gnu::noinline]] inline void stamp_tile(std::uint32_t tile, bool largest, std::uint32_t bits,
                                         std::uint32_t base) {
    clear_sign_of_zeros(tile);
    engine::stall(engine::block::vector, engine::until::matrix);
    set_rank_constants(bits);
    start_ranks();
    set(1, base);
    join(2, 1);
#pragma clang loop unroll(disable)
    for (std::uint32_t row = 0; row < engine::tile_rows; row += 2) {
        const std::uint32_t place = (row & 12) | (row & 32) >> 1;
        engine::network::go_to(tile, row);
        load(0, 0, int32);
        set(1, place);
        join(1, 2);
        stamp(0, 1, where_index_is_turned(largest));
        store(0, 0, int32);
    }
    engine::stall(engine::block::matrix, engine::until::vector);
    engine::matrix::reset_counters();
}

}  // namespace keys

/// The tiles that a call works on.
template <engine::Sorted sorted>
TILEWRIGHT_DEVICE void check_sorted_tiles(std::uint32_t dst) {
    check_dst_index(dst);
    check_dst_index(dst + (sorted.indices ? 3 : 1));
}

template <engine::Sorted sorted>
[[gnu::noinline]] void local_sort(std::uint32_t dst, bool ascending, std::uint32_t first,
                                  std::uint32_t last, std::uint32_t first_step,
                                  std::uint32_t last_step) {
    check_sorted_tiles<sorted>(dst);
    keys::clear_upper_halves(dst);
    engine::sort_columns<sorted>(dst, ascending, first, last, first_step, last_step);
}
template <engine::Sorted sorted, bool smaller_first, std::uint32_t rank_bits>
[[gnu::noinline]] void merge(std::uint32_t dst, std::uint32_t round, std::uint32_t k) {
    check_sorted_tiles<sorted>(dst);
    keys::clear_upper_halves(dst);
    if constexpr (rank_bits != 0) {
        engine::stall(engine::block::vector, engine::until::matrix);
        keys::set_rank_constants(rank_bits);
        keys::set_constant_bits(13, 2 * k - 1);
    }
    engine::merge_columns<sorted>(dst, round, k, smaller_first, [](bool start) {
        if constexpr (rank_bits != 0) {
            using namespace keys;
            constexpr std::uint32_t where = where_index_is_turned(!smaller_first);
            if (start) start_ranks();
            // The second sequence is in the other direction, with the higher ranks.
            stamp(0, 2, where);
            copy(3, 2);
            issue(op::sfpxor{.vd = 3, .vc = 13});
            stamp(1, 3, where);
            issue(op::sfpiadd{.mode = 1 | 4, .vd = 2, .vc = 2, .value = 4});
        }
    });
}
template <engine::Sorted sorted>
[[gnu::noinline]] void rebuild(std::uint32_t dst, bool ascending, std::uint32_t round,
                               std::uint32_t k, std::uint32_t log_k, bool half) {
    check_sorted_tiles<sorted>(dst);
    keys::clear_upper_halves(dst);
    engine::rebuild_columns<sorted>(dst, ascending, round, k, log_k, half);
}

#endif

}  // namespace tilewright::metalium::compute

template <bool fused = false, bool rank_stamped = false, std::uint32_t tag_bits = 16>
TILEWRIGHT_DEVICE void topk_tile_init() {
    static_assert(rank_stamped || tag_bits == 16, "tag_bits is for rank_stamped only");
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("topk_tile_init");)
}
/// Sorts sequences of 2^(end_phase + 1) of the 64 numbers of each column, in turn one way and the
/// other: the first one descending, or ascending if `ascending` (from phase 3 on). Phases from
/// `start_phase` on; of one phase from 4 on alone the steps from `start_step` down to the one above
/// `end_step`, and the last four.
template <bool stable_sort = false, bool wide = DST_ACCUM_MODE, bool fused = false,
          bool rank_stamped = false, TopkTieOrder order = TopkTieOrder::Unset>
TILEWRIGHT_DEVICE void topk_local_sort(std::uint32_t dst, int ascending, int end_phase,
                                       int start_phase = 0, int end_step = 0, int start_step = 0) {
    using namespace tilewright::metalium::compute;
    constexpr auto sorted = sorted_as<wide, stable_sort, fused, rank_stamped, order>();
    MATH(TILEWRIGHT_NOTE_VECTOR("topk_local_sort", "topk_tile_init");)
    MATH((local_sort<sorted>(dst, ascending != 0, start_phase, end_phase, start_step, end_step)));
}
/// Of two sorted sequences of k numbers, one descending and one ascending, that are k * 2^m_iter
/// apart, the first gets the k largest, or if `smallest` the k smallest, the second the rest.
template <bool smallest = false, bool stable_sort = false, bool wide = DST_ACCUM_MODE,
          bool fused = false, bool rank_stamped = false, TopkTieOrder order = TopkTieOrder::Unset,
          std::uint32_t tag_bits = 16>
TILEWRIGHT_DEVICE void topk_merge(std::uint32_t dst, int m_iter, int k) {
    using namespace tilewright::metalium::compute;
    static_assert(rank_stamped || tag_bits == 16, "tag_bits is for rank_stamped only");
    static_assert(tag_bits >= 6 && tag_bits <= 16, "tag_bits: expected 6 to 16");
    constexpr auto sorted = sorted_as<wide, stable_sort, fused, rank_stamped, order>();
    MATH(TILEWRIGHT_NOTE_VECTOR("topk_merge", "topk_tile_init");)
    MATH((merge < sorted, smallest, rank_stamped ? tag_bits : 0 > (dst, m_iter, k)));
}
/// Sorts the sequences that topk_merge() has made first, in turn one way and the other; with
/// `skip_second` those in the first of the two tiles only (of k up to 16).
template <bool stable_sort = false, bool wide = DST_ACCUM_MODE, bool fused = false,
          bool rank_stamped = false, TopkTieOrder order = TopkTieOrder::Unset>
TILEWRIGHT_DEVICE void topk_rebuild(std::uint32_t dst, bool ascending, int m_iter, int k, int logk,
                                    int skip_second) {
    using namespace tilewright::metalium::compute;
    constexpr auto sorted = sorted_as<wide, stable_sort, fused, rank_stamped, order>();
    MATH(TILEWRIGHT_NOTE_VECTOR("topk_rebuild", "topk_tile_init");)
    MATH((rebuild<sorted>(dst, ascending, m_iter, k, logk, (skip_second & 1) != 0)));
}

// --- Numbers and indices in one word -------------------------------------------------------------
//
// BF16 in Dst of 32 bits leaves 16 bits free; numbers of TF32 leave 13. All are for Dst of 32 bits.

#define TILEWRIGHT_NEEDS_WIDE_DST(wide) \
    static_assert(wide, "this call moves words of 32 bits: it needs fp32_dest_acc_en")

/// Two tiles of numbers get their 16-bit indices, of the two tiles behind, in their lower halves.
template <bool largest>
TILEWRIGHT_DEVICE void topk_fuse_tile(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    TILEWRIGHT_NEEDS_WIDE_DST(DST_ACCUM_MODE);
    MATH((keys::fuse(dst, largest)));
    MATH((keys::fuse(dst + 1, largest)));
}
/// The other way: `count` tiles, with their indices two tiles further, as packers take UInt16.
template <bool largest>
TILEWRIGHT_DEVICE void topk_defuse_tile(std::uint32_t dst, std::uint32_t count) {
    using namespace tilewright::metalium::compute;
    TILEWRIGHT_NEEDS_WIDE_DST(DST_ACCUM_MODE);
    MATH(for (std::uint32_t i = 0; i < count; ++i) keys::defuse(dst + i, largest);)
}
/// A tile of two gets ranks from `rank_base` on, by the place in the column, in its lower bits.
template <bool largest, std::uint32_t tag_bits = 16>
TILEWRIGHT_DEVICE void topk_stamp_tile_rank_range(std::uint32_t dst, std::uint32_t tile,
                                                  std::uint32_t rank_base) {
    using namespace tilewright::metalium::compute;
    TILEWRIGHT_NEEDS_WIDE_DST(DST_ACCUM_MODE);
    static_assert(tag_bits >= 6 && tag_bits <= 16, "tag_bits: expected 6 to 16");
    MATH((keys::stamp_tile(dst + tile, largest, tag_bits, rank_base)));
}
/// Both tiles: ranks 0 to 63.
template <bool largest, std::uint32_t tag_bits = 16>
TILEWRIGHT_DEVICE void topk_stamp_local_positions(std::uint32_t dst) {
    topk_stamp_tile_rank_range<largest, tag_bits>(dst, 0, 0);
    topk_stamp_tile_rank_range<largest, tag_bits>(dst, 1, 32);
}
template <std::uint32_t tag_bits = 16, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void topk_strip_rank_tags(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    TILEWRIGHT_NEEDS_WIDE_DST(wide);
    MATH((keys::mask_tile_words(dst, ~((1u << tag_bits) - 1), false)));
}
/// -0 becomes 0 in two tiles, so that both count as equal. Of 16 bits of Dst they are already.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void topk_canonicalize_negzero_values(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    if constexpr (wide && !uint16_in_wide_dst) {
        MATH((keys::clear_sign_of_zeros(dst)));
        MATH((keys::clear_sign_of_zeros(dst + 1)));
    }
}
/// Integers of 16 bits, in the lower half of Dst, to where packers take them.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void topk_uint16_move_dest_tile_to_pack_half(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    TILEWRIGHT_NEEDS_WIDE_DST(wide);
    MATH((keys::mask_tile_words(dst, keys::lower_half, true)));
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void topk_finalize_uint16_indices(std::uint32_t dst) {
    topk_uint16_move_dest_tile_to_pack_half<wide>(dst);
}
TILEWRIGHT_DEVICE void topk_uint16_prepare_value_tile_for_pack(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    if constexpr (uint16_in_wide_dst) topk_uint16_move_dest_tile_to_pack_half<true>(dst);
}
#undef TILEWRIGHT_NEEDS_WIDE_DST

namespace ckernel {
using ::topk_canonicalize_negzero_values;
using ::topk_defuse_tile;
using ::topk_finalize_uint16_indices;
using ::topk_fuse_tile;
using ::topk_local_sort;
using ::topk_merge;
using ::topk_rebuild;
using ::topk_stamp_local_positions;
using ::topk_stamp_tile_rank_range;
using ::topk_strip_rank_tags;
using ::topk_tile_init;
using ::topk_uint16_move_dest_tile_to_pack_half;
using ::topk_uint16_prepare_value_tile_for_pack;
}  // namespace ckernel
