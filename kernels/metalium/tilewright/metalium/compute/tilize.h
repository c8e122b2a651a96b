// Tiles from rows: a circular buffer holds 32 rows of a matrix, each of as many numbers as its
// tiles have in a row; the pages that come of them are tiles.
#pragma once

#include "tilewright/kernel/tensix/pack_rows.hpp"
#include "tilewright/kernel/tensix/unpack_rows.hpp"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/pack.h"

namespace tilewright::metalium::compute {

/// Tiles in a row of the matrix.
inline std::uint32_t matrix_tiles;

/// Face by face, where the unpacker does not take the tile at once.
struct FacesOfRows {
    static constexpr bool is_one_instruction = false;
    TILEWRIGHT_DEVICE void operator()(bool to_dst) const { engine::unpack_faces_of_rows(to_dst); }
};

/// Where the tile with a number begins; rows of tiles follow one another.
TILEWRIGHT_DEVICE std::uint32_t address_in_rows(std::uint32_t cb, std::uint32_t tile) {
    const std::uint32_t bytes_of_row = 32 * ::tilewright::tensix::bits_of(format_of(cb)) / 8;
    const std::uint32_t row = tile / matrix_tiles * matrix_tiles;
    return front_address(cb, 0) + row * 32 * bytes_of_row + (tile - row) * bytes_of_row;
}

TILEWRIGHT_DEVICE void copy_rows_into_dst(std::uint32_t cb, std::uint32_t tile, std::uint32_t dst) {
    const std::uint32_t address = address_in_rows(cb, tile);
    UNPACK((note(What::reads, call_setup::rows, noted(cb))));
    if (engine::interleaves_halves(format_of(cb))) {
        copy_into_dst(copy_by(cb), address, dst, WholeTile{});
    } else {
        copy_into_dst(copy_by(cb), address, dst, FacesOfRows{});
    }
}
TILEWRIGHT_DEVICE void pack_rows_of_dst(std::uint32_t icb, std::uint32_t dst, std::uint32_t ocb,
                                        std::uint32_t page) {
    const std::uint32_t address = back_address(ocb, page);
    note(What::packs, 0, noted(ocb));
    if (engine::interleaves_halves(format_of(icb))) {
        engine::pack_halves(dst, address);
    } else {
        engine::pack_to(dst, address);
    }
}
/// What tilize_block() packs comes from 32 x 32 numbers in the order that the unpacker gives.
TILEWRIGHT_DEVICE void start_packing_rows_of(std::uint32_t icb) {
    if (engine::interleaves_halves(format_of(icb))) engine::start_packing_halves();
}
TILEWRIGHT_DEVICE void stop_packing_rows_of(std::uint32_t icb) {
    if (engine::interleaves_halves(format_of(icb))) engine::stop_packing_halves();
}

}  // namespace tilewright::metalium::compute

/// `block`: tiles in a row of the matrix. Until tilize_uninit() unpackers read rows.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_init(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb) {
    using namespace tilewright::metalium::compute;
    copy_init(icb);
    UNPACK((matrix_tiles = block));
    UNPACK((note(What::sets_up, call_setup::rows)));
    UNPACK((engine::start_unpacking_rows(unpack_format(icb, true), 32 * block)));
}
/// Tiles of the front of one buffer, from a number on, to pages behind the back of another. It
/// waits for no pages and pushes none.
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_block(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb,
                                    std::uint32_t first = 0, std::uint32_t first_out = 0) {
    using namespace tilewright::metalium::compute;
    PACK((start_packing_rows_of(icb)));
    for (std::uint32_t i = 0; i < block; ++i) {
        tile_regs_acquire();
        MATH((note(What::uses, call_setup::copy)));
        copy_rows_into_dst(icb, first + i, 0);
        tile_regs_commit();
        tile_regs_wait();
        PACK((pack_rows_of_dst(icb, 0, ocb, first_out + i)));
        tile_regs_release();
    }
    PACK((stop_packing_rows_of(icb)));
}
TILEWRIGHT_DEVICE void tilize_uninit(std::uint32_t icb, std::uint32_t ocb) {
    using namespace tilewright::metalium::compute;
    UNPACK((note(What::sets_up, call_setup::whole_tiles)));
    UNPACK((engine::stop_unpacking_rows(format_of(icb))));
}

template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void tilize_init_short_with_dt(std::uint32_t old_icb, std::uint32_t icb,
                                                 std::uint32_t block, std::uint32_t ocb) {
    reconfig_data_format_srca(old_icb, icb);
    tilize_init(icb, block, ocb);
}
TILEWRIGHT_DEVICE void tilize_uninit_with_dt(std::uint32_t old_icb, std::uint32_t icb,
                                             std::uint32_t ocb) {
    tilize_uninit(old_icb, ocb);
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
TILEWRIGHT_DEVICE void fast_tilize_init_skip_remap(std::uint32_t icb, std::uint32_t block,
                                                   std::uint32_t ocb) {
    fast_tilize_init(icb, block, ocb);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_tilize_init_with_dt_skip_remap(std::uint32_t icb, std::uint32_t block,
                                                           std::uint32_t ocb) {
    fast_tilize_init_with_dt(icb, block, ocb);
}
template <bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void fast_tilize_block(std::uint32_t icb, std::uint32_t block, std::uint32_t ocb,
                                         std::uint32_t first = 0, std::uint32_t first_out = 0) {
    tilize_block(icb, block, ocb, first, first_out);
}
TILEWRIGHT_DEVICE void fast_tilize_uninit(std::uint32_t icb, std::uint32_t ocb,
                                          std::uint32_t block = 0) {
    tilize_uninit(icb, ocb);
}

// The first generation's names.
TILEWRIGHT_DEVICE void tilize_init_short(std::uint32_t icb, std::uint32_t block,
                                         std::uint32_t ocb) {
    tilize_init(icb, block, ocb);
}
