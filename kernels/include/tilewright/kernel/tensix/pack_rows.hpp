// Thread 2: tiles of Dst that lie side by side, into a matrix in L1, row by row.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/pack.hpp"

namespace tilewright::kernel::tensix {

/// What of each tile is packed, and where to.
struct PackedRows {
    std::uint32_t tiles = 1;              ///< side by side
    std::uint32_t rows_of_face = 16;      ///< up to 16
    std::uint32_t faces_down = 2;         ///< 1 or 2
    std::uint32_t faces_across = 2;       ///< 1 or 2
    std::uint32_t columns = 16;           ///< of each face, up to 16
    std::uint32_t bytes_to_next_row = 0;  ///< a multiple of 16
};

/// From a tile of Dst on, to an address in L1, a multiple of 16.
TILEWRIGHT_DEVICE void pack_rows(const PackedRows& what, std::uint32_t first_tile,
                                 std::uint32_t address) {
    constexpr std::uint32_t y = 1, w = 3, of_packers = 4;
    issue(op::setadcxx{.start = 0, .end = what.columns - 1, .units = of_packers});
    for (std::uint32_t face = 0; face < what.faces_down; ++face) {
        for (std::uint32_t row = 0; row < what.rows_of_face; ++row) {
            issue(op::setadc{
                .value = 32 * face + row, .dimension = y, .channel = 0, .units = of_packers});
            packer::set_address(address);
            address += what.bytes_to_next_row;
            for (std::uint32_t tile = 1; tile <= what.tiles; ++tile) {
                issue(op::setadc{.value = first_tile + tile - 1,
                                 .dimension = w,
                                 .channel = 0,
                                 .units = of_packers});
                const bool last = tile == what.tiles;
                if (what.faces_across == 2) {
                    issue(op::pacr{.packers = 1, .addr_mod = packer::next_face});
                }
                if (last) {
                    issue(op::pacr{.last = 1, .packers = 1, .addr_mod = packer::left_face});
                } else {
                    issue(op::pacr{.packers = 1, .addr_mod = packer::left_face});
                }
            }
        }
    }
    issue(op::setadc{.value = 0, .dimension = y, .channel = 0, .units = of_packers});
    issue(op::setadcxx{.start = 0, .end = packer::numbers - 1, .units = of_packers});
}

}  // namespace tilewright::kernel::tensix
