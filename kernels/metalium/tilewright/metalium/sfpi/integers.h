// Operators of vInt and vUInt, with one another and with scalars: unsigned where one of them is.
#pragma once

#include "tilewright/metalium/sfpi/arithmetic.h"

namespace sfpi {

namespace impl_ {

template <class T>
concept IntegerVector = std::derived_from<T, vInt> || std::derived_from<T, vUInt>;
template <class A, class B>
concept IntegerPair = (IntegerVector<A> && (IntegerVector<B> || std::integral<B>)) ||
                      (std::integral<A> && IntegerVector<B>);
template <class A, class B>
using Common =
    std::conditional_t<std::derived_from<A, vUInt> || std::derived_from<B, vUInt>, vUInt, vInt>;

template <IntegerVector T>
TILEWRIGHT_DEVICE Value value_of(const T& x) {
    return x.get();
}
template <std::integral T>
TILEWRIGHT_DEVICE Value value_of(T x) {
    return vectors::number(static_cast<std::uint32_t>(x));
}

TILEWRIGHT_DEVICE bool fits_instruction(std::int32_t x) {
    return __builtin_constant_p(x) && x >= -0x800 && x < 0x800;
}
/// Without changing lanes' flags, as all sums here.
inline constexpr std::uint32_t quiet = 4, immediate = 1, from_operand = 2;
TILEWRIGHT_DEVICE Value plus(Value a, std::int32_t b) {
    if (fits_instruction(b)) {
        return vectors::made(
            op::sfpiadd{.mode = quiet | immediate, .value = static_cast<std::uint32_t>(b) & 0xfff},
            a);
    }
    Value r = vectors::number(static_cast<std::uint32_t>(b));
    vectors::change(op::sfpiadd{.mode = quiet}, r, a);
    return r;
}
TILEWRIGHT_DEVICE Value plus(Value a, Value b) {
    vectors::change(op::sfpiadd{.mode = quiet}, a, b);
    return a;
}
TILEWRIGHT_DEVICE Value less(Value a, Value b) {
    vectors::change(op::sfpiadd{.mode = quiet | from_operand}, b, a);
    return b;
}

TILEWRIGHT_DEVICE Value shifted(Value x, std::int32_t left) {
    vectors::change(op::sfpshft{.mode = 1, .value = static_cast<std::uint32_t>(left) & 0xfff}, x);
    return x;
}
TILEWRIGHT_DEVICE Value shifted(Value x, Value left) {
    vectors::change(op::sfpshft{.mode = 0}, x, left);
    return x;
}
TILEWRIGHT_DEVICE std::int32_t opposite(std::int32_t x) {
    return -x;
}
TILEWRIGHT_DEVICE Value opposite(Value x) {
    return less(vectors::number(0), x);
}
/// To the right, with the sign. Wormhole's unit has no such shift.
template <class Amount>
TILEWRIGHT_DEVICE Value shifted_down(Value x, Amount amount) {
    Value signs = opposite(shifted(x, -31));
    vectors::change(op::sfpxor{}, x, signs);
    x = shifted(x, opposite(amount));
    vectors::change(op::sfpxor{}, x, signs);
    return x;
}

}  // namespace impl_

template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE auto operator+(const A& a, const B& b) {
    using Result = impl_::Common<A, B>;
    if constexpr (std::integral<B>)
        return Result(impl_::plus(a.get(), static_cast<std::int32_t>(b)));
    else if constexpr (std::integral<A>)
        return Result(impl_::plus(b.get(), static_cast<std::int32_t>(a)));
    else
        return Result(impl_::plus(a.get(), b.get()));
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE auto operator-(const A& a, const B& b) {
    using Result = impl_::Common<A, B>;
    if constexpr (std::integral<B>)
        return Result(impl_::plus(a.get(), -static_cast<std::int32_t>(b)));
    else
        return Result(impl_::less(impl_::value_of(a), b.get()));
}
#define TILEWRIGHT_BITS(symbol, instruction)                                               \
    template <class A, class B>                                                            \
    requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE auto operator symbol(const A& a,   \
                                                                             const B& b) { \
        impl_::Value r = impl_::value_of(a);                                               \
        impl_::vectors::change(impl_::op::instruction{}, r, impl_::value_of(b));           \
        return impl_::Common<A, B>(r);                                                     \
    }
TILEWRIGHT_BITS(&, sfpand)
TILEWRIGHT_BITS(|, sfpor)
TILEWRIGHT_BITS(^, sfpxor)
#undef TILEWRIGHT_BITS

template <impl_::IntegerVector A>
TILEWRIGHT_DEVICE A operator~(const A& a) {
    return impl_::vectors::made(impl_::op::sfpnot{}, a.get());
}
template <impl_::IntegerVector A>
TILEWRIGHT_DEVICE A operator-(const A& a) {
    return impl_::opposite(a.get());
}
template <impl_::IntegerVector A>
TILEWRIGHT_DEVICE A operator+(const A& a) {
    return a;
}
template <impl_::IntegerVector A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE A operator<<(const A& a, const B& b) {
    if constexpr (std::integral<B>)
        return impl_::shifted(a.get(), static_cast<std::int32_t>(b));
    else
        return impl_::shifted(a.get(), b.get());
}
template <impl_::IntegerVector A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE A operator>>(const A& a, const B& b) {
    const auto amount = [&] {
        if constexpr (std::integral<B>)
            return static_cast<std::int32_t>(b);
        else
            return b.get();
    }();
    if constexpr (std::derived_from<A, vUInt>)
        return impl_::shifted(a.get(), impl_::opposite(amount));
    else
        return impl_::shifted_down(a.get(), amount);
}

// --- Comparisons ---------------------------------------------------------------------------------
//
// By the sign of the difference, which has 32 bits: numbers that are 2^31 apart compare wrongly.

namespace impl_ {
/// a - b; a itself if b is 0.
template <class A, class B>
TILEWRIGHT_DEVICE Value distance(const A& a, const B& b) {
    if constexpr (std::integral<B>) {
        if (__builtin_constant_p(b) && b == 0) return a.get();
        return plus(a.get(), -static_cast<std::int32_t>(b));
    } else {
        return less(value_of(a), b.get());
    }
}
}  // namespace impl_
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator<(const A& a, const B& b) {
    return {impl_::distance(a, b), Test::less};
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator>=(const A& a, const B& b) {
    return {impl_::distance(a, b), Test::not_less};
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator>(const A& a, const B& b) {
    if constexpr (std::integral<B>)
        return {impl_::distance(a, static_cast<std::int32_t>(b) + 1), Test::not_less};
    else
        return {impl_::distance(b, a), Test::less};
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator<=(const A& a, const B& b) {
    if constexpr (std::integral<B>)
        return {impl_::distance(a, static_cast<std::int32_t>(b) + 1), Test::less};
    else
        return {impl_::distance(b, a), Test::not_less};
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator==(const A& a, const B& b) {
    return {impl_::distance(a, b), Test::equal};
}
template <class A, class B>
requires impl_::IntegerPair<A, B> TILEWRIGHT_DEVICE Tested operator!=(const A& a, const B& b) {
    return {impl_::distance(a, b), Test::not_equal};
}

}  // namespace sfpi
