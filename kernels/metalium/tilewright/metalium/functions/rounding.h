// Whole numbers beside a number, and what remains of divisions.
#pragma once

#include "tilewright/metalium/functions/exponentials.h"

namespace tilewright::metalium::functions {

/// Larger magnitudes are whole.
inline constexpr float whole_from = 8388608.0F;

/// The nearest whole number, ties to even; `fix` changes it where it is not the one that is meant.
template <class Fix>
TILEWRIGHT_DEVICE vFloat whole(const vFloat& x, Fix fix) {
    vFloat y = x;
    v_if(sfpi::abs(x) < whole_from) {
        y = (x + rounder) - rounder;
        fix(y);
        y = sfpi::setsgn(y, x);
    }
    v_endif;
    return y;
}
TILEWRIGHT_DEVICE vFloat nearest(const vFloat& x) {
    return whole(x, [](vFloat&) {});
}
TILEWRIGHT_DEVICE vFloat floor_of(const vFloat& x) {
    return whole(x, [&](vFloat& y) {
        v_if(y > x) {
            y -= 1.0F;
        }
        v_endif;
    });
}
TILEWRIGHT_DEVICE vFloat ceiling_of(const vFloat& x) {
    return whole(x, [&](vFloat& y) {
        v_if(y < x) {
            y += 1.0F;
        }
        v_endif;
    });
}
TILEWRIGHT_DEVICE vFloat truncated(const vFloat& x) {
    return sfpi::setsgn(floor_of(sfpi::abs(x)), x);
}
/// 10^digits. On the core, whose calls must not lie between values of vectors.
TILEWRIGHT_DEVICE float power_of_ten(int digits) {
    float factor = 1.0F;
    for (int i = 0; i < digits; ++i) factor *= 10.0F;
    for (int i = 0; i > digits; --i) factor /= 10.0F;
    return factor;
}
/// The nearest multiple of 1 / factor.
TILEWRIGHT_DEVICE vFloat nearest_part(const vFloat& x, float factor, float inverse) {
    vFloat y = x * factor;
    v_if(sfpi::abs(y) < whole_from) {
        const vFloat n = nearest(y);
        y = n * inverse;
        y += (n - y * factor) * inverse;
    }
    v_else {
        y = x;
    }
    v_endif;
    return y;
}

/// x - n y, where n is x / y without its fraction: below y, with the sign of x. For quotients of
/// less than 2^24.
TILEWRIGHT_DEVICE vFloat remainder_like_x(const vFloat& x, const vFloat& y) {
    const vFloat divisor = sfpi::abs(y);
    const vFloat magnitude = sfpi::abs(x);
    vFloat r = magnitude - floor_of(magnitude * reciprocal(divisor)) * divisor;
    // The quotient may have been a step too large or too small.
    v_if(r < 0.0F) {
        r += divisor;
    }
    v_endif;
    v_if(r >= divisor) {
        r -= divisor;
    }
    v_endif;
    return sfpi::setsgn(r, x);
}
/// The same with the sign of y.
TILEWRIGHT_DEVICE vFloat remainder_like_y(const vFloat& x, const vFloat& y) {
    vFloat r = remainder_like_x(x, y);
    v_if(!sfpi::is_zero(r) && (bits_of(r) ^ bits_of(y)) < 0) {
        r += y;
    }
    v_endif;
    return r;
}

}  // namespace tilewright::metalium::functions
