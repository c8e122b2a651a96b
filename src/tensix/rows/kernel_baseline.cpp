// Rows in plain C++, for every host.
#include "tensix/rows/kernel_body.hpp"

namespace tilewright::tensix {
namespace {

class Multiply {
public:
    explicit Multiply(const Operands& operands) : operands_(operands) {
        for (std::size_t k = 0; k < columns; ++k) {
            for (std::size_t i = 0; i < columns; ++i) {
                const std::uint32_t x = operands.a[columns * k + i] & operands.bits_of_a;
                mantissas_[k][i] = cut_mantissa(x, part_of_a(operands.phase, x));
                exponents_[k][i] = cut_exponent(x, 0);
            }
        }
    }

    static constexpr std::size_t at_once = 1;
    void rows(const std::uint32_t* b, std::size_t /*count*/, GroupSums* sums) const {
        for (std::size_t which = 0; which < 2; ++which) group(b, which, *sums);
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
            sums.exponents[which][column] = exponent;
            sums.mantissas[which][column] = exponent > 0 ? sum[column] : 0;
        }
    }

    const Operands& operands_;
    std::int32_t exponents_[columns][columns];
    std::int32_t mantissas_[columns][columns];
};

}  // namespace

const RowKernels baseline_rows{add_products<Multiply>, add_elements};

}  // namespace tilewright::tensix
