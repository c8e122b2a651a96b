// Rows in vectors of 64 bytes, for hosts with AVX-512 (F, BW, VL): 16 products of each of two rows
// of SrcB at once, in 16 bits each.
#include <immintrin.h>

// Of GCC 12's own headers, where they say that a register may hold anything.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "tensix/rows/kernel_body.hpp"

namespace tilewright::tensix {
namespace {

/// The numbers of two rows, one behind the other.
struct CutRows {
    alignas(64) std::int16_t exponents[2 * columns];
    alignas(64) std::int16_t mantissas[2 * columns];
};

__m512i load(const void* from) {
    return _mm512_load_si512(from);
}
/// In both halves.
__m512i load_twice(const std::int16_t* from) {
    return _mm512_broadcast_i64x4(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
}

/// 2^(x - 1), and 0 for 0.
__m512i power_below(__m512i x) {
    return _mm512_srli_epi16(_mm512_sllv_epi16(_mm512_set1_epi16(1), x), 1);
}

class Multiply {
public:
    explicit Multiply(const Operands& operands) : operands_(operands), bias_(bias_of(operands)) {
        for (std::size_t k = 0; k < columns; ++k) {
            for (std::size_t i = 0; i < columns; ++i) {
                const std::uint32_t x = operands.a[columns * k + i] & operands.bits_of_a;
                const std::int32_t part = part_of_a(operands.phase, x);
                mantissas_[k][i] = static_cast<std::int16_t>(cut_mantissa(x, part));
                exponents_[k][i] = static_cast<std::int16_t>(cut_exponent(x, 0));
            }
        }
    }

    static constexpr std::size_t at_once = 2;
    void rows(const std::uint32_t* b, std::size_t count, GroupSums* sums) const {
        CutRows numbers;
        for (std::size_t row = 0; row < at_once; ++row) {
            // One row alone is taken for both.
            const std::uint32_t* const from = b + columns * (row < count ? row : 0);
            for (std::size_t k = 0; k < columns; ++k) {
                const std::uint32_t x = from[k] & operands_.bits_of_b;
                const std::int32_t part = part_of_b(operands_.phase, x);
                const std::size_t to = columns * row + k;
                numbers.mantissas[to] = static_cast<std::int16_t>(cut_mantissa(x, 2 * part));
                numbers.exponents[to] = static_cast<std::int16_t>(cut_exponent(x, bias_));
            }
        }
        group<0>(numbers, sums);
        group<1>(numbers, sums);
    }

private:
    static constexpr std::size_t group_size = 8;

    /// As in kernel_avx2.cpp.
    template <std::size_t Which>
    inline __attribute__((always_inline)) void group(const CutRows& b, GroupSums* sums) const {
        constexpr std::size_t first = Which * group_size;
        const __m512i b_exponents = load(b.exponents);
        const __m512i b_mantissas = load(b.mantissas);
        // Of each row the number k, for 16 lanes.
        const __m512i rows = _mm512_inserti64x4(_mm512_setzero_si512(),
                                                _mm256_set1_epi16(static_cast<short>(columns)), 1);
        const auto place = [&](std::size_t k) {
            return _mm512_add_epi16(rows, _mm512_set1_epi16(static_cast<short>(k)));
        };
        __m512i exponents[group_size];
        __m512i largest = _mm512_set1_epi16(
            static_cast<short>(2 * nonzero_exponent + zero_exponent_of(operands_)));
        for (std::size_t i = 0; i < group_size; ++i) {
            const std::size_t k = first + i;
            const __m512i own = _mm512_permutexvar_epi16(place(k), b_exponents);
            exponents[i] = _mm512_add_epi16(load_twice(exponents_[k]), own);
            largest = _mm512_max_epi16(largest, exponents[i]);
        }
        // 15 at the largest exponent, 0 where nothing is left of a product of 12 bits.
        const __m512i below = _mm512_sub_epi16(largest, _mm512_set1_epi16(15));
        __m512i sum = _mm512_setzero_si512();
        for (std::size_t i = 0; i < group_size; ++i) {
            const std::size_t k = first + i;
            const __m512i scale = power_below(_mm512_subs_epu16(exponents[i], below));
            const __m512i own = _mm512_permutexvar_epi16(place(k), b_mantissas);
            // Twice the product; less by 1 if it is negative, so that halves go away from zero.
            const __m512i twice = _mm512_mullo_epi16(load_twice(mantissas_[k]), own);
            const __m512i biased = _mm512_add_epi16(twice, _mm512_srai_epi16(twice, 15));
            sum = _mm512_add_epi16(sum, _mm512_mulhrs_epi16(biased, scale));
        }
        const __m512i exponent = _mm512_sub_epi16(largest, _mm512_set1_epi16(2 * nonzero_exponent));
        const __mmask32 counts = _mm512_cmpgt_epi16_mask(exponent, _mm512_setzero_si512());
        sum = _mm512_maskz_mov_epi16(counts, sum);
        for (std::size_t row = 0; row < at_once; ++row) {
            const auto half = [&](__m512i x) {
                return row == 0 ? _mm512_castsi512_si256(x) : _mm512_extracti64x4_epi64(x, 1);
            };
            _mm512_store_si512(sums[row].exponents[Which], _mm512_cvtepi16_epi32(half(exponent)));
            _mm512_store_si512(sums[row].mantissas[Which], _mm512_cvtepi16_epi32(half(sum)));
        }
    }

    const Operands& operands_;
    std::int32_t bias_;
    alignas(32) std::int16_t exponents_[columns][columns];
    alignas(32) std::int16_t mantissas_[columns][columns];
};

}  // namespace

const RowKernels avx512_rows{add_products<Multiply>, add_elements};

}  // namespace tilewright::tensix
