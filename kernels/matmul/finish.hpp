// What becomes of sums in Dst on their way out: integers get two's complement, then the bias is
// added, then comes the activation. All of it in 32 bits, by the vector unit.
#pragma once

#include "blocks.hpp"
#include "tilewright/metalium/compute.h"

namespace tilewright::matmul {

namespace engine = kernel::tensix;

/// What is to be done, as the host says it (finish::integers and so on).
struct Finish {
    bool integers, bias;
    finish::Activation activation;

    static constexpr Finish of(std::uint32_t bits) {
        return {(bits & finish::integers) != 0, (bits & finish::bias) != 0,
                static_cast<finish::Activation>(bits >> finish::activation_shift)};
    }
    constexpr std::uint32_t mode() const {
        return integers ? engine::vector::int32 : engine::vector::as_configured;
    }
};

/// The registers that hold the bias of a column of tiles: for even and odd columns of its left
/// faces, then of its right ones.
inline constexpr std::uint32_t first_bias_register = 4;

TILEWRIGHT_DEVICE void load_bias(const Finish& what, std::uint32_t dst_tile) {
    engine::select_dst_tile(dst_tile);
    engine::stall(engine::block::vector, engine::until::matrix);
    for (std::uint32_t i = 0; i < 4; ++i) {
        engine::vector::load(first_bias_register + i, 2 * i, what.mode());
    }
}

/// The instructions for 32 numbers, at `place` in a tile.
TILEWRIGHT_DEVICE void finish_vector(const Finish& what, std::uint32_t place,
                                     std::uint32_t bias_register) {
    namespace vector = engine::vector;
    if (!what.integers) {
        vector::load(0, place);
        vector::multiply_add(0, vector::one, 0, bias_register);
        vector::store(0, place);
        return;
    }
    constexpr std::uint32_t from_sign_magnitude = 12, no_flag = 4, twos_complement = 3;
    vector::load(0, place, engine::wormhole ? from_sign_magnitude : vector::int32);
    if constexpr (engine::blackhole) {
        engine::issue(engine::op::sfpcast{.mode = twos_complement, .vd = 0, .vc = 0});
    }
    if (what.bias)
        engine::issue(engine::op::sfpiadd{.mode = no_flag, .vd = 0, .vc = bias_register});
    if (what.activation == finish::Activation::relu) {
        vector::negative_lanes(0);
        vector::copy(0, vector::zero);
        vector::all_lanes();
    }
    vector::store(0, place, vector::int32);
}
constexpr std::uint32_t finish_length(const Finish& what) {
    if (!what.integers) return 4;
    return 2 + (engine::blackhole ? 1 : 0) + (what.bias ? 1 : 0) +
           (what.activation == finish::Activation::relu ? 4 : 0);
}

/// Two's complement and bias, of even and odd columns of the left faces and of the right ones.
[[gnu::noinline]] inline void finish_sums(const Finish& what, std::uint32_t dst_tile) {
    constexpr std::uint32_t vectors = 4;  // of a face that have the same columns
    const std::uint32_t count = finish_length(what) + 1;
    const auto replay = [&](std::uint32_t load) {
        engine::issue(engine::op::replay{.load = load,
                                         .execute = 1 - load,
                                         .count = count,
                                         .index = engine::vector::first_replayed});
    };
    engine::select_dst_tile(dst_tile);
    engine::stall(engine::block::vector, engine::until::matrix);
    for (std::uint32_t columns = 0; columns < 4; ++columns) {
        replay(1);
        finish_vector(what, columns / 2 * 16 + columns % 2 * 2, first_bias_register + columns);
        engine::issue(engine::op::incrwc{.d = 4});
        for (std::uint32_t i = 0; i < vectors; ++i) replay(0);
        engine::issue(engine::op::incrwc{.d = 8});
        engine::issue(engine::op::incrwc{.d = 8});
        for (std::uint32_t i = 0; i < vectors; ++i) replay(0);
        engine::stall(engine::block::matrix, engine::until::vector);
        engine::matrix::reset_counters();
    }
}

TILEWRIGHT_DEVICE void activate(const Finish& what, std::uint32_t dst_tile) {
    if (what.integers) return;
    switch (what.activation) {
        case finish::Activation::none:
            break;
        case finish::Activation::relu:
            relu_tile_init();
            relu_tile(dst_tile);
            break;
        case finish::Activation::gelu:
            gelu_tile_init();
            gelu_tile(dst_tile);
            break;
        case finish::Activation::sigmoid:
            sigmoid_tile_init();
            sigmoid_tile(dst_tile);
            break;
        case finish::Activation::tanh:
            tanh_tile_init();
            tanh_tile(dst_tile);
            break;
        case finish::Activation::silu:
            silu_tile_init();
            silu_tile(dst_tile);
            break;
    }
}

}  // namespace tilewright::matmul
