// Thread 2: tiles of Dst that lie side by side, into a matrix in L1, row by row; and tiles of which
// Dst has the halves of each row behind one another.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/pack.hpp"

namespace tilewright::kernel::tensix {

/// What of each tile is packed, and where to.
struct PackedRows {
    std::uint32_t tiles = 1;              ///< side by side
    std::uint32_t rows_of_face = 16;      ///< 1 to 16
    std::uint32_t faces_down = 2;         ///< 1 or 2
    std::uint32_t faces_across = 2;       ///< 1 or 2
    std::uint32_t columns = 16;           ///< of each face, up to 16
    std::uint32_t bytes_of_tile = 0;      ///< of a row of one tile
    std::uint32_t bytes_to_next_row = 0;  ///< a multiple of 16
};

namespace packer {

inline constexpr std::uint32_t of_packers = 4, dimension_y = 1, dimension_w = 3;
/// What the replay buffer holds of a row.
inline constexpr std::uint32_t most_tiles_of_row = 8;
inline constexpr std::uint32_t row_register = 61;

TILEWRIGHT_DEVICE void select_row(std::uint32_t row) {
    issue(op::setadc{.value = row, .dimension = dimension_y, .channel = 0, .units = of_packers});
}
TILEWRIGHT_DEVICE void select_tile(std::uint32_t tile) {
    issue(op::setadc{.value = tile, .dimension = dimension_w, .channel = 0, .units = of_packers});
}

/// The row of each of up to 8 tiles; then all is ready for the next one.
TILEWRIGHT_DEVICE void pack_row(const PackedRows& what, std::uint32_t first_tile) {
    for (std::uint32_t tile = 0; tile < what.tiles; ++tile) {
        const bool last = tile + 1 == what.tiles;
        select_tile(first_tile + tile);
        if (blackhole) {
            // Rows 16 apart, of two faces, in one instruction.
            const std::uint32_t faces = what.faces_across == 2 ? 3 : 1;
            if (last) {
                issue(op::pacr{.last = 1, .packers = faces, .addr_mod = next_row, .strided = 1});
            } else {
                issue(op::pacr{.packers = faces, .addr_mod = same_place, .strided = 1});
            }
        } else {
            if (what.faces_across == 2) issue(op::pacr{.packers = 1, .addr_mod = next_face});
            if (last) {
                issue(op::pacr{.last = 1, .packers = 1, .addr_mod = next_row});
            } else {
                issue(op::pacr{.packers = 1, .addr_mod = left_face});
            }
        }
    }
    issue(
        op::adddmareg{.left = address_register, .right = row_register, .result = address_register});
    stall(block::configuration, until::scalar);
    issue(op::wrcfg{.word = place(0, address, 0, 32).word, .reg = address_register});
}
/// How many instructions those are.
constexpr std::uint32_t row_length(const PackedRows& what) {
    const std::uint32_t of_tile = wormhole && what.faces_across == 2 ? 3 : 2;
    return what.tiles * of_tile + 3;
}

/// Up to 8 tiles side by side.
TILEWRIGHT_DEVICE void pack_rows_of(const PackedRows& what, std::uint32_t first_tile,
                                    std::uint32_t bytes) {
    const std::uint32_t length = row_length(what);
    set_address(bytes);
    select_row(0);
    issue(op::replay{.load = 1, .execute = 1, .count = length, .index = 0});
    pack_row(what, first_tile);
    for (std::uint32_t face = 0; face < what.faces_down; ++face) {
        if (face != 0) select_row(32);
        for (std::uint32_t row = face == 0 ? 1 : 0; row < what.rows_of_face; ++row) {
            issue(op::replay{.execute = 1, .count = length, .index = 0});
        }
    }
}

}  // namespace packer

/// Blackhole's packer reaches rows of both faces at once if Dst's addresses are those of this mode.
/// Of thread 1, before what is packed so is computed.
TILEWRIGHT_DEVICE void let_rows_be_packed() {
    if constexpr (blackhole) {
        stall(block::configuration, until::matrix | until::vector);
        configure(config::dst_swizzle, 1);
        configure(config::dst_remap, 1);
    }
}

/// From a tile of Dst on, to an address in L1, a multiple of 16.
TILEWRIGHT_DEVICE void pack_rows(const PackedRows& what, std::uint32_t first_tile,
                                 std::uint32_t address) {
    using namespace packer;
    issue(op::setadcxx{.start = 0, .end = what.columns - 1, .units = of_packers});
    set_register(row_register, what.bytes_to_next_row >> 4);
    for (std::uint32_t done = 0; done < what.tiles; done += most_tiles_of_row) {
        PackedRows some = what;
        some.tiles = what.tiles - done < most_tiles_of_row ? what.tiles - done : most_tiles_of_row;
        pack_rows_of(some, first_tile + done, address + done * what.bytes_of_tile);
    }
    select_row(0);
    issue(op::setadcxx{.start = 0, .end = packer::numbers - 1, .units = of_packers});
}

// --- Blackhole: halves of rows that lie behind one another ---------------------------------------

/// Until stop_packing_halves(): see pack_halves().
TILEWRIGHT_DEVICE void start_packing_halves() {
    using namespace packer;
    issue(op::setadcxx{.start = 0, .end = 15, .units = of_packers});
    issue(op::replay{.load = 1, .execute = 0, .count = 16, .index = 0});
    for (std::uint32_t i = 0; i < 16; ++i) {
        // Of each four rows the first and the third; the second and the fourth.
        if (i < 8) {
            issue(op::pacr{.packers = 0b0101, .addr_mod = next_four});
        } else {
            issue(op::pacr{.packers = 0b1010, .addr_mod = next_four});
        }
    }
}
TILEWRIGHT_DEVICE void stop_packing_halves() {
    using namespace packer;
    select_row(0);
    issue(op::setadcxx{.start = 0, .end = packer::numbers - 1, .units = of_packers});
}
/// A tile of Dst, of which every second row is of a face on the right, to an address in L1, a
/// multiple of 16: as faces.
TILEWRIGHT_DEVICE void pack_halves(std::uint32_t tile, std::uint32_t address) {
    using namespace packer;
    select_tile(tile);
    set_address(address);
    for (std::uint32_t face = 0; face < 4; ++face) {
        const bool last = face == 3;
        select_row(16 * (face & 2));
        issue(op::replay{.execute = 1, .count = last ? 7u : 8u, .index = 8 * (face & 1)});
    }
    issue(op::pacr{.last = 1, .packers = 0b1010, .addr_mod = next_four});
}

}  // namespace tilewright::kernel::tensix
