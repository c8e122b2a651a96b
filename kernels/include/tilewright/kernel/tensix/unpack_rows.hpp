// Thread 0: tiles from a matrix that lies in L1 row by row: the unpacker reads half a row of a tile
// at a time, and its output follows the order of faces.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/unpack.hpp"

namespace tilewright::kernel::tensix {

namespace unpacker {

/// Numbers of a row of L1, in all contexts of unpacker 0.
TILEWRIGHT_DEVICE void set_row_length(std::uint32_t numbers) {
    configure(in_section(0, row_lengths, 0, 32), numbers | numbers << 16);
    configure(in_section(0, row_lengths + 1, 0, 32), numbers | numbers << 16);
}
constexpr op::unpacr half_a_row(bool to_dst, bool last) {
    return {.set_valid = last ? 1u : 0u,
            .contexts = 1,
            .context = to_dst ? first_to_dst : 0,
            .y0 = 1,
            .y1 = 1};
}

}  // namespace unpacker

/// Until stop_unpacking_rows(), unpacker 0 reads a matrix with this many columns (up to 65535).
TILEWRIGHT_DEVICE void start_unpacking_rows(const UnpackFormat& format, std::uint32_t columns) {
    stall(block::configuration, until::unpack);
    unpacker::set_row_length(columns);
    configure(config::unpack0_adds_counters, 1);
    configure(config::unpack_out_y_stride, 16 * ::tilewright::tensix::bits_of(format.out) / 8);
    issue(op::replay{.load = 1, .execute = 0, .count = 16, .index = 0});
    for (std::uint32_t row = 0; row < 16; ++row) {
        if (format.to_dst) {
            issue(unpacker::half_a_row(true, false));
        } else {
            issue(unpacker::half_a_row(false, false));
        }
    }
}
/// All tiles whole again.
TILEWRIGHT_DEVICE void stop_unpacking_rows() {
    stall(block::configuration, until::unpack);
    unpacker::set_row_length(face_numbers);
    configure(config::unpack0_adds_counters, 0);
    configure(config::unpack_out_y_stride, 0);
    issue(op::setadcxy{.which = 0xf, .units = 1});
    unpack_numbers(1, tile_numbers);
}

/// The 32 x 32 numbers that begin at the context's address.
TILEWRIGHT_DEVICE void unpack_rows(bool to_dst) {
    constexpr std::uint32_t y = 1;
    issue(op::setadc{.value = 0, .dimension = y, .channel = 1, .units = 1});
    for (std::uint32_t face = 0; face < 4; ++face) {
        const std::uint32_t column = 16 * (face & 1);
        issue(op::setadc{.value = 8 * (face & 2), .dimension = y, .channel = 0, .units = 1});
        issue(op::setadcxx{.start = column, .end = column + 15, .units = 1});
        const bool hands_over = face == 3 && !to_dst;
        issue(op::replay{.execute = 1, .count = hands_over ? 15u : 16u, .index = 0});
    }
    if (!to_dst) issue(unpacker::half_a_row(false, true));
}

}  // namespace tilewright::kernel::tensix
