// Operators of vFloat, vInt and vUInt.
#pragma once

#include "tilewright/metalium/sfpi/types.h"

namespace sfpi {

// --- vFloat --------------------------------------------------------------------------------------

namespace impl_ {
TILEWRIGHT_DEVICE Value negated(Value x) {
    return vectors::made(op::sfpmov{.mode = 1}, x);
}
TILEWRIGHT_DEVICE Value minus(Value a, Value b) {
    return vectors::added(op::sfpmad{.va = vectors::minus_one}, b, a);
}
}  // namespace impl_

/// A product that nobody has asked for yet: what is added to it makes it one instruction, with one
/// rounding.
class vProduct {
public:
    TILEWRIGHT_DEVICE vProduct(const vFloat& a, const vFloat& b) : a_(a), b_(b) {}
    TILEWRIGHT_DEVICE operator vFloat() const {
        return impl_::vectors::multiplied(impl_::op::sfpmul{.vc = impl_::vectors::zero}, a_.get(),
                                          b_.get());
    }
    TILEWRIGHT_DEVICE vFloat plus(const vFloat& c) const {
        return impl_::vectors::multiplied_and_added({}, a_.get(), b_.get(), c.get());
    }
    TILEWRIGHT_DEVICE vFloat minus(const vFloat& c) const {
        if constexpr (tilewright::kernel::tensix::wormhole) return plus(impl_::negated(c.get()));
        return impl_::vectors::multiplied_and_added({.mode = 2}, a_.get(), b_.get(), c.get());
    }
    TILEWRIGHT_DEVICE vFloat from(const vFloat& c) const {
        if constexpr (tilewright::kernel::tensix::wormhole)
            return vProduct(impl_::negated(a_.get()), b_).plus(c);
        return impl_::vectors::multiplied_and_added({.mode = 1}, a_.get(), b_.get(), c.get());
    }

private:
    vFloat a_, b_;
};

TILEWRIGHT_DEVICE vFloat operator+(const vFloat& a) {
    return a;
}
TILEWRIGHT_DEVICE vFloat operator-(const vFloat& a) {
    return impl_::negated(a.get());
}
TILEWRIGHT_DEVICE vProduct operator*(const vFloat& a, const vFloat& b) {
    return {a, b};
}
TILEWRIGHT_DEVICE vFloat operator+(const vFloat& a, const vFloat& b) {
    return impl_::vectors::added(impl_::op::sfpadd{.va = impl_::vectors::one}, a.get(), b.get());
}
TILEWRIGHT_DEVICE vFloat operator-(const vFloat& a, const vFloat& b) {
    return impl_::minus(a.get(), b.get());
}
TILEWRIGHT_DEVICE vFloat operator+(const vProduct& a, const vFloat& b) {
    return a.plus(b);
}
TILEWRIGHT_DEVICE vFloat operator+(const vFloat& a, const vProduct& b) {
    return b.plus(a);
}
TILEWRIGHT_DEVICE vFloat operator+(const vProduct& a, const vProduct& b) {
    return a.plus(b);
}
TILEWRIGHT_DEVICE vFloat operator-(const vProduct& a, const vFloat& b) {
    return a.minus(b);
}
TILEWRIGHT_DEVICE vFloat operator-(const vFloat& a, const vProduct& b) {
    return b.from(a);
}
TILEWRIGHT_DEVICE vFloat operator-(const vProduct& a, const vProduct& b) {
    return a.minus(b);
}
template <std::derived_from<impl_::vVal> To>
TILEWRIGHT_DEVICE To as(const vProduct& x) {
    return as<To>(vFloat(x));
}
template <std::derived_from<impl_::vVal> To>
TILEWRIGHT_DEVICE To reinterpret(const vProduct& x) {
    return as<To>(vFloat(x));
}

using impl_::vectors::Test;
using impl_::vectors::Tested;

/// a < b where b - a or a - b has a sign. Against 0, the number's own sign or bits decide: -0 is
/// below 0 and not equal to it.
TILEWRIGHT_DEVICE Tested operator<(const vFloat& a, const vFloat& b) {
    return {(a - b).get(), Test::less};
}
TILEWRIGHT_DEVICE Tested operator>(const vFloat& a, const vFloat& b) {
    return {(b - a).get(), Test::less};
}
TILEWRIGHT_DEVICE Tested operator<=(const vFloat& a, const vFloat& b) {
    return {(b - a).get(), Test::not_less};
}
TILEWRIGHT_DEVICE Tested operator>=(const vFloat& a, const vFloat& b) {
    return {(a - b).get(), Test::not_less};
}
TILEWRIGHT_DEVICE Tested operator==(const vFloat& a, const vFloat& b) {
    return {(a - b).get(), Test::equal};
}
TILEWRIGHT_DEVICE Tested operator!=(const vFloat& a, const vFloat& b) {
    return {(a - b).get(), Test::not_equal};
}
namespace impl_ {
TILEWRIGHT_DEVICE bool is_zero_constant(float x) {
    return __builtin_constant_p(x) && x == 0;
}
/// a - b.
TILEWRIGHT_DEVICE Value difference(const vFloat& a, float b) {
    return is_zero_constant(b) ? a.get() : (a - vFloat(b)).get();
}
/// b - a, where 0 - 0 is 0.
TILEWRIGHT_DEVICE Value difference(float b, const vFloat& a) {
    if (is_zero_constant(b))
        return vectors::scaled({.vc = vectors::zero, .va = vectors::minus_one}, a.get());
    return (vFloat(b) - a).get();
}
}  // namespace impl_
TILEWRIGHT_DEVICE Tested operator<(const vFloat& a, float b) {
    return {impl_::difference(a, b), Test::less};
}
TILEWRIGHT_DEVICE Tested operator>(const vFloat& a, float b) {
    return {impl_::difference(b, a), Test::less};
}
TILEWRIGHT_DEVICE Tested operator<=(const vFloat& a, float b) {
    return {impl_::difference(b, a), Test::not_less};
}
TILEWRIGHT_DEVICE Tested operator>=(const vFloat& a, float b) {
    return {impl_::difference(a, b), Test::not_less};
}
TILEWRIGHT_DEVICE Tested operator==(const vFloat& a, float b) {
    return {impl_::difference(a, b), Test::equal};
}
TILEWRIGHT_DEVICE Tested operator!=(const vFloat& a, float b) {
    return {impl_::difference(a, b), Test::not_equal};
}
TILEWRIGHT_DEVICE Tested operator<(float a, const vFloat& b) {
    return b > a;
}
TILEWRIGHT_DEVICE Tested operator>(float a, const vFloat& b) {
    return b < a;
}
TILEWRIGHT_DEVICE Tested operator<=(float a, const vFloat& b) {
    return b >= a;
}
TILEWRIGHT_DEVICE Tested operator>=(float a, const vFloat& b) {
    return b <= a;
}
TILEWRIGHT_DEVICE Tested operator==(float a, const vFloat& b) {
    return b == a;
}
TILEWRIGHT_DEVICE Tested operator!=(float a, const vFloat& b) {
    return b != a;
}

}  // namespace sfpi
