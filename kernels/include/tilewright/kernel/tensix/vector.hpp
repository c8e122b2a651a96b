// Thread 1: the vector unit, on tiles of Dst. A register has 32 numbers: four rows of Dst, in even
// or in odd columns.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/math.hpp"

namespace tilewright::kernel::tensix {

namespace vector {

// Registers with constants; 0 to 7 can be written.
inline constexpr std::uint32_t zero = 9, one = 10, minus_one = 11;

/// How numbers lie in Dst: as Dst is configured, or as integers.
inline constexpr std::uint32_t as_configured = 0, int32 = 4, uint16 = 6;

/// The replay buffer's lower half is the matrix unit's; this many instructions fit in the upper
/// one.
inline constexpr std::uint32_t first_replayed = 16, longest = 15;

TILEWRIGHT_DEVICE void load(std::uint32_t reg, std::uint32_t dst = 0,
                            std::uint32_t mode = as_configured) {
    issue(op::sfpload{.dst = dst, .mode = mode, .vd = reg});
}
TILEWRIGHT_DEVICE void store(std::uint32_t reg, std::uint32_t dst = 0,
                             std::uint32_t mode = as_configured) {
    issue(op::sfpstore{.dst = dst, .mode = mode, .vd = reg});
}
/// The same 32 bits in all lanes.
TILEWRIGHT_DEVICE void set(std::uint32_t reg, std::uint32_t bits) {
    constexpr std::uint32_t upper = 8, lower = 10;
    issue(op::sfploadi{.value = bits & 0xffff, .mode = lower, .vd = reg});
    issue(op::sfploadi{.value = bits >> 16, .mode = upper, .vd = reg});
}
/// result = a * b + c. The next instruction must not read it, where no NOP is between.
TILEWRIGHT_DEVICE void multiply_add(std::uint32_t result, std::uint32_t a, std::uint32_t b,
                                    std::uint32_t c) {
    issue(op::sfpmad{.vd = result, .vc = c, .vb = b, .va = a});
    issue(op::sfpnop{});
}
/// reg = the smaller (or the larger) of both; the other one, unless it is a constant, gets the
/// rest.
TILEWRIGHT_DEVICE void keep_smaller(std::uint32_t reg, std::uint32_t other) {
    issue(op::sfpswap{.mode = 1, .vd = reg, .vc = other});
    issue(op::sfpnop{});
}
TILEWRIGHT_DEVICE void keep_larger(std::uint32_t reg, std::uint32_t other) {
    issue(op::sfpswap{.mode = 9, .vd = reg, .vc = other});
    issue(op::sfpnop{});
}
TILEWRIGHT_DEVICE void copy(std::uint32_t to, std::uint32_t from, bool negate = false) {
    issue(op::sfpmov{.mode = negate ? 1u : 0u, .vd = to, .vc = from});
}
/// What follows is for lanes with a negative number only, until all_lanes().
TILEWRIGHT_DEVICE void all_lanes() {
    issue(op::sfpencc{.mode = 10, .value = 3});
}
TILEWRIGHT_DEVICE void negative_lanes(std::uint32_t reg) {
    all_lanes();
    issue(op::sfpsetcc{.mode = 0, .vc = reg});
}

}  // namespace vector

/// Which faces of a tile: all, the upper ones or the left ones.
enum class Faces : std::uint8_t { all, upper, left };
constexpr bool has_face(Faces faces, std::uint32_t face) {
    return faces == Faces::all || (face & (faces == Faces::upper ? 2 : 1)) == 0;
}

/// `body` gives `count` instructions that load from Dst and store to it: once for each 32 numbers
/// of a tile. Rows of Dst that they name are counted from where the tile begins.
template <class Body>
TILEWRIGHT_DEVICE void for_each_vector(std::uint32_t tile, std::uint32_t count, Body body,
                                       Faces faces = Faces::all) {
    constexpr std::uint32_t vectors = face_numbers / 32;
    const bool replayed = count <= vector::longest;
    select_dst_tile(tile);
    stall(block::vector, until::matrix);
    if (replayed) {
        issue(op::replay{
            .load = 1, .execute = 0, .count = count + 1, .index = vector::first_replayed});
        body();
        issue(op::incrwc{.d = 2});
    }
    for (std::uint32_t face = 0; face < 4; ++face) {
        if (!has_face(faces, face)) {
            issue(op::incrwc{.d = 8});
            issue(op::incrwc{.d = 8});
            continue;
        }
#pragma clang loop unroll(disable)
        for (std::uint32_t i = 0; i < vectors; ++i) {
            if (replayed) {
                issue(
                    op::replay{.execute = 1, .count = count + 1, .index = vector::first_replayed});
            } else {
                body();
                issue(op::incrwc{.d = 2});
            }
        }
    }
    stall(block::matrix, until::vector);
    matrix::reset_counters();
}

}  // namespace tilewright::kernel::tensix
