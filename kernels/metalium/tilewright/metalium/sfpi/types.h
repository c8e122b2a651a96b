// vFloat, vInt, vUInt and their narrower kin: 32 numbers of 32 bits.
//
// An assignment changes the lanes that take part; what a new variable has in the others is
// undefined.
#pragma once

#include <bit>
#include <concepts>
#include <type_traits>

#include "tilewright/metalium/sfpi/conditions.h"

namespace sfpi {

namespace impl_ {
namespace vectors = tilewright::metalium::vectors;
namespace op = vectors::op;
using vectors::Value;

class vVal {
public:
    vVal() = default;
    TILEWRIGHT_DEVICE vVal(Value v) : v_(v) {}
    TILEWRIGHT_DEVICE vVal(const vVal& other) : v_(other.v_) {}
    TILEWRIGHT_DEVICE vVal& operator=(const vVal& other) {
        vectors::assign(v_, other.v_);
        return *this;
    }
    TILEWRIGHT_DEVICE Value get() const { return v_; }

protected:
    Value v_;
};

}  // namespace impl_

// --- Scalars for all lanes -----------------------------------------------------------------------

/// A float with as many bits as FP16: of its bits, or cut off.
class sFloat16a {
public:
    TILEWRIGHT_DEVICE constexpr explicit sFloat16a(float f)
        : bits_(std::bit_cast<std::uint32_t>(f) & 0xffff'e000) {}
    TILEWRIGHT_DEVICE constexpr explicit sFloat16a(double f) : sFloat16a(static_cast<float>(f)) {}
    template <std::integral T>
    TILEWRIGHT_DEVICE constexpr explicit sFloat16a(T fp16)
        : bits_((fp16 & 0x8000u) << 16 | (((fp16 & 0x7fffu) << 13) + (112u << 23))) {}
    TILEWRIGHT_DEVICE constexpr std::uint32_t bits() const { return bits_; }

private:
    std::uint32_t bits_;
};
/// The same with BF16.
class sFloat16b {
public:
    TILEWRIGHT_DEVICE constexpr explicit sFloat16b(float f)
        : bits_(std::bit_cast<std::uint32_t>(f) & 0xffff'0000) {}
    TILEWRIGHT_DEVICE constexpr explicit sFloat16b(double f) : sFloat16b(static_cast<float>(f)) {}
    template <std::integral T>
    TILEWRIGHT_DEVICE constexpr explicit sFloat16b(T bf16)
        : bits_(static_cast<std::uint32_t>(bf16) << 16) {}
    TILEWRIGHT_DEVICE constexpr std::uint32_t bits() const { return bits_; }

private:
    std::uint32_t bits_;
};
using s2vFloat16a = sFloat16a;
using s2vFloat16b = sFloat16b;

// --- Vectors -------------------------------------------------------------------------------------

class vFloat : public impl_::vVal {
public:
    vFloat() = default;
    vFloat(const vFloat&) = default;
    TILEWRIGHT_DEVICE vFloat(impl_::Value v) : vVal(v) {}
    TILEWRIGHT_DEVICE vFloat(float f) : vVal(impl_::vectors::number(std::bit_cast<unsigned>(f))) {}
    TILEWRIGHT_DEVICE vFloat(sFloat16a f) : vVal(impl_::vectors::number(f.bits())) {}
    TILEWRIGHT_DEVICE vFloat(sFloat16b f) : vVal(impl_::vectors::number(f.bits())) {}
    vFloat& operator=(const vFloat&) = default;
    TILEWRIGHT_DEVICE vFloat& operator=(float f) {
        impl_::vectors::set(v_, std::bit_cast<unsigned>(f));
        return *this;
    }

    TILEWRIGHT_DEVICE vFloat& operator+=(const vFloat& b) {
        impl_::vectors::add_to(v_, b.v_);
        return *this;
    }
    TILEWRIGHT_DEVICE vFloat& operator-=(const vFloat& b) {
        impl_::vectors::subtract_from(v_, b.v_);
        return *this;
    }
    TILEWRIGHT_DEVICE vFloat& operator*=(const vFloat& b) {
        impl_::vectors::multiply_by(v_, b.v_);
        return *this;
    }
    TILEWRIGHT_DEVICE vFloat& operator++() { return *this += 1.0F; }
    TILEWRIGHT_DEVICE vFloat& operator--() { return *this -= 1.0F; }
    TILEWRIGHT_DEVICE vFloat operator++(int) {
        const vFloat before = *this;
        *this += 1.0F;
        return before;
    }
    TILEWRIGHT_DEVICE vFloat operator--(int) {
        const vFloat before = *this;
        *this -= 1.0F;
        return before;
    }
};

/// Integers of all kinds: of bits, or of a scalar.
namespace impl_ {
template <class Self>
class vInteger : public vVal {
public:
    vInteger() = default;
    vInteger(const vInteger&) = default;
    TILEWRIGHT_DEVICE vInteger(Value v) : vVal(v) {}
    template <std::integral T>
    TILEWRIGHT_DEVICE vInteger(T x) : vVal(vectors::number(static_cast<std::uint32_t>(x))) {}
    vInteger& operator=(const vInteger&) = default;

    template <class T>
    TILEWRIGHT_DEVICE Self& operator+=(const T& x) {
        return set(self() + x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator-=(const T& x) {
        return set(self() - x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator&=(const T& x) {
        return set(self() & x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator|=(const T& x) {
        return set(self() | x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator^=(const T& x) {
        return set(self() ^ x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator<<=(const T& x) {
        return set(self() << x);
    }
    template <class T>
    TILEWRIGHT_DEVICE Self& operator>>=(const T& x) {
        return set(self() >> x);
    }
    TILEWRIGHT_DEVICE Self& operator++() { return *this += 1; }
    TILEWRIGHT_DEVICE Self& operator--() { return *this -= 1; }
    TILEWRIGHT_DEVICE Self operator++(int) {
        const Self before = self();
        *this += 1;
        return before;
    }
    TILEWRIGHT_DEVICE Self operator--(int) {
        const Self before = self();
        *this -= 1;
        return before;
    }

private:
    TILEWRIGHT_DEVICE Self& self() { return static_cast<Self&>(*this); }
    TILEWRIGHT_DEVICE Self& set(const vVal& x) {
        vectors::assign(v_, x.get());
        return self();
    }
};
}  // namespace impl_

class vUInt;
/// Two's complement.
class vInt : public impl_::vInteger<vInt> {
public:
    using vInteger::vInteger;
    vInt() = default;
    vInt(const vInt&) = default;
    vInt& operator=(const vInt&) = default;
    TILEWRIGHT_DEVICE vInt(const vUInt& x);
};
class vUInt : public impl_::vInteger<vUInt> {
public:
    using vInteger::vInteger;
    vUInt() = default;
    vUInt(const vUInt&) = default;
    vUInt& operator=(const vUInt&) = default;
    TILEWRIGHT_DEVICE vUInt(const vInt& x) : vInteger(x.get()) {}
};
TILEWRIGHT_DEVICE vInt::vInt(const vUInt& x) : vInteger(x.get()) {}
/// Sign and magnitude.
class vSMag : public impl_::vVal {
public:
    vSMag() = default;
    vSMag(const vSMag&) = default;
    vSMag& operator=(const vSMag&) = default;
    TILEWRIGHT_DEVICE explicit vSMag(impl_::Value v) : vVal(v) {}
    TILEWRIGHT_DEVICE explicit vSMag(std::uint32_t bits) : vVal(impl_::vectors::number(bits)) {}
};

/// Values that fit into fewer bits, held in 32; they go to Dst as such.
template <class Wide, class Tag>
class vNarrow : public Wide {
public:
    using Wide::Wide;
    vNarrow() = default;
    vNarrow(const vNarrow&) = default;
    vNarrow& operator=(const vNarrow&) = default;
};
using vFloat16a = vNarrow<vFloat, struct Float16aTag>;
using vFloat16b = vNarrow<vFloat, struct Float16bTag>;
using vUInt16 = vNarrow<vUInt, struct UInt16Tag>;
using vUInt8 = vNarrow<vUInt, struct UInt8Tag>;
using vSMag16 = vNarrow<vSMag, struct SMag16Tag>;
using vSMag8 = vNarrow<vSMag, struct SMag8Tag>;
using vMag = vUInt;

/// The same bits as another type.
template <std::derived_from<impl_::vVal> To>
TILEWRIGHT_DEVICE To as(const impl_::vVal& x) {
    return To(x.get());
}
template <std::derived_from<impl_::vVal> To>
TILEWRIGHT_DEVICE To reinterpret(const impl_::vVal& x) {
    return To(x.get());
}

}  // namespace sfpi
