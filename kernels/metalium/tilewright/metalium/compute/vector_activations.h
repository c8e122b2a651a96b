// Activations and what numbers are, for tiles of Dst, written in sfpi.
#pragma once

#include "tilewright/metalium/compute/vector_functions.h"

// --- Activations ---------------------------------------------------------------------------------

template <auto... options>
TILEWRIGHT_DEVICE void gelu_tile_init() {}
/// x times the share of a normal distribution below x, which is read from Dst again for it.
template <auto... options>
TILEWRIGHT_DEVICE void gelu_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::for_vectors(dst, VectorMode::RC, [] {
        constexpr float root_of_half = 0.707106781F;
        const sfpi::vFloat y = functions::error_function(sfpi::dst_reg[0] * root_of_half);
        const sfpi::vFloat x = sfpi::dst_reg[0];
        sfpi::dst_reg[0] = x * (y * 0.5F + 0.5F);
    })));
}
template <auto... options>
TILEWRIGHT_DEVICE void gelu_derivative_tile_init() {}
/// Its slope: that share, and x times the density of the distribution.
template <auto... options>
TILEWRIGHT_DEVICE void gelu_derivative_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::for_vectors(dst, VectorMode::RC, [] {
        constexpr float root_of_half = 0.707106781F, density_of_0 = 0.398942280F;
        const sfpi::vFloat y = functions::error_function(sfpi::dst_reg[0] * root_of_half);
        const sfpi::vFloat x = sfpi::dst_reg[0];
        const sfpi::vFloat density = functions::exponential(x * x * -0.5F);
        sfpi::dst_reg[0] = y * 0.5F + 0.5F + x * density * density_of_0;
    })));
}
TILEWRIGHT_MAP(softsign, x* reciprocal(sfpi::abs(x) + 1.0F))
TILEWRIGHT_MAP(hardsigmoid, sfpi::clamp(x * 0.166666667F + 0.5F, 0.0F, 1.0F))
TILEWRIGHT_MAP(hardswish, x* sfpi::clamp(x * 0.166666667F + 0.5F, 0.0F, 1.0F))
TILEWRIGHT_MAP(hardmish, (0.5F * x) * sfpi::clamp(x + 2.0F, 0.0F, 2.0F))
TILEWRIGHT_MAP(relu6, sfpi::clamp(x, 0.0F, 6.0F))
TILEWRIGHT_MAP(tanhshrink, x - hyperbolic_tangent(x))
TILEWRIGHT_MAP(tanh_derivative, slope_of_tangent(x))
/// p0 tanh(x p1): p1 is 1 / p0.
TILEWRIGHT_MAP_WITH(2, softcap, x = p0 * hyperbolic_tangent(x * p1))

/// x tanh(ln(1 + e^x)), which is x n / (n + 2) with n = e^x (e^x + 2).
template <auto... options>
TILEWRIGHT_DEVICE void mish_tile_init() {}
template <auto... options>
TILEWRIGHT_DEVICE void mish_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC, [](sfpi::vFloat x) {
        const sfpi::vFloat t = functions::exponential(sfpi::min(x, sfpi::vFloat(20.0F)));
        const sfpi::vFloat n = t * (t + 2.0F);
        return sfpi::vFloat(x * (n * functions::reciprocal(n + 2.0F)));
    })));
}

/// alpha (e^x - 1) below 0; with the reciprocal of alpha, of x / alpha.
TILEWRIGHT_MAP_WITH(
    1, elu, v_if(x < 0.0F) { x = exponential_less_one(x) * p0; } v_endif)
TILEWRIGHT_MAP_WITH(
    2, celu, v_if(x < 0.0F) { x = exponential_less_one(x * p1) * p0; } v_endif)
template <auto... options>
TILEWRIGHT_DEVICE void selu_tile_init() {}
/// A scale times elu(), by the bits of floats.
template <auto... options>
TILEWRIGHT_DEVICE void selu_tile(std::uint32_t dst, std::uint32_t scale = 0x3f86'7d5f,
                                 std::uint32_t alpha = 0x3fd6'2d7d) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC, [=](sfpi::vFloat x) {
        v_if(x < 0.0F) {
            x = functions::exponential_less_one(x) * compute::as_float(alpha);
        }
        v_endif;
        return sfpi::vFloat(x * compute::as_float(scale));
    })));
}
/// ln(1 + e^(beta x)) / beta, and x itself where beta x is above a threshold.
TILEWRIGHT_MAP_WITH(
    3, softplus, const vFloat scaled_x = x * p0;
    v_if(scaled_x <= p2) { x = log_of_one_and(exponential(scaled_x)) * p1; } v_endif)
/// -ln(1 + e^-x), of which the second tile holds e^-x. Far below 0 that is x, whatever e^-x is.
TILEWRIGHT_DEVICE void logsigmoid_tile_init() {}
TILEWRIGHT_DEVICE void logsigmoid_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) {
    using namespace tilewright::metalium;
    MATH((compute::combine_vectors(in0, in1, out, [](sfpi::vFloat x, sfpi::vFloat e) {
        sfpi::vFloat y = -functions::log_of_one_and(e);
        v_if(x < -30.0F) {
            y = x;
        }
        v_endif;
        return y;
    })));
}
TILEWRIGHT_MAP_WITH(
    1, prelu, v_if(x < 0.0F) { x *= p0; } v_endif)
TILEWRIGHT_MAP_WITH(2, hardtanh, x = sfpi::clamp(x, p0, p1))
/// The second parameter where x is not above the first.
TILEWRIGHT_MAP_WITH(
    2, threshold, v_if(x <= p0) { x = p1; } v_endif)
TILEWRIGHT_MAP_WITH(1, softshrink, const vFloat rest = sfpi::max(sfpi::abs(x) - p0, 0.0F);
                    x = sfpi::setsgn(rest, x))
TILEWRIGHT_MAP_WITH(
    1, hardshrink, v_if(sfpi::abs(x) <= p0) { x = 0.0F; } v_endif)

// --- Kinds of numbers, as 1 or 0 -----------------------------------------------------------------

#define TILEWRIGHT_KIND_OF_NUMBER(name, condition)                                                 \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                   \
    template <auto... options>                                                                     \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t dst) {                                        \
        MATH((tilewright::metalium::compute::map_vectors(dst, VectorMode::RC, [](sfpi::vFloat x) { \
            sfpi::vFloat result = 0.0F;                                                            \
            v_if(condition) {                                                                      \
                result = 1.0F;                                                                     \
            }                                                                                      \
            v_endif;                                                                               \
            return result;                                                                         \
        })));                                                                                      \
    }
TILEWRIGHT_KIND_OF_NUMBER(isinf, sfpi::is_inf(x))
TILEWRIGHT_KIND_OF_NUMBER(isposinf, sfpi::as<sfpi::vInt>(x) == 0x7f80'0000)
TILEWRIGHT_KIND_OF_NUMBER(isneginf, sfpi::as<sfpi::vUInt>(x) == 0xff80'0000)
TILEWRIGHT_KIND_OF_NUMBER(isnan, sfpi::is_nan(x))
TILEWRIGHT_KIND_OF_NUMBER(isfinite, sfpi::is_finite(x))
TILEWRIGHT_KIND_OF_NUMBER(signbit, sfpi::is_neg(x))
TILEWRIGHT_KIND_OF_NUMBER(logical_not_unary, sfpi::is_zero(x))
TILEWRIGHT_KIND_OF_NUMBER(logical_not, sfpi::is_zero(x))
#undef TILEWRIGHT_KIND_OF_NUMBER
template <auto... options>
TILEWRIGHT_DEVICE void sign_tile_init() {}
/// -1, 0 or 1.
template <auto... options>
TILEWRIGHT_DEVICE void sign_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC, [](sfpi::vFloat x) {
        sfpi::vFloat result = sfpi::setsgn(sfpi::vFloat(1.0F), x);
        v_if(sfpi::is_zero(x)) {
            result = 0.0F;
        }
        v_endif;
        return result;
    })));
}
/// 0 below 0, 1 above it, at 0 the parameter.
TILEWRIGHT_MAP_WITH(
    1, heaviside, v_if(sfpi::is_zero(x)) { x = p0; } v_elseif(x < 0.0F) { x = 0.0F; } v_else {
        x = 1.0F;
    } v_endif)
TILEWRIGHT_MAP_WITH(1, unary_max, x = sfpi::max(x, p0))
TILEWRIGHT_MAP_WITH(1, unary_min, x = sfpi::min(x, p0))

TILEWRIGHT_DEVICE void identity_tile_init() {}
TILEWRIGHT_DEVICE void identity_tile(std::uint32_t) {}
TILEWRIGHT_DEVICE void identity_tile_uint32(std::uint32_t) {}

/// Infinity where the second tile is 0.
TILEWRIGHT_DEVICE void mask_posinf_tile(std::uint32_t dst, std::uint32_t mask,
                                        DataFormat format = DataFormat::Float16_b) {
    using namespace tilewright::metalium;
    MATH((compute::combine_vectors(dst, mask, dst, [](sfpi::vFloat x, sfpi::vFloat m) {
        v_if(sfpi::is_zero(m)) {
            x = functions::infinity;
        }
        v_endif;
        return x;
    })));
}
/// The first generation's name for numbers of 32 bits.
TILEWRIGHT_DEVICE void where_fp32_tile(std::uint32_t condition, std::uint32_t yes, std::uint32_t no,
                                       std::uint32_t out) {
    where_tile<DataFormat::Float32>(condition, yes, no, out);
}
