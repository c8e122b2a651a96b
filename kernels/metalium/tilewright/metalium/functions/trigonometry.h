// Circular and hyperbolic functions of vectors.
#pragma once

#include "tilewright/metalium/functions/rounding.h"

namespace tilewright::metalium::functions {

inline constexpr float pi = 3.14159265F, half_pi = 1.57079633F;

/// sin r for magnitudes up to pi / 2.
TILEWRIGHT_DEVICE vFloat small_sine(const vFloat& r) {
    const vFloat square = r * r;
    return r * sfpi::polynomial(square, 1.0F, -1.6666667e-1F, 8.3333333e-3F, -1.9841270e-4F,
                                2.7557319e-6F, -2.5052108e-8F, 1.6059044e-10F);
}
/// sin(x - turns * pi), with the sign that an odd number of half turns changes. The lowest bit of
/// `rounded` says whether it is odd.
TILEWRIGHT_DEVICE vFloat sine_behind(const vFloat& x, const vFloat& turns, const vFloat& rounded) {
    // pi in three parts, of which products with a few digits are exact.
    vFloat r = x - turns * 3.140625F;
    r = r - turns * 9.67025757e-4F;
    r = r - turns * 6.2771141e-7F;
    const vFloat y = small_sine(r);
    return from_bits(bits_of(y) ^ (bits_of(rounded) << 31));
}
TILEWRIGHT_DEVICE vFloat sine(const vFloat& x) {
    const vFloat rounded = x * (1.0F / pi) + rounder;
    return sine_behind(x, rounded - rounder, rounded);
}
TILEWRIGHT_DEVICE vFloat cosine(const vFloat& x) {
    const vFloat quarter = x * (1.0F / pi) + 0.5F;
    const vFloat rounded = quarter + rounder;
    return sine_behind(x, (rounded - rounder) - 0.5F, rounded);
}
TILEWRIGHT_DEVICE vFloat tangent(const vFloat& x) {
    const vFloat below = cosine(x);
    return sine(x) * reciprocal(below);
}

/// Within 2e-8 up to 1: Abramowitz and Stegun, 4.4.49.
TILEWRIGHT_DEVICE vFloat arc_tangent(const vFloat& x) {
    vFloat t = sfpi::abs(x);
    v_if(t > 1.0F) {
        t = reciprocal(t);
    }
    v_endif;
    const vFloat square = t * t;
    vFloat y = t * sfpi::polynomial(square, 1.0F, -0.3333314528F, 0.1999355085F, -0.1420889944F,
                                    0.1065626393F, -0.0752896400F, 0.0429096138F, -0.0161657367F,
                                    0.0028662257F);
    v_if(sfpi::abs(x) > 1.0F) {
        y = half_pi - y;
    }
    v_endif;
    return sfpi::setsgn(y, x);
}
TILEWRIGHT_DEVICE vFloat arc_sine(const vFloat& x) {
    // Of 1 the quotient is infinite, and the arc a right angle.
    return arc_tangent(x * inverse_root((1.0F - x) * (x + 1.0F)));
}
TILEWRIGHT_DEVICE vFloat arc_cosine(const vFloat& x) {
    return half_pi - arc_sine(x);
}

TILEWRIGHT_DEVICE vFloat hyperbolic_sine(const vFloat& x) {
    // e^x = t + 1: (t + t / (t + 1)) / 2.
    const vFloat t = exponential_less_one(sfpi::abs(x));
    vFloat y = 0.5F * (t + t * reciprocal_of_positive(t + 1.0F));
    v_if(t >= 1e18F) {
        y = 0.5F * t;
    }
    v_endif;
    return sfpi::setsgn(y, x);
}
TILEWRIGHT_DEVICE vFloat hyperbolic_cosine(const vFloat& x) {
    const vFloat t = exponential(sfpi::abs(x));
    return 0.5F * t + 0.5F * reciprocal(t);
}
TILEWRIGHT_DEVICE vFloat area_sine(const vFloat& x) {
    const vFloat a = sfpi::abs(x);
    vFloat below = a * a + 1.0F;
    below = below * inverse_root(below) + 1.0F;
    vFloat y = log_of_one_and(a * (a * reciprocal_of_positive(below)) + a);
    v_if(sfpi::abs(x) >= 1e9F) {
        y = log_of_positive(sfpi::abs(x)) + log_of_two;
    }
    v_endif;
    return sfpi::setsgn(y, x);
}
TILEWRIGHT_DEVICE vFloat area_cosine(const vFloat& x) {
    const vFloat t = x - 1.0F;
    return log_of_one_and(root(t * (x + 1.0F)) + t);
}
TILEWRIGHT_DEVICE vFloat area_tangent(const vFloat& x) {
    return 0.5F * log_of_one_and((x + x) * reciprocal(1.0F - x));
}

/// x + sin(alpha x)^2 / beta.
TILEWRIGHT_DEVICE vFloat snake(const vFloat& x, const vFloat& alpha, const vFloat& beta) {
    const vFloat s = sine(alpha * x);
    return x + s * s * reciprocal(beta);
}

}  // namespace tilewright::metalium::functions
