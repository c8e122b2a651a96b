#include "tensix/multiply_add.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "tensix/number.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::uint32_t hidden_bit = 0x80'0000;
constexpr unsigned extra_bits = 3;  ///< behind the mantissa: guard, round and sticky
constexpr int special = 255;        ///< the exponent of infinities and NaNs

struct Operand {
    bool negative;
    int exponent;
    std::uint32_t mantissa;  ///< 24 bits; 0 where the exponent is
    bool is_nan() const { return exponent == special && mantissa != hidden_bit; }
    bool is_infinite() const { return exponent == special && mantissa == hidden_bit; }
};

Operand unpack(std::uint32_t bits) {
    const int exponent = static_cast<int>(bits >> 23 & 0xff);
    const std::uint32_t mantissa = exponent == 0 ? 0 : (bits & (hidden_bit - 1)) | hidden_bit;
    return {(bits & sign_bit) != 0, exponent, mantissa};
}

/// A number of 24 bits of mantissa and the extra bits.
struct Wide {
    bool negative;
    int exponent;
    std::uint32_t mantissa;
    std::int64_t value() const {
        return negative ? -std::int64_t{mantissa} : std::int64_t{mantissa};
    }
};

/// What is shifted out is remembered in the lowest bit, unless nothing else is left.
std::uint32_t sticky_shift(std::uint32_t x, int by) {
    if (by <= 0) return x;
    if (by >= 32) return 0;
    const std::uint32_t kept = x >> by;
    return kept == 0 ? 0 : kept | ((kept << by) != x ? 1 : 0);
}

Wide multiply(const Operand& x, const Operand& y) {
    constexpr unsigned dropped = 23 - extra_bits;
    const std::uint64_t exact = std::uint64_t{x.mantissa} * y.mantissa;
    const bool sticky = (exact & ((1u << dropped) - 1)) != 0;
    return {x.negative != y.negative, x.exponent + y.exponent - 127,
            static_cast<std::uint32_t>(exact >> dropped) | (sticky ? 1 : 0)};
}

std::uint32_t with_sign(bool negative, std::uint32_t magnitude) {
    return (negative ? sign_bit : 0) | magnitude;
}

/// Where operands or the product are not finite: what comes out, or for Wormhole the bits of a NaN
/// that it mixes with the sum which it computes all the same.
struct Exception {
    bool is_result;
    std::uint32_t bits;
};

std::optional<Exception> exception_of(Architecture architecture, const Operand& x, const Operand& y,
                                      const Operand& z, const Wide& product) {
    const bool overflow = product.exponent >= special;
    const bool infinite_factor = x.exponent == special || y.exponent == special;
    if (!infinite_factor && !overflow && z.exponent != special) return std::nullopt;
    const auto spoils = [](const Operand& factor, const Operand& other) {
        return factor.is_nan() || (factor.is_infinite() && other.mantissa == 0);
    };
    const bool invalid = spoils(x, y) || spoils(y, x);
    const bool opposite = z.is_infinite() && z.negative != product.negative;
    if (architecture == Architecture::blackhole) {
        if (invalid || z.is_nan() || (opposite && infinite_factor)) return {{true, 0x7fc0'0000}};
    } else {
        if (invalid || (opposite && (infinite_factor || overflow))) {
            return {{false, with_sign(product.negative, fp32_infinity | 1)}};
        }
        if (z.is_nan()) return {{false, with_sign(z.negative, fp32_infinity | 1)}};
    }
    const bool negative = z.exponent == special ? z.negative : product.negative;
    return {{true, with_sign(negative, fp32_infinity)}};
}

/// The sum, normalised to 24 bits and the extra bits, rounded to the nearest, ties to even.
/// Nothing where it is too small to be represented.
std::optional<std::uint32_t> round(Architecture architecture, int exponent,
                                   std::uint32_t mantissa) {
    const int top = 31 - std::countl_zero(mantissa);
    int down = top - static_cast<int>(23 + extra_bits);
    exponent += down;
    if (exponent >= special) return fp32_infinity;
    if (architecture == Architecture::blackhole) {
        // One more bit is rounded away, by however much it is too small.
        if (exponent <= 0) {
            ++down;
            exponent = 0;
        }
    } else if (exponent < 0) {
        return std::nullopt;
    }
    mantissa = down > 0 ? sticky_shift(mantissa, down) : mantissa << -down;
    std::uint32_t bits =
        (static_cast<std::uint32_t>(exponent) << 23) + (mantissa >> extra_bits & (hidden_bit - 1));
    if ((mantissa & 7) + (bits & 1) > 4) ++bits;
    if (bits < hidden_bit) return std::nullopt;
    return bits;
}

}  // namespace

std::uint32_t multiply_add(Architecture architecture, std::uint32_t x_bits, std::uint32_t y_bits,
                           std::uint32_t z_bits) {
    const bool blackhole = architecture == Architecture::blackhole;
    const Operand x = unpack(x_bits);
    const Operand y = unpack(y_bits);
    const Operand z = unpack(z_bits);
    Wide product = multiply(x, y);
    std::uint32_t nan = 0;
    if (const auto exception = exception_of(architecture, x, y, z, product)) {
        if (exception->is_result) return exception->bits;
        nan = exception->bits;
        product.exponent = std::min(product.exponent, special);
    }
    if (product.mantissa == 0 || product.exponent < 0) {
        if (nan == 0) {
            if (z.mantissa != 0) return z_bits;
            return with_sign(blackhole && z.negative && product.negative, 0);
        }
        product.mantissa = 0;
        product.exponent = 0;
    }
    Wide addend{z.negative, z.exponent, z.mantissa << extra_bits};
    const int exponent = std::max(product.exponent, addend.exponent);
    product.mantissa = sticky_shift(product.mantissa, exponent - product.exponent);
    addend.mantissa = sticky_shift(addend.mantissa, exponent - addend.exponent);
    const std::int64_t sum = product.value() + addend.value();
    if (sum == 0) {
        return nan != 0 ? nan : with_sign(blackhole && z.negative && product.negative, 0);
    }
    const bool negative = sum < 0;
    const auto bits =
        round(architecture, exponent, static_cast<std::uint32_t>(negative ? -sum : sum));
    if (nan != 0) return bits == fp32_infinity ? nan : nan | bits.value_or(0);
    if (!bits) return with_sign(blackhole && negative, 0);
    return with_sign(negative, *bits);
}

}  // namespace tilewright::tensix
