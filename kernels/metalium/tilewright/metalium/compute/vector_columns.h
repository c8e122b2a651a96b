// Tiles of Dst with a column, a row or one number of another; sums of rows and columns of integers;
// rows in another order; moving averages. By the vector unit, in sfpi or by its instructions.
#pragma once

#include "tilewright/metalium/compute/statistics.h"
#include "tilewright/metalium/compute/vector_integers.h"

#ifdef UCK_CHLKC_MATH

namespace tilewright::metalium::compute {

using sfpi::vFloat;
using sfpi::vInt;

namespace broadcast {

using namespace statistics;

/// f(row of Dst) for each four rows of a tile.
template <class F>
TILEWRIGHT_DEVICE void for_four_rows(F f) {
#pragma clang loop unroll(disable)
    for (std::uint32_t row = 0; row < 32; row += 4) f((row & 15) + (row & 16) * 2);
}
/// Register 0: all lanes get what the first one of their eight has.
TILEWRIGHT_DEVICE void repeat_first_column() {
    clear_but_first_lanes();
    spread_first_lanes();
}
/// Register 0: all groups of eight lanes get what the first one has.
TILEWRIGHT_DEVICE void repeat_first_row() {
    for (std::uint32_t reg = 1; reg < 4; ++reg) clear(reg);
    transpose();
    repeat_group(0);
    transpose();
}

/// f() changes register 2, a number of the tile, by register 0, that of the row's first column.
template <class F>
[[gnu::noinline]] void with_column(std::uint32_t tile, std::uint32_t column, F f) {
    check_dst_index(column);
    begin(tile);
    for_four_rows([&](std::uint32_t row) {
        go_to(column, row);
        load(0);
        repeat_first_column();
        go_to(tile, row);
        for (const std::uint32_t part : columns) {
            load(2, part);
            f();
            store(2, part);
        }
    });
    end();
}
/// The same by that of the column's first row.
template <class F>
[[gnu::noinline]] void with_row(std::uint32_t tile, std::uint32_t from, F f) {
    check_dst_index(from);
    begin(tile);
#pragma clang loop unroll(disable)
    for (const std::uint32_t part : columns) {
        go_to(from, part);
        load(0);
        repeat_first_row();
        for_four_rows([&](std::uint32_t row) {
            go_to(tile, row + part);
            load(2);
            f();
            store(2);
        });
    }
    end();
}

/// (x - mean) * factor, with a column or with one number for all.
template <bool one_for_all>
[[gnu::noinline]] void normalize(std::uint32_t tile, std::uint32_t mean, std::uint32_t factor) {
    constexpr std::uint32_t negative_mean = 4, scale = 5;
    check_dst_index(mean);
    check_dst_index(factor);
    const auto take = [](std::uint32_t reg, std::uint32_t from, std::uint32_t row, bool negate) {
        go_to(from, row);
        load(0);
        if constexpr (one_for_all) repeat_first_row();
        repeat_first_column();
        copy(reg, 0, negate);
    };
    begin(tile);
    if constexpr (one_for_all) {
        take(negative_mean, mean, 0, true);
        take(scale, factor, 0, false);
    }
    for_four_rows([&](std::uint32_t row) {
        if constexpr (!one_for_all) {
            take(negative_mean, mean, row, true);
            take(scale, factor, row, false);
        }
        go_to(tile, row);
        for (const std::uint32_t part : columns) {
            load(2, part);
            add(2, negative_mean);
            multiply(2, 2, scale);
            store(2, part);
        }
    });
    end();
}

}  // namespace broadcast

template <class F>
[[gnu::noinline]] void for_faces(std::uint32_t tile, VectorMode mode, F f) {
    vectors::start(tile);
    vectors::for_each_face(mode, f);
    vectors::finish();
}
/// Of a face's vectors, 0 to 7, and of the next one's, 8 to 15, or of the one below, 16 to 23.
template <int... others>
TILEWRIGHT_DEVICE void sum_vectors(int to) {
    constexpr DataFormat format = DataFormat::Int32;
    vInt sum = load_integer<format>(sfpi::dst_reg[to]);
    ((sum += load_integer<format>(sfpi::dst_reg[to + others])), ...);
    store_integer<format>(sfpi::dst_reg[to], sum);
}
[[gnu::noinline]] inline void sum_column_parts(std::uint32_t tile) {
    for_faces(tile, VectorMode::R, [] {
        for (int odd = 0; odd < 2; ++odd) sum_vectors<2, 4, 6, 16, 18, 20, 22>(odd);
    });
}
[[gnu::noinline]] inline void sum_row_parts(std::uint32_t tile) {
    for_faces(tile, VectorMode::C, [] {
        for (int rows = 0; rows < 8; rows += 2) sum_vectors<1, 8, 9>(rows);
    });
}

/// Rows of a tile are added to rows of the tile behind, which a table of 32 bytes names; those from
/// 32 on are left out.
[[gnu::noinline]] inline void add_rows_by_table(std::uint32_t tile,
                                                const volatile std::uint8_t* table) {
    using namespace statistics;
    begin(tile, 2);
    const auto row_address = [](std::uint32_t row) { return (row & 12) + (row & 16) * 2; };
#pragma clang loop unroll(disable)
    for (std::uint32_t row = 0; row < 32; ++row) {
        const std::uint32_t to = table[row];
        if (to >= 32) continue;
        const std::uint32_t target = next_tile + row_address(to);
        for (std::uint32_t reg = 0; reg < 4; ++reg) load(reg, row_address(row) + columns[reg]);
        for (std::uint32_t reg = 0; reg < 4; ++reg) load(4 + reg, target + columns[reg]);
        transpose();
        multiply_add(4 + to % 4, row % 4, one, 4 + to % 4);
        transpose();
        store_row(4, target);
    }
    end();
}

/// y = a y + b x, column by column, with the last y in register 4, a in 5 and b in 6.
[[gnu::noinline]] inline void average_on(std::uint32_t tile) {
    using namespace statistics;
    constexpr std::uint32_t last = 4, a = 5, b = 6, decayed = 7;
    begin(tile, 2);
#pragma clang loop unroll(disable)
    for (std::uint32_t row = 0; row < 32; row += 4) {
        go_to(tile, (row & 15) + (row & 16) * 2);
        transpose();
        for (std::uint32_t reg = 0; reg < 4; ++reg) load(reg, columns[reg]);
        transpose();
        for (std::uint32_t reg = 0; reg < 4; ++reg) {
            multiply(decayed, a, reg == 0 ? last : reg - 1);
            multiply_add(reg, b, reg, decayed);
        }
        copy(last, 3);
        transpose();
        store_row(0, next_tile);
        transpose();
    }
    end();
}

[[gnu::noinline]] inline void situ_glu(std::uint32_t gate, std::uint32_t up, std::uint32_t out) {
    for (const std::uint32_t tile : {gate, up, out}) check_dst_index(tile);
    for_vectors(0, VectorMode::RC, [=] {
        using namespace functions;
        // One value at a time, so that the functions have registers enough.
        vFloat y = 25.0F * hyperbolic_tangent(vFloat(vector_of(up)) * 0.04F);
        y *= logistic(vector_of(gate));
        y *= 4.0F * hyperbolic_tangent(vFloat(vector_of(gate)) * 0.25F);
        vector_of(out) = y;
    });
}

}  // namespace tilewright::metalium::compute

#endif

// --- A column, a row or one number for a tile ----------------------------------------------------
//
// The first tile changes, by the first column, the first row or the first number of the others.

TILEWRIGHT_DEVICE void sfpu_bcast_col_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("sfpu_bcast_col_init");)
}
TILEWRIGHT_DEVICE void sfpu_bcast_row_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("sfpu_bcast_row_init");)
}
TILEWRIGHT_DEVICE void sfpu_normalize_bcast_scalar_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("sfpu_normalize_bcast_scalar_init");)
}
#define TILEWRIGHT_BROADCAST(name, which, of, ...)                                                 \
    TILEWRIGHT_DEVICE void sfpu_##name##_bcast_##which##_init() {                                  \
        sfpu_bcast_##which##_init();                                                               \
    }                                                                                              \
    template <bool wide = DST_ACCUM_MODE>                                                          \
    TILEWRIGHT_DEVICE void sfpu_##name##_bcast_##which(std::uint32_t dst, std::uint32_t other) {   \
        using namespace tilewright::metalium::compute;                                             \
        MATH(                                                                                      \
            TILEWRIGHT_NOTE_VECTOR("sfpu_" #name "_bcast_" #which, "sfpu_bcast_" #which "_init");) \
        MATH((broadcast::with_##of(dst, other, [] { statistics::__VA_ARGS__; })));                 \
    }
TILEWRIGHT_BROADCAST(add, col, column, add(2, 0))
TILEWRIGHT_BROADCAST(sub, col, column, difference(2, 2, 0))
TILEWRIGHT_BROADCAST(mul, col, column, multiply(2, 2, 0))
TILEWRIGHT_BROADCAST(add, row, row, add(2, 0))
TILEWRIGHT_BROADCAST(sub, row, row, difference(2, 2, 0))
TILEWRIGHT_BROADCAST(mul, row, row, multiply(2, 2, 0))
#undef TILEWRIGHT_BROADCAST

/// (x - mean) * inverse, with those of the row; of x + residual; or with one for all.
TILEWRIGHT_DEVICE void sfpu_normalize_bcast_col(std::uint32_t dst, std::uint32_t mean,
                                                std::uint32_t inverse) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("sfpu_normalize_bcast_col", "sfpu_bcast_col_init");)
    MATH((broadcast::normalize<false>(dst, mean, inverse)));
}
TILEWRIGHT_DEVICE void sfpu_normalize_bcast_col_two_tiles(std::uint32_t dst, std::uint32_t second,
                                                          std::uint32_t mean,
                                                          std::uint32_t inverse) {
    sfpu_normalize_bcast_col(dst, mean, inverse);
    sfpu_normalize_bcast_col(second, mean, inverse);
}
TILEWRIGHT_DEVICE void sfpu_residual_normalize_bcast_col(std::uint32_t dst, std::uint32_t residual,
                                                         std::uint32_t mean,
                                                         std::uint32_t inverse) {
    add_binary_tile(dst, residual, dst);
    sfpu_normalize_bcast_col(dst, mean, inverse);
}
TILEWRIGHT_DEVICE void sfpu_normalize_bcast_scalar(std::uint32_t dst, std::uint32_t mean,
                                                   std::uint32_t inverse) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("sfpu_normalize_bcast_scalar", "sfpu_normalize_bcast_scalar_init");)
    MATH((broadcast::normalize<true>(dst, mean, inverse)));
}

// --- Sums of integers ----------------------------------------------------------------------------

TILEWRIGHT_DEVICE void sfpu_sum_int_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("sfpu_sum_int_init");)
}
/// Sums over the rows that are equal modulo 4, in the tile's first four rows.
TILEWRIGHT_DEVICE void sfpu_sum_int_col(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("sfpu_sum_int_col", "sfpu_sum_int_init");)
    MATH((sum_column_parts(dst)));
}
/// Sums over the columns 2 c, 2 c + 1, 2 c + 16 and 2 c + 17, in columns 2 c of the first sixteen.
TILEWRIGHT_DEVICE void sfpu_sum_int_row(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("sfpu_sum_int_row", "sfpu_sum_int_init");)
    MATH((sum_row_parts(dst)));
}
/// The tile behind is added to a tile, whatever the other parameters say.
TILEWRIGHT_DEVICE void sfpu_add_int(std::uint32_t dst, std::uint32_t /*offset*/ = 2,
                                    std::int32_t /*iterations*/ = 8) {
    MATH(TILEWRIGHT_NOTE_VECTOR("sfpu_add_int", "sfpu_sum_int_init");)
    add_int_tile<DataFormat::Int32>(dst, dst + 1, dst);
}

// --- Rows ----------------------------------------------------------------------------------------

TILEWRIGHT_DEVICE void reshuffle_rows_tile_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("reshuffle_rows_tile_init");)
}
/// Rows of a tile are added to rows of the tile behind: of 32 bytes in L1, 16 behind the address,
/// each says to which; 32 and more: to none.
TILEWRIGHT_DEVICE void reshuffle_rows_tile(std::uint32_t dst, std::uint32_t table) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("reshuffle_rows_tile", "reshuffle_rows_tile_init");)
    MATH((add_rows_by_table(dst, reinterpret_cast<const volatile std::uint8_t*>(table + 16))));
}

/// Moving averages down the columns, from tile to tile: y = alpha y + beta x, both the bits of
/// floats. The averages are the tile behind; no other function of the vector unit comes between.
TILEWRIGHT_DEVICE void ema_init(std::uint32_t alpha, std::uint32_t beta) {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("ema_init");)
    MATH((tilewright::kernel::tensix::vector::set(5, alpha)));
    MATH((tilewright::kernel::tensix::vector::set(6, beta)));
}
TILEWRIGHT_DEVICE void ema_clear_previous_output() {
    MATH((tilewright::kernel::tensix::vector::set(4, 0)));
}
TILEWRIGHT_DEVICE void ema_tile(std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    MATH(TILEWRIGHT_NOTE_VECTOR("ema_tile", "ema_init");)
    MATH((average_on(dst)));
}

// --- Gates ---------------------------------------------------------------------------------------

TILEWRIGHT_DEVICE void situ_glu_tile_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("situ_glu_tile_init");)
}
/// 4 tanh(gate / 4) sigmoid(gate) * 25 tanh(up / 25), near the true values.
TILEWRIGHT_DEVICE void situ_glu_tile(std::uint32_t gate, std::uint32_t up, std::uint32_t out,
                                     VectorMode mode = VectorMode::RC) {
    using namespace tilewright::metalium;
    MATH(TILEWRIGHT_NOTE_VECTOR("situ_glu_tile", "situ_glu_tile_init");)
    MATH((compute::situ_glu(gate, up, out)));
}
TILEWRIGHT_DEVICE void clamped_silu_glu_tile_init() {
    MATH(TILEWRIGHT_NOTE_VECTOR_INIT("clamped_silu_glu_tile_init");)
}
/// silu(min(gate, 10)) * clamp(up, -10, 10).
TILEWRIGHT_DEVICE void clamped_silu_glu_tile(std::uint32_t gate, std::uint32_t up,
                                             std::uint32_t out, VectorMode mode = VectorMode::RC) {
    using namespace tilewright::metalium;
    MATH(TILEWRIGHT_NOTE_VECTOR("clamped_silu_glu_tile", "clamped_silu_glu_tile_init");)
    MATH((compute::combine_vectors(gate, up, out, [](sfpi::vFloat x, sfpi::vFloat y) {
        using namespace functions;
        x = sfpi::min(x, sfpi::vFloat(10.0F));
        y = sfpi::clamp(y, sfpi::vFloat(-10.0F), sfpi::vFloat(10.0F));
        y *= x;
        return sfpi::vFloat(logistic(x) * y);
    })));
}
