// What the unit does with a number's parts, its conversions, tables and exchanges: an instruction
// or a few each.
#pragma once

#include <type_traits>
#include <utility>

#include "tilewright/metalium/sfpi/dst.h"

namespace sfpi {

template <class T>
concept AnyVector = std::derived_from<T, impl_::vVal>;

// --- Exponent, mantissa, sign --------------------------------------------------------------------

enum class ExponentMode : std::uint8_t { Unbiased, Biased, Debias = Unbiased, NoDebias = Biased };
enum class MantissaMode : std::uint8_t { FractionOnly, WithUnitBit, ImplicitOne = WithUnitBit };

TILEWRIGHT_DEVICE vInt exexp(const vFloat& x, ExponentMode mode = ExponentMode::Unbiased) {
    const std::uint32_t biased = mode == ExponentMode::Biased ? 1 : 0;
    return impl_::vectors::made(impl_::op::sfpexexp{.mode = biased}, x.get());
}
TILEWRIGHT_DEVICE vInt exexp_nodebias(const vFloat& x) {
    return exexp(x, ExponentMode::Biased);
}
TILEWRIGHT_DEVICE vMag exman(const vFloat& x, MantissaMode mode = MantissaMode::FractionOnly) {
    const std::uint32_t fraction = mode == MantissaMode::FractionOnly ? 1 : 0;
    return impl_::vectors::made(impl_::op::sfpexman{.mode = fraction}, x.get());
}
/// With its first bit, which is not stored, in 24 bits; or without it.
TILEWRIGHT_DEVICE vInt exman8(const vFloat& x) {
    return exman(x, MantissaMode::WithUnitBit);
}
TILEWRIGHT_DEVICE vInt exman9(const vFloat& x) {
    return exman(x);
}
template <AnyVector T>
TILEWRIGHT_DEVICE vUInt exsgn(const T& x) {
    return as<vUInt>(x) >> 31;
}

/// x with another exponent, as it is stored.
template <std::integral T>
TILEWRIGHT_DEVICE vFloat setexp(const vFloat& x, T exponent) {
    return impl_::vectors::made(
        impl_::op::sfpsetexp{.mode = 1, .value = static_cast<std::uint32_t>(exponent) & 0xff},
        x.get());
}
template <impl_::IntegerVector T>
TILEWRIGHT_DEVICE vFloat setexp(const vFloat& x, const T& exponent) {
    impl_::Value r = exponent.get();
    impl_::vectors::change(impl_::op::sfpsetexp{}, r, x.get());
    return r;
}
TILEWRIGHT_DEVICE vFloat copyexp(const vFloat& x, const vFloat& of) {
    impl_::Value r = of.get();
    impl_::vectors::change(impl_::op::sfpsetexp{.mode = 2}, r, x.get());
    return r;
}
/// x * 2^n of finite numbers, whose exponents are not guarded.
TILEWRIGHT_DEVICE vFloat addexp(const vFloat& x, int n) {
    return impl_::vectors::made(
        impl_::op::sfpdivp2{.mode = 1, .value = static_cast<std::uint32_t>(n) & 0xfff}, x.get());
}
enum class LdexpMode : std::uint8_t { Correct, Fast };
TILEWRIGHT_DEVICE vFloat ldexp(const vFloat& x, int n, LdexpMode = LdexpMode::Correct) {
    return addexp(x, n);
}
TILEWRIGHT_DEVICE vFloat ldexp(const vFloat& x, const vInt& n,
                               LdexpMode mode = LdexpMode::Correct) {
    if (mode == LdexpMode::Fast) return setexp(x, exexp(x, ExponentMode::Biased) + n);
    return x * setexp(vFloat(0.0F), n + 127);
}
/// The upper 12 bits of the mantissa, or its 23.
template <std::integral T>
TILEWRIGHT_DEVICE vFloat setman(const vFloat& x, T mantissa) {
    return impl_::vectors::made(
        impl_::op::sfpsetman{.mode = 1, .value = static_cast<std::uint32_t>(mantissa) & 0xfff},
        x.get());
}
template <AnyVector T>
TILEWRIGHT_DEVICE vFloat setman(const vFloat& x, const T& mantissa) {
    impl_::Value r = mantissa.get();
    impl_::vectors::change(impl_::op::sfpsetman{}, r, x.get());
    return r;
}
TILEWRIGHT_DEVICE vFloat copyman(const vFloat& x, const vFloat& of) {
    return setman(x, of);
}
/// Its highest bit by a number (0 or 1), or as another one has it.
template <AnyVector T, std::integral Sign>
TILEWRIGHT_DEVICE T setsgn(const T& x, Sign sign) {
    return T(impl_::vectors::made(
        impl_::op::sfpsetsgn{.mode = 1, .value = static_cast<std::uint32_t>(sign) & 1}, x.get()));
}
template <AnyVector T, AnyVector Sign>
TILEWRIGHT_DEVICE T setsgn(const T& x, const Sign& of) {
    impl_::Value r = of.get();
    impl_::vectors::change(impl_::op::sfpsetsgn{}, r, x.get());
    return T(r);
}
// Of what becomes a vFloat: products, vectors of Dst.
template <std::integral Sign>
TILEWRIGHT_DEVICE vFloat setsgn(const vFloat& x, Sign sign) {
    return setsgn<vFloat, Sign>(x, sign);
}
template <AnyVector Sign>
TILEWRIGHT_DEVICE vFloat setsgn(const vFloat& x, const Sign& of) {
    return setsgn<vFloat, Sign>(x, of);
}
template <AnyVector T, AnyVector Sign>
TILEWRIGHT_DEVICE T copysgn(const T& x, const Sign& of) {
    return setsgn(x, of);
}
/// Below 0 by the lowest bit of another.
template <AnyVector T, AnyVector Sign>
TILEWRIGHT_DEVICE T setsgn2(const T& x, const Sign& sign) {
    return setsgn(x, as<vUInt>(sign) << 31);
}
TILEWRIGHT_DEVICE vFloat abs(const vFloat& x) {
    return impl_::vectors::made(impl_::op::sfpabs{.mode = 1}, x.get());
}
TILEWRIGHT_DEVICE vInt abs(const vInt& x) {
    return impl_::vectors::made(impl_::op::sfpabs{}, x.get());
}

// --- Bits ----------------------------------------------------------------------------------------

enum class LZMode : std::uint8_t { All, IgnoreSign };
/// Zeros above the highest bit that is set.
template <AnyVector T>
TILEWRIGHT_DEVICE vInt lz(const T& x, LZMode mode = LZMode::All) {
    const std::uint32_t without_sign = mode == LZMode::IgnoreSign ? 4 : 0;
    return impl_::vectors::made(impl_::op::sfplz{.mode = without_sign}, x.get());
}
template <AnyVector T>
TILEWRIGHT_DEVICE vInt lz_nosgn(const T& x) {
    return lz(x, LZMode::IgnoreSign);
}
enum class ShiftMode : std::uint8_t { Logical, Arithmetic };
/// To the left, or to the right by the negated amount. Arithmetic shifts are Blackhole's.
template <ShiftMode mode = ShiftMode::Logical, impl_::IntegerVector T>
TILEWRIGHT_DEVICE T shft(const T& x, int left, ShiftMode how = mode) {
    impl_::Value r = x.get();
    const std::uint32_t arithmetic = how == ShiftMode::Arithmetic ? 2 : 0;
    impl_::vectors::change(impl_::op::sfpshft{.mode = 1 | arithmetic,
                                              .value = static_cast<std::uint32_t>(left) & 0xfff},
                           r);
    return r;
}
template <ShiftMode mode = ShiftMode::Logical, impl_::IntegerVector T, impl_::IntegerVector N>
TILEWRIGHT_DEVICE T shft(const T& x, const N& left, ShiftMode how = mode) {
    impl_::Value r = x.get();
    const std::uint32_t arithmetic = how == ShiftMode::Arithmetic ? 2 : 0;
    impl_::vectors::change(impl_::op::sfpshft{.mode = arithmetic}, r, left.get());
    return r;
}

// --- Kinds of numbers ----------------------------------------------------------------------------

TILEWRIGHT_DEVICE auto is_zero(const vFloat& x) {
    return (as<vUInt>(x) << 1) == 0;
}
TILEWRIGHT_DEVICE auto is_finite(const vFloat& x) {
    return exexp(x, ExponentMode::Biased) < 255;
}
TILEWRIGHT_DEVICE auto is_nan(const vFloat& x) {
    return exexp(x, ExponentMode::Biased) >= 255 && exman(x) != 0;
}
TILEWRIGHT_DEVICE auto is_inf(const vFloat& x) {
    return exexp(x, ExponentMode::Biased) >= 255 && exman(x) == 0;
}
TILEWRIGHT_DEVICE auto is_neg(const vFloat& x) {
    return as<vInt>(x) < 0;
}
TILEWRIGHT_DEVICE auto is_pos(const vFloat& x) {
    return as<vInt>(x) >= 0;
}

// --- Exchanges -----------------------------------------------------------------------------------

template <AnyVector T>
TILEWRIGHT_DEVICE void swap(T& a, T& b) {
    impl_::Value x = a.get(), y = b.get();
    impl_::vectors::exchange<0>(x, y);
    a = T(x);
    b = T(y);
}
template <AnyVector T>
TILEWRIGHT_DEVICE void vec_swap(T& a, T& b) {
    swap(a, b);
}
/// The smaller and the larger, as signs and magnitudes: floats, or integers above 0.
template <AnyVector T>
TILEWRIGHT_DEVICE std::pair<T, T> min_max(const T& a, const T& b) {
    impl_::Value x = a.get(), y = b.get();
    impl_::vectors::exchange<1>(x, y);
    return {T(x), T(y)};
}
template <AnyVector T>
TILEWRIGHT_DEVICE void vec_min_max(T& a, T& b) {
    const auto both = min_max(a, b);
    a = both.first;
    b = both.second;
}
TILEWRIGHT_DEVICE vFloat min(const vFloat& a, const vFloat& b) {
    return min_max(a, b).first;
}
TILEWRIGHT_DEVICE vFloat max(const vFloat& a, const vFloat& b) {
    return min_max(a, b).second;
}
TILEWRIGHT_DEVICE vFloat clamp(const vFloat& x, const vFloat& least, const vFloat& most) {
    return min(max(x, least), most);
}
TILEWRIGHT_DEVICE vFloat symmetric_clamp(const vFloat& x, const vFloat& bound) {
    return copysgn(min(abs(x), bound), x);
}
/// Lanes in groups of eight move by one, the last one to the first, or a 0 comes in (Blackhole).
TILEWRIGHT_DEVICE vFloat subvec_shflror1(const impl_::vVal& x) {
    return impl_::vectors::made(impl_::op::sfpshft2{.mode = 3}, x.get());
}
TILEWRIGHT_DEVICE vFloat subvec_shflshr1(const impl_::vVal& x) {
    return impl_::vectors::made(impl_::op::sfpshft2{.mode = 4}, x.get());
}
/// Rows of eight lanes of four registers change places, as in a transpose.
template <AnyVector T>
TILEWRIGHT_DEVICE void subvec_transp(T& a, T& b, T& c, T& d) {
    impl_::Value w = a.get(), x = b.get(), y = c.get(), z = d.get();
    impl_::vectors::transpose(w, x, y, z);
    a = T(w);
    b = T(x);
    c = T(y);
    d = T(z);
}

/// Random bits, different in each lane.
TILEWRIGHT_DEVICE vInt rand() {
    return impl_::vectors::made(impl_::op::sfpmov{.mode = 8, .vc = 9});
}
#ifdef ARCH_WORMHOLE
__attribute__((unavailable("approx_recip is an instruction of Blackhole"))) vFloat approx_recip(
    const vFloat& x);
#else
/// 1 / x with 7 bits of mantissa.
TILEWRIGHT_DEVICE vFloat approx_recip(const vFloat& x) {
    return impl_::vectors::made(impl_::op::sfparecip{}, x.get());
}
#endif
__attribute__((unavailable("approx_exp is not modelled"))) vFloat approx_exp(const vFloat& x);

// --- Tables --------------------------------------------------------------------------------------
//
// A line over the magnitude of x, by the range that it lies in; the result has the sign of x, or
// (..._sign) its own.

namespace impl_ {
inline constexpr std::uint32_t keep_sign = 4, three_of_16 = 10, six = 2, six_to_four = 3;
}
#define TILEWRIGHT_TABLE(name, sign)                                                         \
    TILEWRIGHT_DEVICE vFloat name(const vFloat& x, const vUInt& l0, const vUInt& l1,         \
                                  const vUInt& l2) {                                         \
        return impl_::vectors::looked_up(impl_::op::sfplut{.mode = sign}, x.get(), l0.get(), \
                                         l1.get(), l2.get());                                \
    }
TILEWRIGHT_TABLE(lut, impl_::keep_sign)
TILEWRIGHT_TABLE(lut_sign, 0)
#undef TILEWRIGHT_TABLE
#define TILEWRIGHT_TABLE(name, sign)                                                               \
    TILEWRIGHT_DEVICE vFloat name(const vFloat& x, const vUInt& l0, const vUInt& l1,               \
                                  const vUInt& l2) {                                               \
        return impl_::vectors::looked_up(impl_::op::sfplutfp32{.mode = impl_::three_of_16 | sign}, \
                                         x.get(), l0.get(), l1.get(), l2.get());                   \
    }                                                                                              \
    TILEWRIGHT_DEVICE vFloat name(const vFloat& x, const vFloat& a0, const vFloat& a1,             \
                                  const vFloat& a2, const vFloat& b0, const vFloat& b1,            \
                                  const vFloat& b2) {                                              \
        return impl_::vectors::looked_up(impl_::op::sfplutfp32{.mode = sign}, x.get(), a0.get(),   \
                                         a1.get(), a2.get(), b0.get(), b1.get(), b2.get());        \
    }                                                                                              \
    TILEWRIGHT_DEVICE vFloat name(const vFloat& x, const vUInt& a01, const vUInt& a23,             \
                                  const vUInt& a45, const vUInt& b01, const vUInt& b23,            \
                                  const vUInt& b45, const int mode = 1) {                          \
        const std::uint32_t table = mode == 1 ? impl_::six : impl_::six_to_four;                   \
        return impl_::vectors::looked_up(impl_::op::sfplutfp32{.mode = table | sign}, x.get(),     \
                                         a01.get(), a23.get(), a45.get(), b01.get(), b23.get(),    \
                                         b45.get());                                               \
    }
TILEWRIGHT_TABLE(lut2, impl_::keep_sign)
TILEWRIGHT_TABLE(lut2_sign, 0)
#undef TILEWRIGHT_TABLE

/// c0 + x * (c1 + x * (...)).
template <class C>
TILEWRIGHT_DEVICE vFloat polynomial(const vFloat&, const C& c) {
    return c;
}
template <class C, class... Rest>
TILEWRIGHT_DEVICE vFloat polynomial(const vFloat& x, const C& c, const Rest&... rest) {
    return x * polynomial(x, rest...) + vFloat(c);
}

}  // namespace sfpi
