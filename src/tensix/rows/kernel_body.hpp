// How the matrix unit adds to Dst: sums of products, each with an exponent of its own, and the
// number that is there, all aligned to the largest exponent. In rows of 16 numbers and without
// branches, so that compilers make vectors of it.
//
// Compiled once for each instruction set, so it must not include anything with inline functions
// that others share.
//
// Source: the published facts (5 bits of SrcA's mantissa by 7 of SrcB's in each phase, aligned in
// groups of 8 with halves rounded up, then added to Dst), and the vendor's open simulator for what
// they leave open: which of the terms round as two's complement and which by magnitude, what
// cancels, and the edges.
#pragma once

#include "tensix/rows/kernels.hpp"

namespace tilewright::tensix {
namespace {

/// A signed mantissa, of the weight that Dst's mantissas of 24 bits have at this exponent, which is
/// not negative. It has at most 28 bits.
struct Term {
    std::int32_t exponent = 0;
    std::int32_t mantissa = 0;
};

/// In each column the sum of eight products and their common exponent, for the first and for the
/// last eight; the mantissa has the weight of a term's bit 13.
struct GroupSums {
    alignas(32) std::int16_t exponents[2][columns];
    alignas(32) std::int16_t mantissas[2][columns];
};

constexpr std::int32_t smaller(std::int32_t x, std::int32_t y) {
    return x < y ? x : y;
}
constexpr std::int32_t larger(std::int32_t x, std::int32_t y) {
    return x > y ? x : y;
}

/// `x` if it holds, else `y`: by a mask, since compilers make branches of the operator, and of
/// those no vectors.
constexpr std::uint32_t choose(bool condition, std::uint32_t x, std::uint32_t y) {
    const std::uint32_t mask = 0u - static_cast<std::uint32_t>(condition);
    return (x & mask) | (y & ~mask);
}

/// Halves go towards +infinity. At a distance of 31 nothing of a term is left.
constexpr std::int32_t aligned(std::int32_t x, std::int32_t by) {
    const std::int32_t down = smaller(by, 31);
    return (x + static_cast<std::int32_t>((1u << down) >> 1)) >> down;
}

constexpr std::uint32_t float_bits(std::int32_t x) {
    return __builtin_bit_cast(std::uint32_t, static_cast<float>(x));
}

/// Numbers of Dst as sign, 8 bits of exponent and 23 of mantissa.
template <DstStyle Style>
constexpr std::uint32_t number_of(std::uint32_t upper, std::uint32_t lower) {
    const std::uint32_t sign = (upper & 0x8000) << 16;
    if (Style == DstStyle::fp16) {
        return sign | (upper & 0x1f) << 23 | (upper >> 5 & 0x3ff) << 13;
    }
    const std::uint32_t number = sign | (upper & 0xff) << 23 | (upper >> 8 & 0x7f) << 16;
    return Style == DstStyle::fp32 ? number | lower : number;
}
/// And back: the upper 16 bits.
template <DstStyle Style>
constexpr std::uint32_t upper_of(std::uint32_t number) {
    const std::uint32_t sign = number >> 16 & 0x8000;
    if (Style == DstStyle::fp16) {
        return sign | (number >> 13 & 0x3ff) << 5 | (number >> 23 & 0x1f);
    }
    return sign | (number >> 16 & 0x7f) << 8 | (number >> 23 & 0xff);
}

/// The sum of two terms and a number of Dst. `minus_one`: that of Wormhole, see below.
template <DstStyle Style>
constexpr std::uint32_t accumulated(std::int32_t minus_one, Term first, Term second,
                                    std::uint32_t dst) {
    const auto dst_exponent = static_cast<std::int32_t>(dst >> 23 & 0xff);
    const std::int32_t largest = larger(larger(first.exponent, second.exponent), dst_exponent);
    const std::uint32_t with_one = (dst & 0x7f'ffff) | 0x80'0000;
    const auto dst_magnitude = static_cast<std::int32_t>(dst_exponent == 0 ? 0 : with_one);
    // The number in Dst rounds by its magnitude, sums of products as two's complement.
    std::int32_t term0 = aligned(first.mantissa, largest - first.exponent);
    std::int32_t term1 = aligned(second.mantissa, largest - second.exponent);
    std::int32_t term2 = aligned(dst_magnitude, largest - dst_exponent);
    if (Style != DstStyle::fp32) {
        // The bits below the 13th are rounded away.
        term0 = (term0 + 0x1000) & ~0x1fff;
        term1 = (term1 + 0x1000) & ~0x1fff;
        term2 = (term2 + 0x1000) & ~0x1fff;
    }
    const std::int32_t dst_sign = static_cast<std::int32_t>(dst) >> 31;
    const std::int32_t sum = term0 + term1 + ((term2 ^ dst_sign) - dst_sign);
    // As a float the sum is normalised, and rounding its bits carries into the exponent.
    constexpr std::uint32_t dropped = Style == DstStyle::fp32   ? 0
                                      : Style == DstStyle::bf16 ? 16
                                                                : 13;
    std::uint32_t normal;
    if (Style == DstStyle::fp32) {
        // Halves away from zero, where a float would go to the even one. With the bit below the
        // upper one cleared nothing is rounded up to another exponent.
        const std::int32_t sign = sum >> 31;
        const std::int32_t magnitude = (sum ^ sign) - sign;
        const auto log2 =
            static_cast<std::int32_t>(float_bits(magnitude & ~(magnitude >> 1)) >> 23);
        const std::uint32_t unit = 1u << larger(log2 - 150, 0);
        const std::uint32_t kept = (static_cast<std::uint32_t>(magnitude) + (unit >> 1)) & -unit;
        normal = float_bits(static_cast<std::int32_t>(kept));
        normal = choose(sum == minus_one, 154u << 23, normal);
        normal |= static_cast<std::uint32_t>(sign) & 0x8000'0000;
    } else {  // of 17 bits at most
        normal = (float_bits(sum) + (1u << dropped >> 1)) >> dropped << dropped;
    }
    const std::int32_t exponent = largest - 150 + static_cast<std::int32_t>(normal >> 23 & 0xff);
    std::uint32_t bits = static_cast<std::uint32_t>(exponent) << 23 | (normal & 0x7f'ffff);
    if (Style == DstStyle::fp16) {
        bits = choose(exponent > 31, 31u << 23 | 0x3ffu << 13, bits);
    } else {
        bits = choose(exponent >= 255, 0x7f80'0000, bits);
    }
    bits |= normal & 0x8000'0000;
    const bool nothing = (largest <= 0) | (sum == 0) | (exponent <= 0);
    return choose(nothing, 0, bits);
}

/// A sum of -1 whose exponent is another: Wormhole counts leading signs, and finds none to count
/// there, as if it had 28 bits. On Blackhole no sum is this number.
constexpr std::int32_t minus_one_of(const Addition& addition) {
    return addition.wormhole ? -1 : 0x7fff'ffff;
}

/// Lower halves of 16 numbers. By way of an array of its own: compilers make vectors of that.
inline __attribute__((always_inline)) void put_halves(std::uint16_t* to,
                                                      const std::uint32_t* from) {
    alignas(32) std::uint16_t halves[columns];
    for (std::size_t i = 0; i < columns; ++i) halves[i] = static_cast<std::uint16_t>(from[i]);
    __builtin_memcpy(to, halves, sizeof halves);
}

/// Adds to a row of Dst what `first` and `second` give for each column.
template <DstStyle Style, class First, class Second>
inline __attribute__((always_inline)) void add_to_row(std::int32_t minus_one, const DstRow& row,
                                                      First&& first, Second&& second) {
    constexpr bool wide = Style == DstStyle::fp32;
    // In loops of 32 bits throughout: compilers take vectors as long as the smallest type allows.
    alignas(64) std::uint32_t numbers[columns] = {};
    if (row.defined) {
        for (std::size_t i = 0; i < columns; ++i) {
            numbers[i] = number_of<Style>(row.upper[i], wide ? row.lower[i] : 0);
        }
    }
    alignas(64) std::uint32_t uppers[columns];
    for (std::size_t i = 0; i < columns; ++i) {
        numbers[i] = accumulated<Style>(minus_one, first(i), second(i), numbers[i]);
        uppers[i] = upper_of<Style>(numbers[i]);
    }
    put_halves(row.upper, uppers);
    if (wide) put_halves(row.lower, numbers);
}

/// Calls `use` with the style as a constant.
template <class Use>
inline __attribute__((always_inline)) void for_style(DstStyle style, Use&& use) {
    if (style == DstStyle::fp32) {
        use.template operator()<DstStyle::fp32>();
    } else if (style == DstStyle::bf16) {
        use.template operator()<DstStyle::bf16>();
    } else {
        use.template operator()<DstStyle::fp16>();
    }
}

// --- Source numbers ---

constexpr bool counts_as_zero(std::uint32_t x) {
    return (x & 0x3'fc00) == 0;
}
constexpr bool negative(std::uint32_t x) {
    return (x & 0x4'0000) != 0;
}
constexpr std::int32_t exponent_of(std::uint32_t x) {
    return static_cast<std::int32_t>(x >> 10 & 0xff);
}
/// The part of a mantissa that the phase multiplies.
constexpr std::int32_t part_of_a(unsigned phase, std::uint32_t x) {
    const std::uint32_t mantissa = (x & 0x3ff) | 0x400;
    return static_cast<std::int32_t>((phase & 1) != 0 ? mantissa >> 1 & 31 : mantissa >> 6);
}
constexpr std::int32_t part_of_b(unsigned phase, std::uint32_t x) {
    const std::uint32_t mantissa = (x & 0x3ff) | 0x400;
    return static_cast<std::int32_t>((phase & 2) != 0 ? (mantissa & 15) << 3 : mantissa >> 4);
}

/// What is added to the sum of the exponents of a product's operands.
constexpr std::int32_t bias_of(const Operands& operands) {
    // FP16 that is added to FP32 goes from its bias to that of FP32.
    const std::int32_t base = operands.wide_exponent                      ? -127
                              : operands.addition.style == DstStyle::fp32 ? 127 - 2 * 15
                                                                          : -15;
    return base - ((operands.phase & 1) != 0 ? 5 : 0) - ((operands.phase & 2) != 0 ? 7 : 0);
}
/// The exponent with which a product of zero takes part in the alignment.
constexpr std::int32_t zero_exponent_of(const Operands& operands) {
    return larger(bias_of(operands), 0);
}

// --- Dst += SrcB * SrcA ---

/// Cut exponents are kept above this, those of operands that are zero at 0: a sum of two is below
/// 2 * nonzero_exponent - 15, by which nothing is left of a product, unless both count.
constexpr std::int32_t nonzero_exponent = 0x1000;

constexpr std::int32_t cut_exponent(std::uint32_t x, std::int32_t bias) {
    return counts_as_zero(x) ? 0 : exponent_of(x) + bias + nonzero_exponent;
}
constexpr std::int32_t cut_mantissa(std::uint32_t x, std::int32_t part) {
    const std::int32_t value = negative(x) ? -part : part;
    return counts_as_zero(x) ? 0 : value;
}

/// Sums of any numbers, in plain C++.
class PlainMultiply {
public:
    explicit PlainMultiply(const Operands& operands) : operands_(operands) {
        for (std::size_t k = 0; k < columns; ++k) {
            for (std::size_t i = 0; i < columns; ++i) {
                const std::uint32_t x = operands.a[columns * k + i] & operands.bits_of_a;
                mantissas_[k][i] = cut_mantissa(x, part_of_a(operands.phase, x));
                exponents_[k][i] = cut_exponent(x, 0);
            }
        }
    }

    void row(const std::uint32_t* b, GroupSums& sums) const {
        for (std::size_t which = 0; which < 2; ++which) group(b, which, sums);
    }

private:
    static constexpr std::size_t group_size = 8;

    /// Eight products in each column, aligned to the largest of their exponents with halves rounded
    /// away from zero, and added.
    void group(const std::uint32_t* b, std::size_t which, GroupSums& sums) const {
        std::int32_t exponents[group_size][columns];
        std::int32_t products[group_size][columns];
        std::int32_t largest[columns];
        std::int32_t sum[columns] = {};
        for (std::int32_t& exponent : largest) {
            exponent = 2 * nonzero_exponent + zero_exponent_of(operands_);
        }
        for (std::size_t i = 0; i < group_size; ++i) {
            const std::size_t k = which * group_size + i;
            const std::uint32_t x = b[k] & operands_.bits_of_b;
            const std::int32_t mantissa = cut_mantissa(x, part_of_b(operands_.phase, x));
            const std::int32_t exponent = cut_exponent(x, bias_of(operands_));
            for (std::size_t column = 0; column < columns; ++column) {
                exponents[i][column] = exponents_[k][column] + exponent;
                products[i][column] = mantissas_[k][column] * mantissa;
                largest[column] = larger(largest[column], exponents[i][column]);
            }
        }
        for (std::size_t i = 0; i < group_size; ++i) {
            for (std::size_t column = 0; column < columns; ++column) {
                // A product has 12 bits: at a distance of 13 nothing of it is left.
                const std::int32_t down = smaller(largest[column] - exponents[i][column], 13);
                const std::int32_t sign = products[i][column] >> 31;
                const std::int32_t magnitude = (products[i][column] ^ sign) - sign;
                const std::int32_t rounded = (magnitude + ((1 << down) >> 1)) >> down;
                sum[column] += (rounded ^ sign) - sign;
            }
        }
        for (std::size_t column = 0; column < columns; ++column) {
            const std::int32_t exponent = largest[column] - 2 * nonzero_exponent;
            sums.exponents[which][column] = static_cast<std::int16_t>(exponent);
            sums.mantissas[which][column] =
                static_cast<std::int16_t>(exponent > 0 ? sum[column] : 0);
        }
    }

    const Operands& operands_;
    std::int32_t exponents_[columns][columns];
    std::int32_t mantissas_[columns][columns];
};

/// Adds the sums of each row to Dst.
void add_sums(const Operands& operands, const GroupSums* sums) {
    const std::int32_t minus_one = minus_one_of(operands.addition);
    for_style(operands.addition.style, [&]<DstStyle Style>() {
        for (std::size_t row = 0; row < operands.rows; ++row) {
            const auto term = [&](std::size_t group, std::size_t i) {
                return Term{sums[row].exponents[group][i], sums[row].mantissas[group][i] * 0x2000};
            };
            add_to_row<Style>(
                minus_one, operands.dst[row], [&](std::size_t i) { return term(0, i); },
                [&](std::size_t i) { return term(1, i); });
        }
    });
}

/// Dst += SrcB * SrcA of any numbers.
void add_any_products(const Operands& operands) {
    const PlainMultiply multiply(operands);
    GroupSums sums[most_rows];
    for (std::size_t row = 0; row < operands.rows; ++row) {
        multiply.row(operands.b + columns * row, sums[row]);
    }
    add_sums(operands, sums);
}

// --- Element by element ---

/// Products in a phase, whose parts are found by shifts: compilers make vectors of that, not of
/// choices.
struct ElementProduct {
    std::int32_t bias, zero_exponent;
    std::uint32_t down_of_a, down_of_b, bits_of_b;

    explicit constexpr ElementProduct(const Operands& operands)
        : bias(bias_of(operands)),
          zero_exponent(zero_exponent_of(operands)),
          down_of_a((operands.phase & 1) != 0 ? 1 : 6),
          down_of_b((operands.phase & 2) != 0 ? 0 : 7),
          bits_of_b((operands.phase & 2) != 0 ? 0x78 : 0x7f) {}

    constexpr Term operator()(std::uint32_t a, std::uint32_t b, bool zero) const {
        const std::int32_t exponent = exponent_of(a) + exponent_of(b) + bias;
        const std::uint32_t part_of_a = ((a & 0x3ff) | 0x400) >> down_of_a & 31;
        const std::uint32_t part_of_b = (((b & 0x3ff) | 0x400) << 3) >> down_of_b & bits_of_b;
        const auto magnitude = static_cast<std::int32_t>(part_of_a * part_of_b * 0x2000);
        const std::int32_t sign = -static_cast<std::int32_t>((a ^ b) >> 18 & 1);
        const bool nothing = zero | (exponent <= 0);
        const std::uint32_t mantissa = static_cast<std::uint32_t>((magnitude ^ sign) - sign);
        return {static_cast<std::int32_t>(choose(nothing, static_cast<std::uint32_t>(zero_exponent),
                                                 static_cast<std::uint32_t>(exponent))),
                static_cast<std::int32_t>(choose(nothing, 0, mantissa))};
    }
};

constexpr std::int32_t magnitude_of(std::uint32_t x) {
    return static_cast<std::int32_t>(x == 0 ? 0 : (x & 0x3ff) | 0x400);
}
/// Numbers with an exponent of 0 have been set to 0.
constexpr Term sum(bool fp16_to_fp32, std::uint32_t a, std::uint32_t b) {
    const bool swapped = (a & 0x3'ffff) < (b & 0x3'ffff);
    const std::uint32_t most = swapped ? b : a;
    const std::uint32_t least = swapped ? a : b;
    const std::int32_t added = aligned(magnitude_of(least), exponent_of(most) - exponent_of(least));
    const std::int32_t total = magnitude_of(most) + (negative(a ^ b) ? -added : added);
    const std::int32_t own = exponent_of(most);
    const std::int32_t widened = own != 0 ? own + 127 - 15 : 127 - 2 * 15;
    return {fp16_to_fp32 ? widened : own, (negative(most) ? -total : total) * 0x2000};
}

void add_elements(const Operands& operands, const Elements& elements) {
    const std::int32_t minus_one = minus_one_of(operands.addition);
    const bool multiplies = elements.operation == Elements::Operation::multiply;
    const std::uint32_t turn = elements.operation == Elements::Operation::subtract ? 0x4'0000 : 0;
    const bool flushes_b = !elements.keep_denormals_of_b;
    const ElementProduct product(operands);
    for_style(operands.addition.style, [&]<DstStyle Style>() {
        const bool fp16_to_fp32 = Style == DstStyle::fp32 && !operands.wide_exponent;
        for (std::size_t row = 0; row < operands.rows; ++row) {
            const std::uint32_t* const b = operands.b + (elements.one_row ? 0 : columns * row);
            alignas(32) std::uint32_t as[columns];
            alignas(32) std::uint32_t bs[columns];
            for (std::size_t i = 0; i < columns; ++i) {
                as[i] = operands.a[columns * row + i] & operands.bits_of_a;
                bs[i] = (b[elements.one_column ? 0 : i] ^ turn) & operands.bits_of_b;
            }
            alignas(32) std::int32_t exponents[columns];
            alignas(32) std::int32_t mantissas[columns];
            const auto put = [&](std::size_t i, Term term) {
                exponents[i] = term.exponent;
                mantissas[i] = term.mantissa;
            };
            if (multiplies) {
                for (std::size_t i = 0; i < columns; ++i) {
                    // Both are looked at always: a branch would keep the loop from being
                    // vectorised.
                    const int zero_a = static_cast<int>(counts_as_zero(as[i]));
                    const int zero_b = static_cast<int>(flushes_b & counts_as_zero(bs[i]));
                    put(i, product(as[i], bs[i], (zero_a | zero_b) != 0));
                }
            } else {
                for (std::size_t i = 0; i < columns; ++i) {
                    const bool zero_b = flushes_b & counts_as_zero(bs[i]);
                    put(i,
                        sum(fp16_to_fp32, counts_as_zero(as[i]) ? 0 : as[i], zero_b ? 0 : bs[i]));
                }
            }
            add_to_row<Style>(
                minus_one, operands.dst[row],
                [&](std::size_t i) {
                    return Term{exponents[i], mantissas[i]};
                },
                [](std::size_t) { return Term{}; });
        }
    });
}

}  // namespace
}  // namespace tilewright::tensix
