// Mathematical functions of the numbers of tiles of Dst, written in sfpi.
#pragma once

#include "tilewright/metalium/compute/vector_map.h"
#ifdef UCK_CHLKC_MATH
#include "tilewright/metalium/functions/special.h"
#endif

TILEWRIGHT_MAP(exp2, power_of_two(x))
TILEWRIGHT_MAP(expm1, exponential_less_one(x))
TILEWRIGHT_MAP(log1p, log_of_one_and(x))
TILEWRIGHT_MAP(cbrt, cube_root(x))
TILEWRIGHT_MAP(sin, sine(x))
TILEWRIGHT_MAP(cos, cosine(x))
TILEWRIGHT_MAP(tan, tangent(x))
TILEWRIGHT_MAP(asin, arc_sine(x))
TILEWRIGHT_MAP(acos, arc_cosine(x))
TILEWRIGHT_MAP(atan, arc_tangent(x))
TILEWRIGHT_MAP(sinh, hyperbolic_sine(x))
TILEWRIGHT_MAP(cosh, hyperbolic_cosine(x))
TILEWRIGHT_MAP(asinh, area_sine(x))
TILEWRIGHT_MAP(acosh, area_cosine(x))
TILEWRIGHT_MAP(atanh, area_tangent(x))
TILEWRIGHT_MAP(erf, error_function(x))
TILEWRIGHT_MAP(erfc, error_function_complement(x))
TILEWRIGHT_MAP(erfinv, inverse_error_function(x))
TILEWRIGHT_MAP(i0, bessel_0(x))
TILEWRIGHT_MAP(i1, bessel_1(x))
/// ln x times a factor, the bits of a float: 1 / ln of the base.
TILEWRIGHT_MAP_WITH(1, log_with_base, x = logarithm(x) * p0)

// --- Powers and quotients ------------------------------------------------------------------------

/// x^n of a whole n from 0 on.
TILEWRIGHT_DEVICE void power_iterative_tile_init() {}
TILEWRIGHT_DEVICE void power_iterative_tile(std::uint32_t dst, std::uint32_t n) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC,
                               [n](sfpi::vFloat x) { return functions::whole_power(x, n); })));
}
/// x^p, where p is the bits of a float.
TILEWRIGHT_DEVICE void power_tile_init() {}
TILEWRIGHT_DEVICE void power_tile(std::uint32_t dst, std::uint32_t exponent) {
    using namespace tilewright::metalium;
    const float p = std::bit_cast<float>(exponent);
    constexpr float most_by_squares = 64;
    if (p >= 0 && p <= most_by_squares && p == static_cast<float>(static_cast<int>(p))) {
        power_iterative_tile(dst, static_cast<std::uint32_t>(p));
        return;
    }
    MATH((compute::map_vectors(dst, VectorMode::RC, [p](sfpi::vFloat x) {
        return functions::power(x, sfpi::vFloat(p));
    })));
}
/// p^x, p / x.
TILEWRIGHT_MAP_WITH(1, rpow, x = power(p0, x))
TILEWRIGHT_MAP_WITH(1, rdiv, x = quotient(vFloat(p0), x))
TILEWRIGHT_COMBINE(power_binary, power(x, y))
TILEWRIGHT_COMBINE(div_binary, quotient(x, y))
/// The parameter is the reciprocal of what is divided by.
TILEWRIGHT_DEVICE void div_unary_tile(std::uint32_t dst, std::uint32_t reciprocal) {
    mul_unary_tile(dst, reciprocal);
}
TILEWRIGHT_DEVICE void rsub_tile_init() {}
TILEWRIGHT_DEVICE void rsub_tile(std::uint32_t dst, std::uint32_t parameter) {
    rsub_unary_tile(dst, parameter);
}

// --- Whole numbers and remainders ----------------------------------------------------------------

TILEWRIGHT_DEVICE void rounding_op_tile_init() {}
TILEWRIGHT_MAP(floor, floor_of(x))
TILEWRIGHT_MAP(ceil, ceiling_of(x))
TILEWRIGHT_MAP(trunc, truncated(x))
TILEWRIGHT_MAP(frac, x - truncated(x))
/// To so many digits behind the point.
TILEWRIGHT_DEVICE void round_tile(std::uint32_t dst, int digits = 0) {
    using namespace tilewright::metalium;
    MATH(const float factor = functions::power_of_ten(digits);
         const float inverse = functions::power_of_ten(-digits);
         compute::map_vectors(dst, VectorMode::RC, [=](sfpi::vFloat x) {
             return functions::nearest_part(x, factor, inverse);
         }));
}
/// Of a division by a parameter (the second one is its reciprocal) or another tile: with the sign
/// of the dividend, and with that of the divisor.
TILEWRIGHT_DEVICE void fmod_tile_init(std::uint32_t = 0, std::uint32_t = 0) {}
TILEWRIGHT_DEVICE void remainder_tile_init(std::uint32_t = 0, std::uint32_t = 0) {}
TILEWRIGHT_DEVICE void fmod_tile(std::uint32_t dst, std::uint32_t divisor, std::uint32_t = 0) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC, [divisor](sfpi::vFloat x) {
        return functions::remainder_like_x(x, compute::as_float(divisor));
    })));
}
TILEWRIGHT_DEVICE void remainder_tile(std::uint32_t dst, std::uint32_t divisor, std::uint32_t = 0) {
    using namespace tilewright::metalium;
    MATH((compute::map_vectors(dst, VectorMode::RC, [divisor](sfpi::vFloat x) {
        return functions::remainder_like_y(x, compute::as_float(divisor));
    })));
}
TILEWRIGHT_COMBINE(fmod_binary, remainder_like_x(x, y))
TILEWRIGHT_COMBINE(remainder_binary, remainder_like_y(x, y))

/// The derivative of ln(gamma(x)): of 0 -infinity, of whole numbers below none. It is read from Dst
/// again where all registers are needed.
template <auto... options>
TILEWRIGHT_DEVICE void digamma_tile_init() {}
template <auto... options>
TILEWRIGHT_DEVICE void digamma_tile(std::uint32_t dst) {
    using namespace tilewright::metalium;
    MATH((compute::for_vectors(dst, VectorMode::RC, [] {
        sfpi::vFloat x = sfpi::dst_reg[0];
        v_if(x < 0.0F) {
            x = 1.0F - x;
        }
        v_endif;
        sfpi::vFloat y = functions::digamma_of_positive(x);
        x = sfpi::dst_reg[0];
        v_if(x < 0.0F) {
            y -= functions::cotangent_of_half_turns(x);
        }
        v_endif;
        sfpi::dst_reg[0] = y;
    })));
}

/// The logarithm of b^x + b^y to the base b, where neither power need be a number: the larger one
/// plus ln(1 + b^-|x - y|) / ln b. Both are read twice, as all registers are needed between.
#define TILEWRIGHT_LOG_OF_SUM(name, power, inverse_log, log_of_two)                               \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                  \
    template <auto... options>                                                                    \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        using namespace tilewright::metalium;                                                     \
        for (const std::uint32_t tile : {in0, in1, out}) compute::check_dst_index(tile);          \
        MATH((compute::for_vectors(0, VectorMode::RC, [=] {                                       \
            using compute::vector_of;                                                             \
            const sfpi::vFloat difference =                                                       \
                sfpi::vFloat(vector_of(in0)) - sfpi::vFloat(vector_of(in1));                      \
            const sfpi::vFloat more =                                                             \
                functions::log_of_one_and(functions::power(-sfpi::abs(difference)));              \
            const sfpi::vFloat x = vector_of(in0);                                                \
            const sfpi::vFloat y = vector_of(in1);                                                \
            sfpi::vFloat result = sfpi::max(x, y) + more * (inverse_log);                         \
            v_if(x == y) {                                                                        \
                result = x + (log_of_two);                                                        \
            }                                                                                     \
            v_endif;                                                                              \
            vector_of(out) = result;                                                              \
        })));                                                                                     \
    }
TILEWRIGHT_LOG_OF_SUM(logaddexp_binary, exponential, 1.0F, functions::log_of_two)
TILEWRIGHT_LOG_OF_SUM(logaddexp2_binary, power_of_two, functions::log2_of_e, 1.0F)
#undef TILEWRIGHT_LOG_OF_SUM

// In FP32, or by steps of BF16.
TILEWRIGHT_COMBINE(nextafter_binary, next_after<1>(x, y))
TILEWRIGHT_COMBINE(nextafter_bf16_binary, next_after<0x10000>(x, y))

TILEWRIGHT_DEVICE void isclose_binary_tile_init() {}
/// 1 where |x - y| <= atol + rtol |y|, tolerances by the bits of floats; an infinity is close to
/// itself only, and what is not a number to nothing, or to another one if `equal_nan`.
template <bool equal_nan = false>
TILEWRIGHT_DEVICE void isclose_binary_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out,
                                           std::uint32_t rtol, std::uint32_t atol) {
    using namespace tilewright::metalium;
    MATH((compute::combine_vectors(in0, in1, out, [=](sfpi::vFloat x, sfpi::vFloat y) {
        sfpi::vFloat result = 0.0F;
        v_if(sfpi::abs(x - y) <= compute::as_float(atol) + compute::as_float(rtol) * sfpi::abs(y)) {
            result = 1.0F;
        }
        v_endif;
        v_if(!sfpi::is_finite(x) || !sfpi::is_finite(y)) {
            result = 0.0F;
            v_and(sfpi::is_inf(x) && functions::bits_of(x) == functions::bits_of(y));
            result = 1.0F;
        }
        v_endif;
        if constexpr (equal_nan) {
            v_if(sfpi::is_nan(x) && sfpi::is_nan(y)) {
                result = 1.0F;
            }
            v_endif;
        }
        return result;
    })));
}

/// As without the option; NearestEven rounds where Dst has 16 bits.
#define TILEWRIGHT_ROUNDED(name, ...)                                                             \
    template <DstRoundingMode rounding, auto... options>                                          \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t out) { \
        using namespace tilewright::metalium;                                                     \
        if constexpr (rounding == DstRoundingMode::NearestEven && !DST_ACCUM_MODE) {              \
            MATH((compute::combine_vectors(in0, in1, out, [](sfpi::vFloat x, sfpi::vFloat y) {    \
                return functions::rounded_to_bf16(__VA_ARGS__);                                   \
            })));                                                                                 \
        } else {                                                                                  \
            name##_tile(in0, in1, out);                                                           \
        }                                                                                         \
    }
TILEWRIGHT_ROUNDED(add_binary, x + y)
TILEWRIGHT_ROUNDED(sub_binary, x - y)
TILEWRIGHT_ROUNDED(mul_binary, x* y)
#undef TILEWRIGHT_ROUNDED

// --- Of three tiles ------------------------------------------------------------------------------

#define TILEWRIGHT_OF_THREE(name, ...)                                                             \
    template <auto... options>                                                                     \
    TILEWRIGHT_DEVICE void name##_tile_init() {}                                                   \
    template <auto... options>                                                                     \
    TILEWRIGHT_DEVICE void name##_tile(std::uint32_t in0, std::uint32_t in1, std::uint32_t in2,    \
                                       std::uint32_t out, std::uint32_t parameter = 0x3f80'0000) { \
        MATH((tilewright::metalium::compute::combine_vectors(                                      \
            in0, in1, in2, out, [parameter](sfpi::vFloat x, sfpi::vFloat y, sfpi::vFloat z) {      \
                using namespace tilewright::metalium::functions;                                   \
                [[maybe_unused]] const float p = std::bit_cast<float>(parameter);                  \
                return sfpi::vFloat(__VA_ARGS__);                                                  \
            })));                                                                                  \
    }
TILEWRIGHT_OF_THREE(addcmul, x + (p * y) * z)
TILEWRIGHT_OF_THREE(addcdiv, x + p * quotient(y, z))
TILEWRIGHT_OF_THREE(lerp, x + z * (y - x))
TILEWRIGHT_OF_THREE(mac, x* y + z)
TILEWRIGHT_OF_THREE(snake_beta, snake(x, y, z))
#undef TILEWRIGHT_OF_THREE
