// Error function, Bessel functions, powers and cube roots of vectors.
#pragma once

#include "tilewright/metalium/functions/trigonometry.h"

namespace tilewright::metalium::functions {

/// 1 - erf of a magnitude, within 1.5e-7: Abramowitz and Stegun, 7.1.26.
TILEWRIGHT_DEVICE vFloat error_beyond(const vFloat& magnitude) {
    const vFloat e = exponential(-(magnitude * magnitude));
    const vFloat t = reciprocal_of_positive(magnitude * 0.3275911F + 1.0F);
    return e * (t * sfpi::polynomial(t, 0.254829592F, -0.284496736F, 1.421413741F, -1.453152027F,
                                     1.061405429F));
}
TILEWRIGHT_DEVICE vFloat error_function(const vFloat& x) {
    vFloat y = sfpi::setsgn(1.0F - error_beyond(sfpi::abs(x)), x);
    v_if(sfpi::abs(x) < 0.125F) {
        // The series, where 1 - ... would leave few digits.
        const vFloat square = x * x;
        y = x * sfpi::polynomial(square, 1.128379167F, -0.376126389F, 0.112837917F, -0.0268661706F);
    }
    v_endif;
    return y;
}
TILEWRIGHT_DEVICE vFloat error_function_complement(const vFloat& x) {
    vFloat y = error_beyond(sfpi::abs(x));
    v_if(x < 0.0F) {
        y = 2.0F - y;
    }
    v_endif;
    return y;
}
/// M. Giles, "Approximating the erfinv function", 2012: the form for single precision.
TILEWRIGHT_DEVICE vFloat inverse_error_function(const vFloat& x) {
    vFloat w = -log_of_positive((1.0F - x) * (x + 1.0F));
    vFloat y;
    v_if(w < 5.0F) {
        w -= 2.5F;
        y = sfpi::polynomial(w, 1.50140941F, 0.246640727F, -0.00417768164F, -0.00125372503F,
                             0.00021858087F, -4.39150654e-6F, -3.5233877e-6F, 3.43273939e-7F,
                             2.81022636e-8F);
    }
    v_else {
        w = w * inverse_root(w) - 3.0F;
        y = sfpi::polynomial(w, 2.83297682F, 1.00167406F, 0.00943887047F, -0.0076224613F,
                             0.00573950773F, -0.00367342844F, 0.00134934322F, 0.000100950558F,
                             -0.000200214257F);
    }
    v_endif;
    y *= x;
    v_if(sfpi::abs(x) == 1.0F) {
        y = sfpi::setsgn(vFloat(infinity), x);
    }
    v_endif;
    return y;
}

/// Modified Bessel functions of the first kind, within 2e-7: Abramowitz and Stegun, 9.8.1 to 9.8.4.
TILEWRIGHT_DEVICE vFloat bessel_0(const vFloat& x) {
    const vFloat a = sfpi::abs(x);
    vFloat t = a * (1.0F / 3.75F);
    vFloat y;
    v_if(t < 1.0F) {
        t = t * t;
        y = sfpi::polynomial(t, 1.0F, 3.5156229F, 3.0899424F, 1.2067492F, 0.2659732F, 0.0360768F,
                             0.0045813F);
    }
    v_else {
        t = reciprocal_of_positive(t);
        y = sfpi::polynomial(t, 0.39894228F, 0.01328592F, 0.00225319F, -0.00157565F, 0.00916281F,
                             -0.02057706F, 0.02635537F, -0.01647633F, 0.00392377F);
        y *= inverse_root(a);
        y *= exponential(a);
    }
    v_endif;
    return y;
}
TILEWRIGHT_DEVICE vFloat bessel_1(const vFloat& x) {
    const vFloat a = sfpi::abs(x);
    vFloat t = a * (1.0F / 3.75F);
    vFloat y;
    v_if(t < 1.0F) {
        t = t * t;
        y = a * sfpi::polynomial(t, 0.5F, 0.87890594F, 0.51498869F, 0.15084934F, 0.02658733F,
                                 0.00301532F, 0.00032411F);
    }
    v_else {
        t = reciprocal_of_positive(t);
        y = sfpi::polynomial(t, 0.39894228F, -0.03988024F, -0.00362018F, 0.00163801F, -0.01031555F,
                             0.02282967F, -0.02895312F, 0.01787654F, -0.00420059F);
        y *= inverse_root(a);
        y *= exponential(a);
    }
    v_endif;
    return sfpi::setsgn(y, x);
}

/// The derivative of ln(gamma(x)) for x above 0: six steps up, from where on the asymptotic series
/// (Abramowitz and Stegun, 6.3.5 and 6.3.18) has no error that float32 shows.
TILEWRIGHT_DEVICE vFloat digamma_of_positive(vFloat x) {
    vFloat below = 0.0F;
    for (int i = 0; i < 6; ++i) {
        below += reciprocal_of_positive(x);
        x += 1.0F;
    }
    const vFloat by = reciprocal_of_positive(x);
    const vFloat square = by * by;
    below += by * 0.5F;
    below += square * sfpi::polynomial(square, 8.3333333e-2F, -8.3333333e-3F, 3.968254e-3F);
    return log_of_positive(x) - below;
}
/// pi / tan(pi x), which is what that of x is below that of 1 - x.
TILEWRIGHT_DEVICE vFloat cotangent_of_half_turns(const vFloat& x) {
    const vFloat rounded = x + rounder;
    const vFloat part = (x - (rounded - rounder)) * pi;
    return pi * cosine(part) * reciprocal(small_sine(part));
}

TILEWRIGHT_DEVICE vFloat cube_root(const vFloat& x) {
    // By a third of the logarithm, then Newton's method.
    vFloat y = exponential(log_of_positive(sfpi::abs(x)) * (1.0F / 3.0F));
    y = (y + y + sfpi::abs(x) * reciprocal_of_positive(y * y)) * (1.0F / 3.0F);
    v_if(sfpi::is_zero(x) || !sfpi::is_finite(x)) {
        y = x;
    }
    v_endif;
    return sfpi::setsgn(y, x);
}
/// x^n, by squares.
TILEWRIGHT_DEVICE vFloat whole_power(vFloat x, std::uint32_t n) {
    vFloat y = 1.0F;
    for (; n != 0; n >>= 1) {
        if ((n & 1) != 0) y *= x;
        if (n > 1) x *= x;
    }
    return y;
}
/// The power of a negative number: with its sign for odd exponents, and none where they are not
/// whole.
TILEWRIGHT_DEVICE void set_sign_of_power(vFloat& result, const vFloat& y) {
    const vFloat rounded = sfpi::abs(y) + rounder;
    v_if((rounded - rounder) - sfpi::abs(y) != 0.0F) {
        result = not_a_number;
    }
    v_else {
        result = from_bits(bits_of(result) ^ (bits_of(rounded) << 31));
    }
    v_endif;
}
/// x^y of finite numbers. Of negative ones it is a number for whole y only; its error grows with
/// the logarithm of the result.
TILEWRIGHT_DEVICE vFloat power(const vFloat& x, const vFloat& y) {
    vFloat result = exponential(y * log_of_positive(sfpi::abs(x)));
    v_if(x < 0.0F) {
        set_sign_of_power(result, y);
    }
    v_endif;
    v_if(sfpi::is_zero(x)) {
        result = 0.0F;
        v_and(y < 0.0F);
        result = infinity;
    }
    v_endif;
    v_if(sfpi::is_zero(y)) {
        result = 1.0F;
    }
    v_endif;
    return result;
}
/// The same of one number for all.
TILEWRIGHT_DEVICE vFloat power(float base, const vFloat& y) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(base) & 0x7fff'ffff;
    const bool is_zero = magnitude == 0;
    vFloat result = exponential(y * log_of_positive(vFloat(std::bit_cast<float>(magnitude))));
    if (is_zero) {
        result = 0.0F;
        v_if(y < 0.0F) {
            result = infinity;
        }
        v_endif;
    } else if (magnitude != std::bit_cast<std::uint32_t>(base)) {
        set_sign_of_power(result, y);
    }
    v_if(sfpi::is_zero(y)) {
        result = 1.0F;
    }
    v_endif;
    return result;
}

}  // namespace tilewright::metalium::functions
