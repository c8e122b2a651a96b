// The kernels of whole rows, each that the host has, against the definition for single numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "single_numbers.hpp"
#include "tensix/dst.hpp"
#include "tensix/rows/kernels.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

/// Numbers of all kinds, of exponents that lie apart by some or by all that there is. `ordinary`
/// ones are not at the end of what there is.
class Draw {
public:
    Draw(std::mt19937& random, bool ordinary)
        : random_(random), ordinary_(ordinary), spread_(1u << random() % (ordinary ? 7 : 9)) {
        around_ = random_() % 256;
    }
    std::uint32_t exponent(std::uint32_t most) {
        if (ordinary_) {
            if (random_() % 16 == 0) return 0;
            const auto from_middle = static_cast<int>(random_() % spread_ - spread_ / 2);
            return static_cast<std::uint32_t>(
                std::clamp(static_cast<int>(most / 2) + from_middle, 0, static_cast<int>(most)));
        }
        switch (random_() % 16) {
            case 0:
                return 0;
            case 1:
                return most;
            default:
                return (around_ + random_() % spread_) & most;
        }
    }
    /// With few bits in some, so that sums cancel and halves are met.
    std::uint32_t mantissa(unsigned bits) {
        const std::uint32_t x = random_() & ((1u << bits) - 1);
        return random_() % 4 == 0 ? x & (x << (bits / 2)) : x;
    }
    std::uint32_t sign() { return random_() & 1; }

    SourceNumber source(bool wide) {
        return sign() << 18 | exponent(wide ? 255 : 31) << 10 | mantissa(10);
    }
    /// As Dst holds it.
    std::uint32_t dst(DstStyle style) {
        if (random_() % 8 == 0) return random_();
        const std::uint32_t number = sign() << 31 | exponent(255) << 23;
        if (style == DstStyle::fp32) return dst_from_fp32(number | mantissa(23));
        if (style == DstStyle::bf16) {
            return dst_from_bf16(static_cast<std::uint16_t>(number >> 16 | mantissa(7)));
        }
        return sign() << 15 | mantissa(10) << 5 | exponent(31);
    }

private:
    std::mt19937& random_;
    bool ordinary_;
    std::uint32_t spread_;
    std::uint32_t around_;
};

/// As accumulate() takes and gives it.
std::uint32_t number_from_dst(DstStyle style, std::uint32_t bits) {
    if (style == DstStyle::fp32) return fp32_from_dst(bits);
    const auto half = static_cast<std::uint16_t>(bits);
    if (style == DstStyle::bf16) return std::uint32_t{bf16_from_dst(half)} << 16;
    const std::uint32_t fp16 = fp16_from_dst(half);
    return (fp16 & 0x8000) << 16 | (fp16 & 0x7fff) << 13;
}
std::uint32_t dst_from_number(DstStyle style, std::uint32_t number) {
    if (style == DstStyle::fp32) return dst_from_fp32(number);
    if (style == DstStyle::bf16) return dst_from_bf16(static_cast<std::uint16_t>(number >> 16));
    return dst_from_fp16(
        static_cast<std::uint16_t>((number >> 16 & 0x8000) | (number >> 13 & 0x7fff)));
}

/// Operands and rows of Dst, and what becomes of those.
struct Case {
    Architecture architecture;
    bool wide;
    DstStyle style;
    unsigned phase;
    std::uint32_t bits_of_a, bits_of_b;
    std::array<SourceRow, 16> a;
    std::array<SourceRow, most_rows> b;
    std::array<std::array<std::uint32_t, row_size>, most_rows> dst;
    std::array<bool, most_rows> defined;

    explicit Case(std::mt19937& random) {
        const bool ordinary = random() % 2 == 0;
        Draw draw_a(random, ordinary), draw_b(random, ordinary), draw_dst(random, ordinary);
        architecture = random() % 2 == 0 ? Architecture::wormhole : Architecture::blackhole;
        wide = random() % 2 == 0;
        style = random() % 2 == 0 ? DstStyle::fp32 : wide ? DstStyle::bf16 : DstStyle::fp16;
        phase = random() % 4;
        const auto bits = [&] {
            return wide ? (random() % 2 == 0 ? 0x7'ffffu : 0x7'fff8u) : 0x4'7fffu;
        };
        bits_of_a = bits();
        bits_of_b = bits();
        for (SourceRow& row : a) {
            for (SourceNumber& x : row) x = draw_a.source(wide);
        }
        if (random() % 16 == 0) a = {};
        for (SourceRow& row : b) {
            for (SourceNumber& x : row) x = draw_b.source(wide);
        }
        for (auto& row : dst) {
            for (std::uint32_t& x : row) x = draw_dst.dst(style);
        }
        for (bool& row : defined) row = random() % 4 != 0;
    }

    Addition addition() const { return {style, architecture == Architecture::wormhole}; }
    Phase phase_of_all() const { return {phase, wide, style}; }
    std::uint32_t before(unsigned row, unsigned column) const {
        return defined[row] ? number_from_dst(style, dst[row][column]) : 0;
    }

    /// What Dst holds after a kernel.
    template <class Run>
    std::array<std::array<std::uint32_t, row_size>, most_rows> run(unsigned rows, Run&& kernel) {
        std::array<std::array<std::uint16_t, row_size>, most_rows> upper{}, lower{};
        const bool two = style == DstStyle::fp32;
        for (unsigned row = 0; row < most_rows; ++row) {
            for (unsigned column = 0; column < row_size; ++column) {
                const std::uint32_t bits = dst[row][column];
                upper[row][column] = static_cast<std::uint16_t>(two ? bits >> 16 : bits);
                lower[row][column] = static_cast<std::uint16_t>(bits);
            }
        }
        const DstRows16 places{upper[0].data(), lower[0].data(), defined.data()};
        kernel(Operands{addition(), a[0].data(), b[0].data(), places, rows, bits_of_a, bits_of_b,
                        wide, phase});
        std::array<std::array<std::uint32_t, row_size>, most_rows> after{};
        for (unsigned row = 0; row < rows; ++row) {
            for (unsigned column = 0; column < row_size; ++column) {
                after[row][column] =
                    two ? std::uint32_t{upper[row][column]} << 16 | lower[row][column]
                        : upper[row][column];
            }
        }
        return after;
    }
};

TEST(Rows, ProductsAreSumsOfSingleNumbers) {
    std::mt19937 random{7};
    for (unsigned n = 0; n < 6000; ++n) {
        Case one(random);
        const unsigned rows = random() % 2 == 0 ? 8 : 4;
        std::array<SourceRow, 16> a = one.a;
        std::array<SourceRow, most_rows> b = one.b;
        for (SourceRow& row : a) {
            for (SourceNumber& x : row) x &= one.bits_of_a;
        }
        for (SourceRow& row : b) {
            for (SourceNumber& x : row) x &= one.bits_of_b;
        }
        std::array<RowTerms, most_rows> terms;
        multiply(one.phase_of_all(), a.data(), b.data(), rows, terms.data());
        std::array<std::array<std::uint32_t, row_size>, most_rows> expected{};
        for (unsigned row = 0; row < rows; ++row) {
            for (unsigned column = 0; column < row_size; ++column) {
                expected[row][column] = dst_from_number(
                    one.style, accumulate(one.architecture, one.style, terms[row][0][column],
                                          terms[row][1][column], one.before(row, column)));
            }
        }
        for (const RowKernels* kernels : row_kernels()) {
            ASSERT_EQ(one.run(rows, kernels->add_products), expected)
                << "case " << n << " kernel " << (kernels == &baseline_rows ? "baseline" : "other");
        }
    }
}

TEST(Rows, ElementsAreThoseOfSingleNumbers) {
    using Operation = Elements::Operation;
    std::mt19937 random{8};
    for (unsigned n = 0; n < 12000; ++n) {
        Case one(random);
        const Elements elements{static_cast<Operation>(random() % 3), random() % 4 == 0,
                                random() % 4 == 0, random() % 2 == 0};
        std::array<std::array<std::uint32_t, row_size>, most_rows> expected{};
        for (unsigned row = 0; row < most_rows; ++row) {
            for (unsigned column = 0; column < row_size; ++column) {
                SourceNumber a = one.a[row][column] & one.bits_of_a;
                SourceNumber b =
                    one.b[elements.one_row ? 0 : row][elements.one_column ? 0 : column] &
                    one.bits_of_b;
                if (elements.operation == Operation::subtract) b ^= 0x4'0000;
                const bool zero_b = !elements.keep_denormals_of_b && is_zero(b);
                const Term term =
                    elements.operation == Operation::multiply
                        ? product(one.phase_of_all(), a, b, is_zero(a) || zero_b)
                        : sum(is_zero(a) ? 0 : a, zero_b ? 0 : b, one.wide, one.style);
                expected[row][column] = dst_from_number(
                    one.style,
                    accumulate(one.architecture, one.style, term, {}, one.before(row, column)));
            }
        }
        for (const RowKernels* kernels : row_kernels()) {
            ASSERT_EQ(one.run(most_rows,
                              [&](const Operands& operands) {
                                  kernels->add_elements(operands, elements);
                              }),
                      expected)
                << "case " << n << " kernel " << (kernels == &baseline_rows ? "baseline" : "other");
        }
    }
}

// Wormhole finds no leading signs in a sum of -1.
TEST(Rows, ASumOfMinusOneIsAnotherOnWormhole) {
    for (const bool wormhole : {true, false}) {
        for (const RowKernels* kernels : row_kernels()) {
            SourceRow a{}, b{};
            // Aligned to the exponent of -1, the number in Dst is 2^-23 less than 1.
            a[0] = 0x4'0000 | 127u << 10;
            std::array<std::uint16_t, row_size> upper{}, lower{};
            const std::uint32_t below_one = dst_from_fp32(0x3f7f'fffd);
            upper[0] = static_cast<std::uint16_t>(below_one >> 16);
            lower[0] = static_cast<std::uint16_t>(below_one);
            const bool defined = true;
            kernels->add_elements({{DstStyle::fp32, wormhole},
                                   a.data(),
                                   b.data(),
                                   {upper.data(), lower.data(), &defined},
                                   1,
                                   0x7'ffff,
                                   0x7'ffff,
                                   true,
                                   0},
                                  {Elements::Operation::add, false, false, false});
            EXPECT_EQ(fp32_from_dst(std::uint32_t{upper[0]} << 16 | lower[0]),
                      wormhole ? 0xc180'0000 : 0xb400'0000);  // -16 and -2^-23
        }
    }
}

}  // namespace
}  // namespace tilewright::tensix
