// Thread 0: tiles from a matrix that lies in L1 row by row. The unpacker takes rows that lie apart
// in one instruction: of 16 numbers, a face at a time; on Blackhole of 32 numbers, if they have 16
// bits or more, a tile at a time, which then has the halves of each row behind one another
// (pack_rows.hpp takes them apart).
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/unpack.hpp"

namespace tilewright::kernel::tensix {

/// Whether what is unpacked has the left and the right half of each row behind one another.
constexpr bool interleaves_halves(Format in) {
    return blackhole && ::tilewright::tensix::bits_of(in) > 8;
}

namespace unpacker {

/// Numbers of a row of L1, in all contexts of unpacker 0.
TILEWRIGHT_DEVICE void set_row_length(std::uint32_t numbers) {
    configure(in_section(0, row_lengths, 0, 32), numbers | numbers << 16);
    configure(in_section(0, row_lengths + 1, 0, 32), numbers | numbers << 16);
}
/// Rows that lie so many bytes apart, up to 65520, or one behind the other (0).
TILEWRIGHT_DEVICE void set_row_distance(std::uint32_t bytes) {
    configure(in_section(0, conversion, 9, 1), bytes != 0 ? 1 : 0);
    configure(in_section(0, conversion, 16, 12), bytes >> 4);
}

}  // namespace unpacker

/// Until stop_unpacking_rows(), unpacker 0 reads a matrix with this many columns, a multiple of 32.
TILEWRIGHT_DEVICE void start_unpacking_rows(const UnpackFormat& format, std::uint32_t columns) {
    using ::tilewright::tensix::bits_of;
    stall(block::configuration, until::unpack);
    unpacker::set_row_distance(columns * bits_of(format.in) / 8);
    if (interleaves_halves(format.in)) return;
    unpacker::set_row_length(columns);
    configure(config::unpack0_adds_counters, 1);
    configure(config::unpack_out_y_stride, face_numbers * bits_of(format.out) / 8);
}
/// All tiles whole again.
TILEWRIGHT_DEVICE void stop_unpacking_rows(Format in) {
    stall(block::configuration, until::unpack);
    unpacker::set_row_distance(0);
    if (interleaves_halves(in)) return;
    unpacker::set_row_length(face_numbers);
    configure(config::unpack0_adds_counters, 0);
    configure(config::unpack_out_y_stride, 0);
    issue(op::setadcxy{.which = 0xf, .units = 1});
    unpack_numbers(1, tile_numbers);
}

/// The 32 x 32 numbers that begin at the context's address, face by face.
TILEWRIGHT_DEVICE void unpack_faces_of_rows(bool to_dst) {
    constexpr std::uint32_t y = 1;
    issue(op::setadc{.value = 0, .dimension = y, .channel = 1, .units = 1});
    for (std::uint32_t face = 0; face < 4; ++face) {
        const std::uint32_t column = 16 * (face & 1);
        const bool hands_over = face == 3 && !to_dst;
        issue(op::setadc{.value = 8 * (face & 2), .dimension = y, .channel = 0, .units = 1});
        issue(op::setadcxx{.start = column, .end = column + face_numbers - 1, .units = 1});
        issue(op::unpacr{.set_valid = hands_over ? 1u : 0u,
                         .contexts = 1,
                         .context = to_dst ? unpacker::first_to_dst : 0,
                         .y1 = 1});
    }
}

}  // namespace tilewright::kernel::tensix
