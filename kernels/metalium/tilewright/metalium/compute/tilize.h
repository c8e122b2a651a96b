// Tiles from rows: a circular buffer holds 32 rows of a matrix, each of as many numbers as its
// tiles have in a row; the pages that come of them are tiles.
#pragma once

#include "tilewright/kernel/tensix/unpack_rows.hpp"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/pack.h"

namespace tilewright::metalium::compute {

/// Tiles in a row of the matrix.
inline std::uint32_t matrix_tiles;

struct TileOfRows {
    static constexpr bool is_one_instruction = false;
    TILEWRIGHT_DEVICE void operator()(bool to_dst) const { engine::unpack_rows(to_dst); }
};

/// Where the tile with a number begins; rows of tiles follow one another.
TILEWRIGHT_DEVICE std::uint32_t address_in_rows(std::uint32_t cb, std::uint32_t tile) {
    const std::uint32_t bytes_of_row = 32 * ::tilewright::tensix::bits_of(format_of(cb)) / 8;
    const std::uint32_t row = tile / matrix_tiles * matrix_tiles;
    return front_address(cb, 0) + row * 32 * bytes_of_row + (tile - row) * bytes_of_row;
}

}  // namespace tilewright::metalium::compute

/// `block`: tiles in a row of the matrix.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_init(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb) {
    copy_init(icb);
    UNPACK((tilewright::metalium::compute::matrix_tiles = block));
}
/// Tiles of the front of one buffer, from a number on, to pages behind the back of another. It
/// waits for no pages and pushes none.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_block(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb,
                                    std::uint32_t first = 0, std::uint32_t first_out = 0) {
    using namespace tilewright::metalium::compute;
    UNPACK((engine::start_unpacking_rows(unpack_format(icb, true), 32 * matrix_tiles)));
    for (std::uint32_t i = 0; i < block; ++i) {
        tile_regs_acquire();
        copy_into_dst(copy_by(icb), address_in_rows(icb, first + i), 0, TileOfRows{});
        tile_regs_commit();
        tile_regs_wait();
        pack_tile<true>(0, ocb, first_out + i);
        tile_regs_release();
    }
    UNPACK((engine::stop_unpacking_rows()));
}
/// There is nothing to undo: tilize_block() leaves the unpacker as it was.
TILEWRIGHT_DEVICE void tilize_uninit(std::uint32_t icb, std::uint32_t ocb) {}

template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_init_short_with_dt(std::uint32_t old_icb, std::uint32_t icb,
                                                 std::uint32_t block, std::uint32_t ocb) {
    reconfig_data_format_srca(old_icb, icb);
    tilize_init(icb, block, ocb);
}
TILEWRIGHT_DEVICE void tilize_uninit_with_dt(std::uint32_t old_icb, std::uint32_t icb,
                                             std::uint32_t ocb) {
    reconfig_data_format_srca(old_icb, icb);
}

// The vendor's faster way for some formats, by calls of its own.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_tilize_init(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb) {
    tilize_init(icb, block, ocb);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_tilize_init_with_dt(std::uint32_t icb, std::uint32_t block,
                                                std::uint32_t ocb) {
    reconfig_data_format_srca(icb);
    tilize_init(icb, block, ocb);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_tilize_block(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb,
                                         std::uint32_t first = 0, std::uint32_t first_out = 0) {
    tilize_block(icb, block, ocb, first, first_out);
}
TILEWRIGHT_DEVICE void fast_tilize_uninit(std::uint32_t icb, std::uint32_t ocb,
                                          std::uint32_t block = 0) {}

// The first generation's names.
TILEWRIGHT_DEVICE void tilize_init_short(std::uint32_t icb, std::uint32_t block,
                                         std::uint32_t ocb) {
    tilize_init(icb, block, ocb);
}
