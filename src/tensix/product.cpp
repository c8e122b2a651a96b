#include "tensix/product.hpp"

namespace tilewright::tensix {
namespace {

constexpr unsigned group_size = 8;
/// An exponent below all others: of an operand that is zero.
constexpr std::int32_t no_exponent = -0x1000;

using Lanes = std::array<std::int32_t, row_size>;

/// SrcA's rows, cut for the phase: mantissas with their sign, exponents.
struct CutRows {
    std::array<Lanes, 16> mantissas;
    std::array<Lanes, 16> exponents;
};

std::int32_t cut_exponent(SourceNumber x) {
    return is_zero(x) ? no_exponent : exponent_of(x);
}

CutRows cut(const Phase& phase, const SourceRow* a) {
    CutRows rows;
    for (unsigned k = 0; k < 16; ++k) {
        for (unsigned column = 0; column < row_size; ++column) {
            const SourceNumber x = a[k][column];
            const std::int32_t part = is_zero(x) ? 0 : phase.part_of_a(x);
            rows.mantissas[k][column] = is_negative(x) ? -part : part;
            rows.exponents[k][column] = cut_exponent(x);
        }
    }
    return rows;
}

/// Eight products in each column, aligned to the largest of their exponents with halves rounded
/// away from zero, and added.
void add_group(const Phase& phase, const CutRows& a, const SourceRow& b, unsigned first,
               std::array<Term, row_size>& terms) {
    const std::int32_t zero_exponent = phase.zero_exponent();
    std::array<Lanes, group_size> exponents;
    std::array<Lanes, group_size> products;
    Lanes largest;
    largest.fill(no_exponent);
    for (unsigned i = 0; i < group_size; ++i) {
        const SourceNumber x = b[first + i];
        const std::int32_t part = is_zero(x) ? 0 : phase.part_of_b(x);
        const std::int32_t mantissa = is_negative(x) ? -part : part;
        const std::int32_t exponent = cut_exponent(x) + phase.bias();
        for (unsigned column = 0; column < row_size; ++column) {
            const std::int32_t sum = a.exponents[first + i][column] + exponent;
            const std::int32_t own = sum < no_exponent / 2 ? zero_exponent : sum;
            exponents[i][column] = own;
            products[i][column] = a.mantissas[first + i][column] * mantissa;
            largest[column] = std::max(largest[column], own);
        }
    }
    Lanes sums{};
    for (unsigned i = 0; i < group_size; ++i) {
        for (unsigned column = 0; column < row_size; ++column) {
            // A product has 12 bits: at a distance of 13 nothing of it is left.
            const std::int32_t down = std::min(largest[column] - exponents[i][column], 13);
            const std::int32_t sign = products[i][column] >> 31;
            const std::int32_t magnitude = (products[i][column] ^ sign) - sign;
            const std::int32_t rounded = (magnitude + ((1 << down) >> 1)) >> down;
            sums[column] += (rounded ^ sign) - sign;
        }
    }
    for (unsigned column = 0; column < row_size; ++column) {
        const bool counts = largest[column] > 0;
        terms[column] = {counts ? largest[column] : 0, counts ? sums[column] << 13 : 0};
    }
}

}  // namespace

void multiply(const Phase& phase, const SourceRow* a, const SourceRow* b, unsigned rows,
              RowTerms* terms) {
    const CutRows cut_a = cut(phase, a);
    for (unsigned row = 0; row < rows; ++row) {
        for (unsigned group = 0; group < 2; ++group) {
            add_group(phase, cut_a, b[row], group * group_size, terms[row][group]);
        }
    }
}

}  // namespace tilewright::tensix
