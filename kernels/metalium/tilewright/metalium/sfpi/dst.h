// dst_reg[]: vectors of Dst, counted from the tile or face that is worked on; l_reg[] and the
// unit's constants.
#pragma once

#include "tilewright/metalium/sfpi/integers.h"

namespace sfpi {

/// How a vector lies in Dst.
enum class DataLayout : std::uint8_t {
    Default,
    FSrcB,
    F32,
    F16a,
    F16b,
    I32,
    U32,
    U16,
    SM32,
    SM16,
    M32,
    LO16,
    HI16
};

namespace impl_ {

/// Of SFPLOAD and SFPSTORE.
constexpr std::uint32_t dst_mode(DataLayout layout) {
    using namespace tilewright::kernel::tensix;
    switch (layout) {
        case DataLayout::F16a:
            return 1;
        case DataLayout::F16b:
            return 2;
        case DataLayout::F32:
            return 3;
        case DataLayout::U16:
            return vector::uint16;
        case DataLayout::HI16:
            return 7;
        case DataLayout::SM16:
            return 8;
        case DataLayout::LO16:
            return 9;
        case DataLayout::SM32:
            // Wormhole's loads and stores translate; on Blackhole it is done beside them.
            return wormhole ? 12 : vector::int32;
        case DataLayout::I32:
        case DataLayout::U32:
        case DataLayout::M32:
            return vector::int32;
        default:
            return vector::as_configured;
    }
}
constexpr DataLayout chosen(DataLayout layout, DataLayout otherwise) {
    return layout == DataLayout::Default ? otherwise : layout;
}
/// Two's complement to sign and magnitude, or back, which is the same: magnitudes stay, negative
/// numbers are counted from the other end.
TILEWRIGHT_DEVICE Value other_sign(const vInt& x) {
    vInt result = x;
    v_if(x < 0) {
        result = (vInt(0) - x) ^ 0x8000'0000;
    }
    v_endif;
    return result.get();
}

/// Vectors of Dst are two rows apart: each has half of the columns of four.
inline constexpr std::uint32_t rows_a_vector = 2;

template <DataLayout layout = DataLayout::Default>
class DstVector {
public:
    TILEWRIGHT_DEVICE constexpr explicit DstVector(std::uint32_t row) : row_(row) {}

    template <DataLayout other>
    TILEWRIGHT_DEVICE constexpr DstVector<other> mode() const {
        return DstVector<other>(row_);
    }

    TILEWRIGHT_DEVICE operator vFloat() const { return load(layout); }
    TILEWRIGHT_DEVICE operator vFloat16a() const { return load(chosen(layout, DataLayout::F16a)); }
    TILEWRIGHT_DEVICE operator vFloat16b() const { return load(chosen(layout, DataLayout::F16b)); }
    TILEWRIGHT_DEVICE operator vInt() const {
        const vInt x = load(chosen(layout, integers));
        return translates ? other_sign(x) : x.get();
    }
    TILEWRIGHT_DEVICE operator vUInt() const { return load(chosen(layout, DataLayout::U32)); }
    TILEWRIGHT_DEVICE operator vUInt16() const { return load(chosen(layout, DataLayout::U16)); }
    TILEWRIGHT_DEVICE operator vSMag() const { return vSMag(load(DataLayout::I32)); }

    TILEWRIGHT_DEVICE void operator=(const vFloat& x) const { store(x, layout); }
    TILEWRIGHT_DEVICE void operator=(const vFloat16a& x) const {
        store(x, chosen(layout, DataLayout::F16a));
    }
    TILEWRIGHT_DEVICE void operator=(const vFloat16b& x) const {
        store(x, chosen(layout, DataLayout::F16b));
    }
    TILEWRIGHT_DEVICE void operator=(const vInt& x) const {
        store(translates ? other_sign(x) : x.get(), chosen(layout, integers));
    }
    TILEWRIGHT_DEVICE void operator=(const vUInt& x) const {
        store(x, chosen(layout, DataLayout::U32));
    }
    TILEWRIGHT_DEVICE void operator=(const vUInt16& x) const {
        store(x, chosen(layout, DataLayout::U16));
    }
    TILEWRIGHT_DEVICE void operator=(const vSMag& x) const { store(x, DataLayout::I32); }
    TILEWRIGHT_DEVICE void operator=(float x) const { *this = vFloat(x); }
    TILEWRIGHT_DEVICE void operator=(const DstVector& x) const { *this = vFloat(x); }

private:
    static constexpr DataLayout integers =
        tilewright::kernel::tensix::wormhole ? DataLayout::SM32 : DataLayout::I32;
    static constexpr bool translates =
        layout == DataLayout::SM32 && tilewright::kernel::tensix::blackhole;

    TILEWRIGHT_DEVICE Value load(DataLayout as) const {
        return vectors::loaded(op::sfpload{.dst = row_, .mode = dst_mode(as)});
    }
    TILEWRIGHT_DEVICE void store(const vVal& x, DataLayout as) const {
        vectors::store(op::sfpstore{.dst = row_, .mode = dst_mode(as)}, x.get());
    }

    std::uint32_t row_;
};

struct DstRegisters {
    TILEWRIGHT_DEVICE constexpr DstVector<> operator[](int vector) const {
        return DstVector<>(static_cast<std::uint32_t>(vector) * rows_a_vector & 0x3ff);
    }
    /// What dst_reg[0] is from here on.
    TILEWRIGHT_DEVICE void operator++() const { *this += 1; }
    TILEWRIGHT_DEVICE void operator++(int) const { *this += 1; }
    TILEWRIGHT_DEVICE void operator+=(int vectors) const {
        constexpr int most = 7;
        for (; vectors > most; vectors -= most) step(most);
        step(vectors);
    }

private:
    TILEWRIGHT_DEVICE static void step(int vectors) {
        tilewright::kernel::tensix::issue(
            op::incrwc{.d = static_cast<std::uint32_t>(vectors) * rows_a_vector});
    }
};

}  // namespace impl_

using vDReg = impl_::DstVector<>;
inline constexpr impl_::DstRegisters dst_reg{};

// Where both sides could be of any type, they are floats.
#define TILEWRIGHT_OF_DST(symbol)                                          \
    template <DataLayout a, DataLayout b>                                  \
    TILEWRIGHT_DEVICE auto operator symbol(const impl_::DstVector<a>& x,   \
                                           const impl_::DstVector<b>& y) { \
        return vFloat(x) symbol vFloat(y);                                 \
    }
TILEWRIGHT_OF_DST(+)
TILEWRIGHT_OF_DST(-)
TILEWRIGHT_OF_DST(*)
#undef TILEWRIGHT_OF_DST

// --- Registers of the unit -----------------------------------------------------------------------

enum class LRegs : std::uint8_t { LReg0, LReg1, LReg2, LReg3, LReg4, LReg5, LReg6, LReg7 };

namespace impl_ {
class UnitRegister {
public:
    TILEWRIGHT_DEVICE constexpr explicit UnitRegister(LRegs number) : number_(number) {}
    template <std::derived_from<vVal> T>
    TILEWRIGHT_DEVICE operator T() const {
        return T(read());
    }
    TILEWRIGHT_DEVICE void operator=(const vVal& x) const {
        with([&]<unsigned n> { vectors::write_register<n>(x.get()); });
    }
    TILEWRIGHT_DEVICE void operator=(const UnitRegister& x) const { *this = vVal(x.read()); }

private:
    template <class F>
    TILEWRIGHT_DEVICE void with(F f) const {
        switch (number_) {
            case LRegs::LReg0:
                return f.template operator()<0>();
            case LRegs::LReg1:
                return f.template operator()<1>();
            case LRegs::LReg2:
                return f.template operator()<2>();
            case LRegs::LReg3:
                return f.template operator()<3>();
            case LRegs::LReg4:
                return f.template operator()<4>();
            case LRegs::LReg5:
                return f.template operator()<5>();
            case LRegs::LReg6:
                return f.template operator()<6>();
            case LRegs::LReg7:
                return f.template operator()<7>();
        }
    }
    TILEWRIGHT_DEVICE Value read() const {
        Value result;
        with([&]<unsigned n> { result = vectors::read_register<n>(); });
        return result;
    }

    LRegs number_;
};
struct UnitRegisters {
    TILEWRIGHT_DEVICE constexpr UnitRegister operator[](LRegs number) const {
        return UnitRegister(number);
    }
};

/// A constant of the unit; what is assigned to one that can be is of eight lanes, and repeated.
template <std::derived_from<vVal> T>
class UnitConstant {
public:
    TILEWRIGHT_DEVICE constexpr explicit UnitConstant(std::uint32_t number) : number_(number) {}
    TILEWRIGHT_DEVICE operator T() const { return T(vectors::made(op::sfpmov{.vc = number_})); }
    TILEWRIGHT_DEVICE void operator=(const T& x) const { vectors::configure(number_, x.get()); }

private:
    std::uint32_t number_;
};
}  // namespace impl_

inline constexpr impl_::UnitRegisters l_reg{};
inline constexpr impl_::UnitConstant<vFloat> vConst0p8373(8), vConst0(9), vConst1(10),
    vConstNeg1(11), vConstFloatPrgm0(12), vConstFloatPrgm1(13), vConstFloatPrgm2(14);
inline constexpr impl_::UnitConstant<vInt> vConstIntPrgm0(12), vConstIntPrgm1(13),
    vConstIntPrgm2(14), vConstTileId(15);

}  // namespace sfpi
