// Thread 2: from Dst to L1.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/config.hpp"
#include "tilewright/kernel/tensix/format.hpp"
#include "tilewright/kernel/tensix/math.hpp"
#include "tilewright/kernel/tensix/sync.hpp"

namespace tilewright::kernel::tensix {

/// What the packers read and what they make of it.
struct PackFormat {
    Format intermediate;
    Format out;
};

namespace packer {

/// Wormhole has four packers, a face each; Blackhole one, as fast, for the whole tile.
inline constexpr unsigned count = wormhole ? 4 : 1;
inline constexpr std::uint32_t numbers = tile_numbers / count;

// Words of a packer's description.
inline constexpr unsigned exponents = 0, address = 1, format = 2;
constexpr Place place(unsigned which, unsigned word, unsigned low, unsigned width) {
    return in_section(which / 2, (which % 2 == 0 ? 4 : 32) + word, low, width);
}

inline constexpr std::uint32_t address_register = 60;

// Address modes: where the next number of Dst comes from, in the face on the right or on the left.
// Blackhole reads several rows at once and has no need of these, but of the one four rows on.
inline constexpr std::uint32_t same_place = 0, next_face = 1, left_face = 2, next_row = 3,
                               next_four = 1;

/// Where the half of Dst that is packed begins.
inline std::uint32_t first_row;

TILEWRIGHT_DEVICE void set_first_row(std::uint32_t row) {
    first_row = row;
    for (unsigned which = 0; which < count; ++which) {
        configure(config::pack_dst_offset.at(which), row + which * (tile_rows / count));
    }
}

/// Faces of one tile lie behind one another, their exponents in front of all.
TILEWRIGHT_DEVICE void set_format(const PackFormat& format, const DstUse& dst) {
    const auto out = static_cast<std::uint32_t>(format.out);
    const auto intermediate = static_cast<std::uint32_t>(format.intermediate);
    configure(config::dst_format, intermediate);
    configure(config::pack_reads_32_bits, dst.wide ? 1 : 0);
    const std::uint32_t bytes_in_dst = ::tilewright::tensix::bits_of(format.intermediate) / 8;
    configure(config::pack_y_stride, 16 * bytes_in_dst);
    configure(config::pack_z_stride, face_numbers * bytes_in_dst);
    configure(config::pack_w_stride, tile_numbers * bytes_in_dst);
    const std::uint32_t lines = exponent_bytes(format.out) / 16;
    const std::uint32_t face_lines =
        (tile_bytes(format.out) - exponent_bytes(format.out)) / 16 / count;
    for (unsigned which = 0; which < count; ++which) {
        constexpr std::uint32_t uncompressed = 1;
        const std::uint32_t own_lines = lines / count;
        configure(place(which, packer::format, 0, 16), uncompressed | out << 4 | intermediate << 8);
        configure(place(which, exponents, 16, 16), lines + which * (face_lines - own_lines));
        if (which != 0) {
            // Behind the first packer's place, less the line that the hardware adds.
            configure(place(which, packer::address, 0, 32),
                      which * (lines != 0 ? own_lines : face_lines) - 1);
        }
    }
}

/// Where in L1 the next numbers go.
TILEWRIGHT_DEVICE void set_address(std::uint32_t bytes) {
    // Its highest bit: the other packers' places are behind this one.
    set_register(address_register, ((bytes >> 4) - 1) | (count > 1 ? 1u << 31 : 0));
    stall(block::configuration, until::scalar);
    issue(op::wrcfg{.word = place(0, address, 0, 32).word, .reg = address_register});
}

}  // namespace packer

/// Before the packers are used, and again for another output: the half that is next stays.
TILEWRIGHT_DEVICE void start_packers(const PackFormat& format, const DstUse& dst) {
    stall(block::configuration, until::pack);
    // All numbers pass: no edges, no ReLU, no downsampling.
    configure(config::relu_mode, 0);
    for (unsigned mask = 0; mask < 4; ++mask) configure(config::edge_mask.at(mask), 0xffff);
    configure(config::pack_x_stride, 0);
    for (unsigned which = 0; which < packer::count; ++which) {
        configure(config::pack_rows_of_plane.at(which), 16);
        configure(packer::place(which, 3, 0, 16), 0xffff);
    }
    packer::set_format(format, dst);
    packer::set_first_row(packer::first_row);
    configure_thread(thread_config::pack_modes.at(packer::same_place), 0);
    if constexpr (wormhole) {
        configure_thread(thread_config::pack_modes.at(packer::next_face), 1 << 12);
        configure_thread(thread_config::pack_modes.at(packer::left_face), 1 << 13);
        configure_thread(thread_config::pack_modes.at(packer::next_row), 1 << 13 | 1);
    } else {
        configure_thread(thread_config::pack_modes.at(packer::next_four), 4);
        configure_thread(thread_config::pack_modes.at(packer::next_row), 1);
    }
    issue(op::setadcxy{.which = 0xf, .units = 4});
    issue(op::setadczw{.which = 0xf, .units = 4});
    issue(op::setadcxx{.start = 0, .end = packer::numbers - 1, .units = 4});
}
/// Another format, behind what was told before.
TILEWRIGHT_DEVICE void change_packers(const PackFormat& format, const DstUse& dst) {
    stall(block::configuration, until::pack);
    packer::set_format(format, dst);
}

/// Of each face, only these columns (a mask) of its first row and of its others are packed; zeros
/// come in the place of the rest.
TILEWRIGHT_DEVICE void pack_only(std::uint32_t of_first_row, std::uint32_t of_others) {
    // Row 0 by mask 1, the others by mask 2.
    constexpr std::uint32_t masks_of_rows = 0xaaaa'aaa9;
    stall(block::configuration, until::pack);
    configure(config::edge_mask.at(1), of_first_row);
    configure(config::edge_mask.at(2), of_others);
    configure(config::edge_row_sets, masks_of_rows);
}
TILEWRIGHT_DEVICE void pack_all() {
    stall(block::configuration, until::pack);
    configure(config::edge_row_sets, 0);
}

/// What becomes of packed numbers, for the outputs' threshold: its 16 upper bits, or FP16.
enum class Relu : std::uint8_t {
    none,
    zero,           ///< negative ones: 0
    min_threshold,  ///< those up to the threshold: 0
    max_threshold   ///< negative ones: 0; those above the threshold: the threshold
};
TILEWRIGHT_DEVICE void pack_with_relu(Relu mode, std::uint32_t threshold) {
    stall(block::configuration, until::pack);
    configure(config::relu_mode, static_cast<std::uint32_t>(mode));
    configure(config::relu_threshold, threshold);
}

/// Whether packed numbers are added to those that lie in L1.
TILEWRIGHT_DEVICE void accumulate_in_l1(bool accumulate) {
    stall(block::configuration, until::pack);
    for (unsigned which = 0; which < packer::count; ++which) {
        configure(packer::place(which, 3, wormhole ? 21 : 19, 1), accumulate ? 1 : 0);
    }
}

/// Until there is a half to pack.
TILEWRIGHT_DEVICE void wait_for_dst_half() {
    wait_while_zero(block::pack, semaphore::dst_ready);
}
/// Clears the half, gives it back, and goes on with the other.
TILEWRIGHT_DEVICE void release_dst_half(const DstUse& dst) {
    stall(block::matrix | block::configuration | block::sync, until::pack);
    if (dst.full) {
        issue(op::zeroacc{.mode = 3});
    } else {
        issue(op::zeroacc{.where = packer::first_row != 0 ? 1u : 0u, .mode = 2});
    }
    // What makes rows undefined is over before others may write them.
    stall(block::sync, until::matrix);
    get(semaphore::dst_ready);
    if (!dst.full) packer::set_first_row(dst.other_half(packer::first_row));
}
/// Without clearing it.
TILEWRIGHT_DEVICE void release_dst_half_as_it_is(const DstUse& dst) {
    stall(block::configuration | block::sync, until::pack);
    get(semaphore::dst_ready);
    if (!dst.full) packer::set_first_row(dst.other_half(packer::first_row));
}

/// A tile of Dst to an address in L1, a multiple of 16.
TILEWRIGHT_DEVICE void pack_to(std::uint32_t tile, std::uint32_t address) {
    issue(op::setadc{.value = tile, .dimension = 3, .channel = 0, .units = 4});
    packer::set_address(address);
    issue(op::pacr{.last = 1, .packers = (1u << packer::count) - 1});
}

}  // namespace tilewright::kernel::tensix
