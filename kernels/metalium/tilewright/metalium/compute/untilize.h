// Rows from tiles: what comes is 32 rows of a matrix, each of as many numbers as its tiles have in
// a row, in as many pages as there are tiles.
#pragma once

#include "tilewright/kernel/tensix/pack_rows.hpp"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/pack.h"

namespace tilewright::metalium::compute {

/// Tiles of Dst, to the block with a number of a row of `full` tiles, at the back of the buffer.
TILEWRIGHT_DEVICE void pack_block_of_rows(engine::PackedRows what, std::uint32_t first_dst,
                                          std::uint32_t cb, std::uint32_t full,
                                          std::uint32_t row_of_tiles, std::uint32_t block) {
    const std::uint32_t bits = ::tilewright::tensix::bits_of(format_of(cb));
    const std::uint32_t bytes_of_tile = what.faces_across * what.columns * bits / 8;
    const std::uint32_t rows = what.faces_down * what.rows_of_face;
    what.bytes_of_tile = bytes_of_tile;
    what.bytes_to_next_row = full * bytes_of_tile;
    engine::pack_rows(what, first_dst,
                      get_write_ptr(cb) + row_of_tiles * rows * what.bytes_to_next_row +
                          block * what.tiles * bytes_of_tile);
}

/// `columns`: tiles of a circular buffer from its front on.
TILEWRIGHT_DEVICE void untilize(std::uint32_t icb, std::uint32_t first, std::uint32_t columns,
                                std::uint32_t full, std::uint32_t ocb, std::uint32_t row_of_tiles,
                                std::uint32_t block) {
    check_dst_index(columns - 1);
    tile_regs_acquire();
    for (std::uint32_t i = 0; i < columns; ++i) copy_tile(icb, first + i, i);
    tile_regs_commit();
    tile_regs_wait();
    PACK((pack_block_of_rows({.tiles = columns}, 0, ocb, full, row_of_tiles, block)));
    tile_regs_release();
}

}  // namespace tilewright::metalium::compute

// --- From circular buffer to circular buffer -----------------------------------------------------

template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void pack_untilize_init(std::uint32_t icb, std::uint32_t ocb) {
    copy_init(icb);
    MATH((tilewright::kernel::tensix::let_rows_be_packed()));
}
/// For a kernel that has had pack_untilize_init() before.
template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void pack_untilize_init_skip_remap(std::uint32_t icb, std::uint32_t ocb) {
    copy_init(icb);
}
/// The block with a number of rows of tiles. It waits for no pages and pushes none.
template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void pack_untilize_block(std::uint32_t icb, std::uint32_t block_rt_dim,
                                           std::uint32_t ocb, std::uint32_t block_c_index = 0) {
    for (std::uint32_t row = 0; row < block_rt_dim; ++row) {
        tilewright::metalium::compute::untilize(icb, row * block_ct_dim, block_ct_dim, full_ct_dim,
                                                ocb, row, block_c_index);
    }
}
TILEWRIGHT_DEVICE void pack_untilize_uninit(std::uint32_t ocb = 16) {
    pack_reconfig_data_format(ocb);
}

template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void untilize_init(std::uint32_t icb) {
    copy_init(icb);
    MATH((tilewright::kernel::tensix::let_rows_be_packed()));
}
/// A row of tiles, as many at a time as Dst is to take.
template <std::uint32_t block_ct_dim = 1, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void untilize_block(std::uint32_t icb, std::uint32_t full_ct_dim,
                                      std::uint32_t ocb) {
    for (std::uint32_t block = 0; block < full_ct_dim / block_ct_dim; ++block) {
        tilewright::metalium::compute::untilize(icb, block * block_ct_dim, block_ct_dim,
                                                full_ct_dim, ocb, 0, block);
    }
}
TILEWRIGHT_DEVICE void untilize_uninit(std::uint32_t icb) {}

// The vendor's way for rows that are many tiles wide: here what the others do, as many tiles at a
// time as Dst takes and go into a row.
namespace tilewright::metalium::compute {
constexpr std::uint32_t tiles_at_a_time(std::uint32_t width) {
    std::uint32_t tiles = dst_use.tiles();
    while (width % tiles != 0) --tiles;
    return tiles;
}
}  // namespace tilewright::metalium::compute
template <std::uint32_t full_ct_dim, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_untilize_init(std::uint32_t icb, std::uint32_t ocb) {
    pack_untilize_init(icb, ocb);
}
template <std::uint32_t full_ct_dim, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_untilize_init_skip_remap(std::uint32_t icb, std::uint32_t ocb) {
    pack_untilize_init_skip_remap(icb, ocb);
}
/// A row of tiles, those of the buffer from the one with a number on.
template <std::uint32_t full_ct_dim, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_untilize_block(std::uint32_t icb, std::uint32_t ocb,
                                           std::uint32_t input_tile_index = 0) {
    using namespace tilewright::metalium::compute;
    constexpr std::uint32_t tiles = tiles_at_a_time(full_ct_dim);
    for (std::uint32_t block = 0; block < full_ct_dim / tiles; ++block) {
        untilize(icb, input_tile_index + block * tiles, tiles, full_ct_dim, ocb, 0, block);
    }
}
template <std::uint32_t full_ct_dim, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_untilize_uninit(std::uint32_t ocb) {
    pack_untilize_uninit(ocb);
}

// --- From Dst ------------------------------------------------------------------------------------

template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool narrow_row = false, std::uint32_t row_num_datums = 32, bool dense = false,
          bool configure_remap = true, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void pack_untilize_dest_init(std::uint32_t ocb, std::uint32_t face_r_dim = 16,
                                               std::uint32_t num_faces = 4) {
    MATH((tilewright::kernel::tensix::let_rows_be_packed()));
}

/// Of faces with fewer rows, or tiles with fewer faces, what there is.
template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool diagonal = false, bool narrow_row = false, std::uint32_t row_num_datums = 32,
          std::uint32_t tile_dst_ct_offset = 0, bool dense = false>
TILEWRIGHT_DEVICE void pack_untilize_dest(std::uint32_t ocb, std::uint32_t block_rt_dim,
                                          std::uint32_t block_c_index, std::uint32_t face_r_dim,
                                          std::uint32_t num_faces,
                                          std::uint32_t tile_dst_rt_offset = 0) {
    static_assert(!diagonal && !dense, "neither diagonal nor dense packing is supported");
    static_assert(narrow_row ? row_num_datums <= 16 : row_num_datums == 32,
                  "rows have 32 numbers, narrow ones up to 16");
    using namespace tilewright::metalium::compute;
    const engine::PackedRows what{.tiles = block_ct_dim,
                                  .rows_of_face = face_r_dim,
                                  .faces_down = num_faces > 2 ? 2u : 1u,
                                  .faces_across = num_faces > 1 && !narrow_row ? 2u : 1u,
                                  .columns = narrow_row ? row_num_datums : 16};
    for (std::uint32_t row = 0; row < block_rt_dim; ++row) {
        const std::uint32_t first = tile_dst_ct_offset + tile_dst_rt_offset + row * block_ct_dim;
        check_dst_index(first + block_ct_dim - 1);
        PACK((pack_block_of_rows(what, first, ocb, full_ct_dim, row, block_c_index)));
    }
}
template <std::uint32_t block_ct_dim = 8, std::uint32_t full_ct_dim = block_ct_dim,
          bool diagonal = false, bool narrow_row = false, std::uint32_t row_num_datums = 32,
          std::uint32_t tile_dst_ct_offset = 0, bool dense = false>
TILEWRIGHT_DEVICE void pack_untilize_dest(std::uint32_t ocb, std::uint32_t block_rt_dim = 1,
                                          std::uint32_t block_c_index = 0,
                                          std::uint32_t tile_dst_rt_offset = 0) {
    pack_untilize_dest<block_ct_dim, full_ct_dim, diagonal, narrow_row, row_num_datums,
                       tile_dst_ct_offset, dense>(ocb, block_rt_dim, block_c_index, 16, 4,
                                                  tile_dst_rt_offset);
}
