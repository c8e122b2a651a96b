// Random numbers, and sums down the columns of tiles.
#pragma once

#include "tilewright/kernel/tensix/config.hpp"
#include "tilewright/metalium/compute/vector_integers.h"

namespace tilewright::metalium::compute {

#ifdef UCK_CHLKC_MATH
/// Of which vector the next random numbers are, so that no two are mixed alike.
inline std::uint32_t random_salt;
/// Random bits. The unit's own are a sequence that moves on by a bit with each number, the lanes
/// two bits apart: most of a tile's would be among those of its first vector.
TILEWRIGHT_DEVICE sfpi::vInt random_bits() {
    constexpr std::uint32_t step = 0x9e37'79b9;  // 2^32 by the golden ratio
    random_salt += step;
    const sfpi::vInt lane = sfpi::vConstTileId;
    sfpi::vInt bits = sfpi::rand() + (lane << 25) + (lane << 12);
    bits += static_cast<std::int32_t>(random_salt);
    // G. Marsaglia, "Xorshift RNGs", 2003, with a sum between, which is not linear in the bits.
    for (int round = 0; round < 2; ++round) {
        bits ^= bits << 13;
        bits ^= sfpi::shft(bits, -17);
        bits ^= bits << 5;
        bits += static_cast<std::int32_t>(step);
    }
    return bits;
}
/// Each lane's random numbers follow from it, the same in every run.
TILEWRIGHT_DEVICE void seed_vectors(std::uint32_t seed) {
    engine::wait_until_done();
    engine::store_config(engine::place_of(engine::config::random_seed).word, seed);
    random_salt = seed;
}
#endif

/// Sums of the columns' numbers so far, from the top. Registers 0 to 3 have four times four rows
/// of half of the columns of a face, first as they lie, then transposed, so that register i has row
/// i of each four; 4 to 7 are the sums of four rows, then each in all lanes of its column.
TILEWRIGHT_DEVICE void sum_up_rows(std::uint32_t first_row, std::uint32_t total) {
    using namespace engine::vector;
    constexpr std::uint32_t rows_a_vector = 4;
    const auto add = [](std::uint32_t to, std::uint32_t what) { multiply_add(to, one, to, what); };
    for (std::uint32_t i = 0; i < 4; ++i) load(i, first_row + i * rows_a_vector);
    engine::issue(engine::op::sfptransp{});
    for (std::uint32_t i = 1; i < 4; ++i) add(i, i - 1);
    for (std::uint32_t i = 4; i < 8; ++i) copy(i, 3);
    engine::issue(engine::op::sfptransp{});
    add(0, total);
    add(4, total);
    for (std::uint32_t i = 1; i < 4; ++i) {
        add(i, i + 3);
        add(i + 4, i + 3);
    }
    for (std::uint32_t i = 0; i < 4; ++i) store(i, first_row + i * rows_a_vector);
    copy(0, 7);
    engine::issue(engine::op::sfpconfig{.vd = total});
}

/// Totals of the columns' four parts go on from one tile to the next: in constants 12 to 14, and in
/// register 7, which is constant 11 meanwhile.
[[gnu::noinline]] inline void sum_up_tile(std::uint32_t dst, bool first) {
    using namespace engine::vector;
    constexpr std::uint32_t parts[] = {12, 13, 14, 11};
    engine::select_dst_tile(dst);
    engine::stall(engine::block::vector, engine::until::matrix);
    copy(0, first ? zero : 7u);
    engine::issue(engine::op::sfpconfig{.vd = 11});
    if (first) {
        for (const std::uint32_t part : {12u, 13u, 14u})
            engine::issue(engine::op::sfpconfig{.vd = part});
    }
    for (std::uint32_t part = 0; part < 4; ++part) {
        const std::uint32_t column = part / 2 * 16 + part % 2 * 2;
        sum_up_rows(column, parts[part]);
        sum_up_rows(column + 32, parts[part]);
    }
    copy(7, 11);
    engine::issue(engine::op::sfpconfig{.mode = 1, .vd = 11});
    engine::stall(engine::block::matrix, engine::until::vector);
}

}  // namespace tilewright::metalium::compute

/// Streams of one seed give other numbers, each its own.
TILEWRIGHT_DEVICE void rand_tile_init(std::uint32_t seed = 0, std::uint32_t stream = 0) {
    using namespace tilewright::metalium::compute;
    MATH((seed_vectors(seed + stream * 0x9e37'79b9)));
}
/// Numbers from one on and below one that is larger by `scale`; both are the bits of floats.
TILEWRIGHT_DEVICE void rand_tile(std::uint32_t dst, std::uint32_t from, std::uint32_t scale) {
    using namespace tilewright::metalium;
    MATH((compute::for_vectors(dst, VectorMode::RC, [from, scale] {
        // A mantissa at random makes a number from 1 on and below 2.
        const sfpi::vInt bits = (compute::random_bits() & 0x7f'ffff) | 0x3f80'0000;
        const sfpi::vFloat x = sfpi::as<sfpi::vFloat>(bits) - 1.0F;
        sfpi::dst_reg[0] = x * compute::as_float(scale) + compute::as_float(from);
    })));
}

TILEWRIGHT_DEVICE void dropout_kernel_init(std::uint32_t seed = 0) {
    rand_tile_init(seed);
}
/// 0 with a probability, of 2^31 - 1; the others are multiplied by a factor, the bits of a float.
TILEWRIGHT_DEVICE void dropout_tile(std::uint32_t dst, std::uint32_t probability,
                                    std::uint32_t factor) {
    using namespace tilewright::metalium;
    MATH((compute::for_vectors(dst, VectorMode::RC, [probability, factor] {
        sfpi::vFloat x = sfpi::dst_reg[0] * compute::as_float(factor);
        const sfpi::vInt drawn = compute::random_bits() & 0x7fff'ffff;
        v_if(drawn < probability) {
            x = 0.0F;
        }
        v_endif;
        sfpi::dst_reg[0] = x;
    })));
}

TILEWRIGHT_DEVICE void cumsum_tile_init() {}
/// Each number becomes the sum of those above it in its column and of itself; not the first tile of
/// a column goes on from the one before.
TILEWRIGHT_DEVICE void cumsum_tile(std::uint32_t dst, bool first = true) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    MATH((sum_up_tile(dst, first)));
}
