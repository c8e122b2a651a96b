// Products and conversions of integers, from what the vector unit can do with floats.
#pragma once

#include "tilewright/metalium/functions/exponentials.h"

namespace tilewright::metalium::functions {

/// Below 2^23: a float's mantissa, once 2^23 is added.
TILEWRIGHT_DEVICE vInt small_integer(const vFloat& x) {
    return sfpi::exman(x + 8388608.0F);
}
/// Eleven bits of an integer, of which products are exact.
template <int shift>
TILEWRIGHT_DEVICE vFloat part_of(const vInt& x) {
    return sfpi::int32_to_float(sfpi::shft(x, -shift) & 0x7ff, 0);
}
/// The lower 32 bits of x y.
TILEWRIGHT_DEVICE vInt product(const vInt& x, const vInt& y) {
    // 32 bits are parts of 11, 11 and 10; of the highest column lower bits are enough.
    vInt result = small_integer(part_of<0>(x) * part_of<0>(y));
    const vFloat middle = part_of<0>(x) * part_of<11>(y);
    result += small_integer(part_of<11>(x) * part_of<0>(y) + middle) << 11;
    vFloat upper = part_of<0>(x) * part_of<22>(y);
    upper = part_of<11>(x) * part_of<11>(y) + upper;
    upper = part_of<22>(x) * part_of<0>(y) + upper;
    return result + (small_integer(upper) << 22);
}

TILEWRIGHT_DEVICE vFloat float_of_unsigned(const vUInt& x) {
    const vFloat upper = sfpi::int32_to_float(x >> 16, 0);
    return upper * 65536.0F + sfpi::int32_to_float(x & 0xffff, 0);
}
TILEWRIGHT_DEVICE vFloat float_of(const vInt& x) {
    return sfpi::setsgn(float_of_unsigned(vUInt(sfpi::abs(x))), x);
}
/// Without its fraction, and the largest there is where it is larger.
TILEWRIGHT_DEVICE vInt magnitude_of(const vFloat& x, int bits, int most) {
    const vInt exponent = sfpi::exexp(x);
    vInt result = sfpi::shft(sfpi::exman8(x), exponent - 23);
    v_if(exponent < 0) {
        result = 0;
    }
    v_endif;
    v_if(exponent >= bits) {
        result = most;
    }
    v_endif;
    return result;
}
TILEWRIGHT_DEVICE vInt integer_of(const vFloat& x) {
    vInt result = magnitude_of(x, 31, 0x7fff'ffff);
    v_if(x < 0.0F) {
        result = 0 - result;
    }
    v_endif;
    return result;
}
TILEWRIGHT_DEVICE vInt unsigned_of(const vFloat& x, int bits) {
    vInt result = magnitude_of(x, bits, bits == 32 ? -1 : (1 << bits) - 1);
    v_if(x < 0.0F) {
        result = 0;
    }
    v_endif;
    return result;
}
/// x < y, as numbers of 32 bits: 1 or 0.
TILEWRIGHT_DEVICE vInt less_than(const vInt& x, const vInt& y) {
    // The difference has the wrong sign where x and y have different ones.
    vInt result = x - y;
    v_if((x ^ y) < 0) {
        result = x;
    }
    v_endif;
    return sfpi::shft(result, -31) & 1;
}

}  // namespace tilewright::metalium::functions
