// Rows in vectors of 32 bytes, for hosts with AVX2: 16 products at once, in 16 bits each.
#include <immintrin.h>

#include "tensix/rows/kernel_body.hpp"

namespace tilewright::tensix {
namespace {

/// A number of SrcB for all 16 lanes: twice in 32 bits.
struct CutNumbers {
    alignas(32) std::uint32_t exponents[columns];
    alignas(32) std::uint32_t mantissas[columns];
};

constexpr std::uint32_t in_both_halves(std::int32_t x) {
    const std::uint32_t half = static_cast<std::uint32_t>(x) & 0xffff;
    return half | half << 16;
}

__m256i load(const void* from) {
    return _mm256_load_si256(static_cast<const __m256i*>(from));
}

/// A byte for 16 bits of a mask: 2^(x - 1) for x from 1 to 15, 0 for 0.
__m256i power_below(__m256i x) {
    const __m256i bits = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0));
    // The lower byte is looked up at x, the upper one at x - 8; below 0 there is 0.
    const __m256i twice = _mm256_mullo_epi16(x, _mm256_set1_epi16(0x0101));
    const __m256i places = _mm256_add_epi16(twice, _mm256_set1_epi16(-0x0800));
    return _mm256_shuffle_epi8(bits, places);
}

void store(std::int32_t* to, __m256i x) {
    auto* const places = reinterpret_cast<__m256i*>(to);
    _mm256_store_si256(places, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(x)));
    _mm256_store_si256(places + 1, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(x, 1)));
}

class Multiply {
public:
    explicit Multiply(const Operands& operands) : operands_(operands), bias_(bias_of(operands)) {
        alignas(32) std::int16_t exponents[columns];
        alignas(32) std::int16_t mantissas[columns];
        for (std::size_t k = 0; k < columns; ++k) {
            for (std::size_t i = 0; i < columns; ++i) {
                const std::uint32_t x = operands.a[columns * k + i] & operands.bits_of_a;
                const std::int32_t part = part_of_a(operands.phase, x);
                mantissas[i] = static_cast<std::int16_t>(cut_mantissa(x, part));
                exponents[i] = static_cast<std::int16_t>(cut_exponent(x, 0));
            }
            exponents_[k] = load(exponents);
            mantissas_[k] = load(mantissas);
        }
    }

    static constexpr std::size_t at_once = 1;
    void rows(const std::uint32_t* b, std::size_t /*count*/, GroupSums* sums) const {
        CutNumbers numbers;
        for (std::size_t k = 0; k < columns; ++k) {
            const std::uint32_t x = b[k] & operands_.bits_of_b;
            const std::int32_t part = part_of_b(operands_.phase, x);
            numbers.mantissas[k] = in_both_halves(cut_mantissa(x, 2 * part));
            numbers.exponents[k] = in_both_halves(cut_exponent(x, bias_));
        }
        group<0>(numbers, *sums);
        group<1>(numbers, *sums);
    }

private:
    static constexpr std::size_t group_size = 8;

    /// Eight products in each column, aligned to the largest of their exponents with halves rounded
    /// away from zero, and added.
    template <std::size_t Which>
    inline __attribute__((always_inline)) void group(const CutNumbers& b, GroupSums& sums) const {
        constexpr std::size_t first = Which * group_size;
        const __m256i zero_exponent = _mm256_set1_epi16(
            static_cast<short>(2 * nonzero_exponent + zero_exponent_of(operands_)));
        __m256i exponents[group_size];
        __m256i largest = zero_exponent;
        for (std::size_t i = 0; i < group_size; ++i) {
            const auto own = _mm256_set1_epi32(static_cast<int>(b.exponents[first + i]));
            exponents[i] = _mm256_add_epi16(exponents_[first + i], own);
            largest = _mm256_max_epi16(largest, exponents[i]);
        }
        // 15 at the largest exponent, 0 where nothing is left of a product of 12 bits.
        const __m256i below = _mm256_sub_epi16(largest, _mm256_set1_epi16(15));
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t i = 0; i < group_size; ++i) {
            const __m256i scale = power_below(_mm256_subs_epu16(exponents[i], below));
            const auto own = _mm256_set1_epi32(static_cast<int>(b.mantissas[first + i]));
            // Twice the product; less by 1 if it is negative, so that halves go away from zero.
            const __m256i twice = _mm256_mullo_epi16(mantissas_[first + i], own);
            const __m256i biased = _mm256_add_epi16(twice, _mm256_srai_epi16(twice, 15));
            sum = _mm256_add_epi16(sum, _mm256_mulhrs_epi16(biased, scale));
        }
        const __m256i exponent = _mm256_sub_epi16(largest, _mm256_set1_epi16(2 * nonzero_exponent));
        const __m256i counts = _mm256_cmpgt_epi16(exponent, _mm256_setzero_si256());
        store(sums.exponents[Which], exponent);
        store(sums.mantissas[Which], _mm256_and_si256(sum, counts));
    }

    const Operands& operands_;
    std::int32_t bias_;
    __m256i exponents_[columns];
    __m256i mantissas_[columns];
};

}  // namespace

const RowKernels avx2_rows{add_products<Multiply>, add_elements};

}  // namespace tilewright::tensix
