// Finite numbers are taken apart into a sign, an exponent and a significand whose leading one is
// bit 62; what is shifted out below is kept as bit 0 ("sticky"), far below what is rounded.
#include "float_operations.hpp"

#include <bit>
#include <initializer_list>
#include <utility>

namespace tilewright::riscv {
namespace {

using Bits = std::uint32_t;

constexpr Bits inexact = 1;
constexpr Bits underflow = 2;
constexpr Bits overflow = 4;
constexpr Bits division_by_zero = 8;
constexpr Bits invalid = 16;

constexpr Bits sign_bit = 0x8000'0000;
constexpr Bits infinity = 0x7F80'0000;
constexpr Bits largest = 0x7F7F'FFFF;
constexpr Bits quiet_bit = 0x0040'0000;
constexpr Bits canonical_nan = 0x7FC0'0000;
constexpr int bias = 127;
constexpr int leading = 62;  ///< bit of the leading one of Number::significand
constexpr int precision = 24;

enum Mode : Bits { nearest_even, to_zero, down, up, nearest_away };

bool is_nan(Bits v) {
    return (v & ~sign_bit) > infinity;
}
bool is_signalling(Bits v) {
    return is_nan(v) && (v & quiet_bit) == 0;
}
bool is_infinite(Bits v) {
    return (v & ~sign_bit) == infinity;
}
bool is_zero(Bits v) {
    return (v & ~sign_bit) == 0;
}
bool is_negative(Bits v) {
    return (v & sign_bit) != 0;
}

/// (significand / 2^62) * 2^exponent; a significand of 0 is zero.
struct Number {
    bool negative = false;
    int exponent = 0;
    std::uint64_t significand = 0;
};

/// With the leading one where it belongs.
Number normalised(Number n) {
    if (n.significand == 0) return n;
    const int up_by = std::countl_zero(n.significand) - 1;
    if (up_by < 0) {
        n.significand = n.significand >> 1 | (n.significand & 1);
    } else {
        n.significand <<= up_by;
    }
    n.exponent -= up_by;
    return n;
}

/// Of a finite value.
Number unpack(Bits v) {
    const auto exponent = static_cast<int>(v >> 23 & 0xFF);
    const Bits fraction = v & 0x007F'FFFF;
    const std::uint64_t significand = exponent == 0 ? fraction : fraction | 0x0080'0000;
    return normalised({is_negative(v), (exponent == 0 ? 1 : exponent) - bias,
                       significand << (leading - precision + 1)});
}

std::uint64_t shift_right_sticky(std::uint64_t v, int by) {
    if (by <= 0) return v;
    if (by > 63) return v != 0 ? 1 : 0;
    return v >> by | ((v & ((std::uint64_t{1} << by) - 1)) != 0 ? 1 : 0);
}

/// v / 2^by as an integer; `exact` becomes false if bits were lost. 0 < by < 64.
std::uint64_t round_shift(std::uint64_t v, int by, bool negative, Bits mode, bool& exact) {
    const std::uint64_t kept = v >> by;
    const std::uint64_t lost = v & ((std::uint64_t{1} << by) - 1);
    const std::uint64_t half = std::uint64_t{1} << (by - 1);
    exact = lost == 0;
    bool away = false;
    switch (mode) {
        case nearest_even:
            away = lost > half || (lost == half && (kept & 1) != 0);
            break;
        case down:
            away = negative && lost != 0;
            break;
        case up:
            away = !negative && lost != 0;
            break;
        case nearest_away:
            away = lost >= half;
            break;
        default:
            break;
    }
    return kept + (away ? 1 : 0);
}

Bits overflowed(bool negative, Bits mode, Bits& flags) {
    flags |= overflow | inexact;
    const bool stays = mode == to_zero || (mode == down && !negative) || (mode == up && negative);
    return (stays ? largest : infinity) | (negative ? sign_bit : 0);
}

Bits pack(Number n, Bits mode, Bits& flags) {
    const Bits sign = n.negative ? sign_bit : 0;
    if (n.significand == 0) return sign;
    n = normalised(n);
    constexpr int drop = leading - precision + 1;
    int biased = n.exponent + bias;
    if (biased >= 255) return overflowed(n.negative, mode, flags);
    bool exact = true;
    const std::uint64_t full = round_shift(n.significand, drop, n.negative, mode, exact);
    const bool carries = full >> precision != 0;
    if (biased > 0) {
        if (!exact) flags |= inexact;
        // A carry into bit 24 raises the exponent by one and leaves no fraction.
        if (carries && ++biased == 255) return overflowed(n.negative, mode, flags);
        return sign | static_cast<Bits>(biased) << 23 | (static_cast<Bits>(full) & 0x007F'FFFF);
    }
    // Subnormal. Tiny is what would be below the least normal number with an unbounded exponent.
    const bool tiny = biased < 0 || !carries;
    const std::uint64_t shifted = shift_right_sticky(n.significand, 1 - biased);
    const std::uint64_t rounded = round_shift(shifted, drop, n.negative, mode, exact);
    if (!exact) flags |= inexact | (tiny ? underflow : 0);
    return sign | static_cast<Bits>(rounded);  // a carry makes it the least normal number
}

Bits nan_result(std::initializer_list<Bits> operands, Bits& flags) {
    for (const Bits v : operands) {
        if (is_signalling(v)) flags |= invalid;
    }
    return canonical_nan;
}

Bits no_result(Bits& flags) {
    flags |= invalid;
    return canonical_nan;
}

/// Of finite numbers.
Bits sum(Number a, Number b, Bits mode, Bits& flags) {
    if (a.significand == 0 && b.significand == 0) {
        const bool negative = a.negative == b.negative ? a.negative : mode == down;
        return negative ? sign_bit : 0;
    }
    if (b.significand == 0) return pack(a, mode, flags);
    if (a.significand == 0) return pack(b, mode, flags);
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        std::swap(a, b);
    }
    b.significand = shift_right_sticky(b.significand, a.exponent - b.exponent);
    if (a.negative == b.negative) {
        a.significand += b.significand;
    } else {
        a.significand -= b.significand;
        if (a.significand == 0) return mode == down ? sign_bit : 0;
    }
    return pack(a, mode, flags);
}

/// Of finite numbers; exact.
Number product(const Number& a, const Number& b) {
    constexpr int drop = leading - precision + 1;
    const std::uint64_t bits = (a.significand >> drop) * (b.significand >> drop);
    return normalised({a.negative != b.negative, a.exponent + b.exponent,
                       bits << (leading - 2 * (precision - 1))});
}

Bits add(Bits a, Bits b, Bits mode, Bits& flags) {
    if (is_nan(a) || is_nan(b)) return nan_result({a, b}, flags);
    if (is_infinite(a)) {
        return is_infinite(b) && is_negative(a) != is_negative(b) ? no_result(flags) : a;
    }
    if (is_infinite(b)) return b;
    return sum(unpack(a), unpack(b), mode, flags);
}

Bits multiply(Bits a, Bits b, Bits mode, Bits& flags) {
    if (is_nan(a) || is_nan(b)) return nan_result({a, b}, flags);
    if (is_infinite(a) || is_infinite(b)) {
        if (is_zero(a) || is_zero(b)) return no_result(flags);
        return infinity | ((a ^ b) & sign_bit);
    }
    return pack(product(unpack(a), unpack(b)), mode, flags);
}

Bits multiply_add(Bits a, Bits b, Bits c, Bits mode, Bits& flags) {
    const bool zero_by_infinity = (is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b));
    if (zero_by_infinity) flags |= invalid;  // also beside a quiet NaN
    if (is_nan(a) || is_nan(b) || is_nan(c)) return nan_result({a, b, c}, flags);
    if (zero_by_infinity) return canonical_nan;
    const Bits sign = (a ^ b) & sign_bit;
    if (is_infinite(a) || is_infinite(b)) {
        return is_infinite(c) && (c & sign_bit) != sign ? no_result(flags) : infinity | sign;
    }
    if (is_infinite(c)) return c;
    return sum(product(unpack(a), unpack(b)), unpack(c), mode, flags);
}

Bits divide(Bits a, Bits b, Bits mode, Bits& flags) {
    if (is_nan(a) || is_nan(b)) return nan_result({a, b}, flags);
    const Bits sign = (a ^ b) & sign_bit;
    if (is_infinite(a)) return is_infinite(b) ? no_result(flags) : infinity | sign;
    if (is_infinite(b)) return sign;
    if (is_zero(b)) {
        if (is_zero(a)) return no_result(flags);
        flags |= division_by_zero;
        return infinity | sign;
    }
    if (is_zero(a)) return sign;
    const Number x = unpack(a);
    const Number y = unpack(b);
    constexpr int extra = leading - precision;  // 2^38 and the 24-bit dividend fill 62 bits
    constexpr int drop = leading - precision + 1;
    const std::uint64_t dividend = (x.significand >> drop) << extra;
    const std::uint64_t divisor = y.significand >> drop;  // whose highest bit is set
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): b is no zero
    const std::uint64_t quotient = dividend / divisor << 1 | (dividend % divisor != 0 ? 1 : 0);
    return pack(normalised({sign != 0, x.exponent - y.exponent + leading - extra - 1, quotient}),
                mode, flags);
}

Bits square_root(Bits v, Bits mode, Bits& flags) {
    if (is_nan(v)) return nan_result({v}, flags);
    if (is_zero(v)) return v;
    if (is_negative(v)) return no_result(flags);
    if (is_infinite(v)) return v;
    Number n = unpack(v);
    const bool odd = (n.exponent & 1) != 0;
    std::uint64_t rest = odd ? n.significand << 1 : n.significand;
    n.exponent = (odd ? n.exponent - 1 : n.exponent) / 2;
    // Bit by bit: the root of rest * 1 has its leading one in bit 31.
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 62; bit != 0; bit >>= 2) {
        const bool fits = rest >= root + bit;
        if (fits) rest -= root + bit;
        root = root >> 1 | (fits ? bit : 0);
    }
    n.significand = root << 31 | (rest != 0 ? 1 : 0);
    return pack(n, mode, flags);
}

Bits to_integer(Bits v, bool is_signed, Bits mode, Bits& flags) {
    const Bits highest = is_signed ? 0x7FFF'FFFF : ~Bits{0};
    const Bits lowest = is_signed ? sign_bit : 0;
    if (is_nan(v)) {
        flags |= invalid;
        return highest;
    }
    const bool negative = is_negative(v);
    const Number n = is_infinite(v) ? Number{negative, bias + 1, 0} : unpack(v);
    std::uint64_t magnitude = 0;
    bool exact = true;
    if (n.exponent >= 32) {
        magnitude = std::uint64_t{1} << 32;
    } else if (n.significand != 0) {
        constexpr int fraction_bits = 24;
        const std::uint64_t fixed =
            shift_right_sticky(n.significand, leading - fraction_bits - n.exponent);
        magnitude = round_shift(fixed, fraction_bits, negative, mode, exact);
    }
    const std::uint64_t most = negative ? (is_signed ? sign_bit : 0) : highest;
    if (magnitude > most) {
        flags |= invalid;
        return negative ? lowest : highest;
    }
    if (!exact) flags |= inexact;
    return negative ? Bits{0} - static_cast<Bits>(magnitude) : static_cast<Bits>(magnitude);
}

Bits from_integer(Bits v, bool is_signed, Bits mode, Bits& flags) {
    const bool negative = is_signed && is_negative(v);
    const Bits magnitude = negative ? Bits{0} - v : v;
    return pack({negative, leading, magnitude}, mode, flags);
}

/// a < b for numbers, -0 taken as less than +0.
bool ordered_before(Bits a, Bits b) {
    if (is_negative(a) != is_negative(b)) return is_negative(a);
    return is_negative(a) ? a > b : a < b;
}

Bits extreme(Bits a, Bits b, bool least, Bits& flags) {
    if (is_signalling(a) || is_signalling(b)) flags |= invalid;
    if (is_nan(a)) return is_nan(b) ? canonical_nan : b;
    if (is_nan(b)) return a;
    return ordered_before(a, b) == least ? a : b;
}

Bits equal(Bits a, Bits b, Bits& flags) {
    if (is_signalling(a) || is_signalling(b)) flags |= invalid;
    if (is_nan(a) || is_nan(b)) return 0;
    return a == b || (is_zero(a) && is_zero(b)) ? 1 : 0;
}

Bits less(Bits a, Bits b, bool or_equal, Bits& flags) {
    if (is_nan(a) || is_nan(b)) {
        flags |= invalid;
        return 0;
    }
    if (a == b || (is_zero(a) && is_zero(b))) return or_equal ? 1 : 0;
    return ordered_before(a, b) ? 1 : 0;
}

/// One bit of ten, by the manual's table of fclass.
Bits classify(Bits v) {
    if (is_nan(v)) return is_signalling(v) ? 1u << 8 : 1u << 9;
    const unsigned size = is_infinite(v) ? 3 : is_zero(v) ? 0 : (v & infinity) == 0 ? 1 : 2;
    return 1u << (is_negative(v) ? 3 - size : 4 + size);
}

}  // namespace

std::optional<std::uint32_t> float_operation(Op op, const std::array<std::uint32_t, 3>& operands,
                                             std::uint32_t rounding, std::uint32_t& fcsr) {
    constexpr Bits dynamic = 7;
    const auto [a, b, c] = operands;
    Bits mode = nearest_even;
    if (rounds(row(op).format)) {
        mode = rounding == dynamic ? fcsr >> 5 : rounding;
        if (mode > nearest_away) return std::nullopt;
    }
    Bits& flags = fcsr;
    switch (op) {
        case Op::fadd_s:
            return add(a, b, mode, flags);
        case Op::fsub_s:
            return add(a, b ^ sign_bit, mode, flags);
        case Op::fmul_s:
            return multiply(a, b, mode, flags);
        case Op::fdiv_s:
            return divide(a, b, mode, flags);
        case Op::fsqrt_s:
            return square_root(a, mode, flags);
        case Op::fmadd_s:
            return multiply_add(a, b, c, mode, flags);
        case Op::fmsub_s:
            return multiply_add(a, b, c ^ sign_bit, mode, flags);
        case Op::fnmsub_s:
            return multiply_add(a ^ sign_bit, b, c, mode, flags);
        case Op::fnmadd_s:
            return multiply_add(a ^ sign_bit, b, c ^ sign_bit, mode, flags);
        case Op::fsgnj_s:
            return (a & ~sign_bit) | (b & sign_bit);
        case Op::fsgnjn_s:
            return (a & ~sign_bit) | (~b & sign_bit);
        case Op::fsgnjx_s:
            return a ^ (b & sign_bit);
        case Op::fmin_s:
            return extreme(a, b, true, flags);
        case Op::fmax_s:
            return extreme(a, b, false, flags);
        case Op::fcvt_w_s:
            return to_integer(a, true, mode, flags);
        case Op::fcvt_wu_s:
            return to_integer(a, false, mode, flags);
        case Op::fcvt_s_w:
            return from_integer(a, true, mode, flags);
        case Op::fcvt_s_wu:
            return from_integer(a, false, mode, flags);
        case Op::feq_s:
            return equal(a, b, flags);
        case Op::flt_s:
            return less(a, b, false, flags);
        case Op::fle_s:
            return less(a, b, true, flags);
        case Op::fclass_s:
            return classify(a);
        case Op::fmv_x_w:
        case Op::fmv_w_x:
            return a;
        default:
            return std::nullopt;
    }
}

}  // namespace tilewright::riscv
