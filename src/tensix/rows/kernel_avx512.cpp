// Rows in vectors of 64 bytes, for hosts with AVX-512 (F, BW, VL).
#include <immintrin.h>

// Of GCC 12's own headers, where they say that a register may hold anything.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "tensix/rows/kernel_floats.hpp"

namespace tilewright::tensix {
namespace {

__m512i all_of(std::uint32_t x) {
    return _mm512_set1_epi32(static_cast<int>(x));
}
__m128i sixteen(const std::uint8_t* from) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(from));
}

/// Rows of SrcA or SrcB as floats, and each exponent's distance from the largest one.
template <std::size_t Rows>
struct CutRows {
    alignas(64) float numbers[Rows][columns];
    alignas(64) std::uint8_t distances[Rows][columns];
};
using CutA = CutRows<columns>;
using CutB = CutRows<most_rows>;

/// Bits of source numbers as those of floats of that value.
__m512 floats_of(__m512i x, std::uint32_t bits, __m512i widening) {
    const __m512i places = _mm512_slli_epi32(_mm512_and_si512(x, all_of(bits)), 13);
    return _mm512_castsi512_ps(_mm512_add_epi32(places, widening));
}

/// `Above`: halves are to become more than that.
template <bool Lower, bool Above, std::size_t Rows>
inline __attribute__((always_inline)) Exponents cut(const std::uint32_t* from, std::size_t rows,
                                                    std::uint32_t bits, const PartBits& part,
                                                    int widening, CutRows<Rows>& to) {
    const __m512i wider = all_of(static_cast<std::uint32_t>(widening) << 23);
    __m128i most = _mm_setzero_si128();
    __m128i least_less_1 = _mm_set1_epi8(-1);
    for (std::size_t row = 0; row < rows; ++row) {
        const __m512i x = _mm512_and_si512(_mm512_loadu_si512(from + columns * row), all_of(bits));
        const __mmask16 counts = _mm512_test_epi32_mask(x, all_of(0x3'fc00));
        __m512 number = floats_of(x, part.whole, wider);
        if constexpr (Lower) number = _mm512_sub_ps(number, floats_of(x, part.above, wider));
        if constexpr (Above) number = _mm512_mul_ps(number, _mm512_set1_ps(above_halves));
        _mm512_store_ps(to.numbers[row], _mm512_maskz_mov_ps(counts, number));
        const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_srli_epi32(x, 10));
        _mm_store_si128(reinterpret_cast<__m128i*>(to.distances[row]), bytes);
        most = _mm_max_epu8(most, bytes);
        // Zero comes to be the largest.
        least_less_1 = _mm_min_epu8(least_less_1, _mm_sub_epi8(bytes, _mm_set1_epi8(1)));
    }
    const auto least_of = [](__m128i x) {
        return _mm_cvtsi128_si32(_mm_minpos_epu16(_mm_min_epu8(x, _mm_srli_epi16(x, 8)))) & 0xff;
    };
    const int largest = 255 - least_of(_mm_sub_epi8(_mm_set1_epi8(-1), most));
    const int smallest = least_of(least_less_1) + 1;
    for (std::size_t row = 0; row < rows; row += 4) {
        const __m512i exponents = _mm512_load_si512(to.distances[row]);
        const __mmask64 counts = _mm512_test_epi8_mask(exponents, exponents);
        const __m512i distances = _mm512_mask_sub_epi8(
            _mm512_set1_epi8(-1), counts, _mm512_set1_epi8(static_cast<char>(largest)), exponents);
        _mm512_store_si512(to.distances[row], distances);
    }
    return {largest, largest == 0 ? 0 : smallest};
}

/// The same for the part that the phase has.
template <bool Above, std::size_t Rows>
Exponents cut(const std::uint32_t* from, std::size_t rows, std::uint32_t bits, const PartBits& part,
              int widening, CutRows<Rows>& to) {
    return part.above == 0 ? cut<false, Above>(from, rows, bits, part, widening, to)
                           : cut<true, Above>(from, rows, bits, part, widening, to);
}

/// Sums of four rows and their exponents.
template <std::size_t Group>
inline __attribute__((always_inline)) void add_group(const Alignment& alignment, const CutA& a,
                                                     const CutB& b, std::size_t first,
                                                     GroupSums* sums) {
    constexpr std::size_t rows = 4;
    constexpr std::size_t begin = group_size * Group;
    // The distance of the nearest product, for each column of each row.
    const __m512i of_rows = _mm512_load_si512(b.distances[first]);
    __m512i nearest = _mm512_set1_epi8(-1);
    for (std::size_t k = begin; k < begin + group_size; ++k) {
        const __m512i of_a = _mm512_broadcast_i32x4(sixteen(a.distances[k]));
        const __m512i of_b = _mm512_shuffle_epi8(of_rows, _mm512_set1_epi8(static_cast<char>(k)));
        nearest = _mm512_min_epu8(nearest, _mm512_adds_epu8(of_a, of_b));
    }
    alignas(64) std::uint8_t distances[rows][columns];
    _mm512_store_si512(distances[0], nearest);

    // 1.5 * 2^23 units. In a group of zeros, whose distance is beyond all, it is any number or
    // none: its lower half is 0 all the same.
    __m512 totals[rows];
    for (std::size_t row = 0; row < rows; ++row) {
        const __m512i down = _mm512_slli_epi32(_mm512_cvtepu8_epi32(sixteen(distances[row])), 23);
        totals[row] = _mm512_castsi512_ps(_mm512_sub_epi32(all_of(alignment.start), down));
    }
    for (std::size_t k = begin; k < begin + group_size; ++k) {
        const __m512 of_a = _mm512_load_ps(a.numbers[k]);
        for (std::size_t row = 0; row < rows; ++row) {
            const __m512 of_b = _mm512_set1_ps(b.numbers[first + row][k]);
            totals[row] = _mm512_fmadd_ps(of_a, of_b, totals[row]);
        }
    }
    const __m256i largest = _mm256_set1_epi16(static_cast<short>(alignment.largest));
    const __m256i zero = _mm256_set1_epi16(static_cast<short>(alignment.zero));
    for (std::size_t row = 0; row < rows; ++row) {
        const __m256i exponents =
            _mm256_sub_epi16(largest, _mm256_cvtepu8_epi16(sixteen(distances[row])));
        // The start has nothing in the lower half of its bits.
        const __m256i sum = _mm512_cvtepi32_epi16(_mm512_castps_si512(totals[row]));
        GroupSums& to = sums[first + row];
        _mm256_store_si256(reinterpret_cast<__m256i*>(to.exponents[Group]),
                           _mm256_max_epi16(exponents, zero));
        _mm256_store_si256(reinterpret_cast<__m256i*>(to.mantissas[Group]), sum);
    }
}

/// Sums of four or eight rows, if floats can give them.
bool multiply(const Operands& operands, GroupSums* sums) {
    const int widening = widening_of(operands);
    CutA a;
    CutB b;
    const Exponents of_a = cut<false>(operands.a, columns, operands.bits_of_a,
                                      part_bits_of_a(operands.phase), widening, a);
    const Exponents of_b = cut<true>(operands.b, operands.rows, operands.bits_of_b,
                                     part_bits_of_b(operands.phase), widening, b);
    const Alignment alignment = alignment_of(operands, of_a, of_b);
    if (!alignment.fits) return false;
    for (std::size_t first = 0; first < operands.rows; first += 4) {
        add_group<0>(alignment, a, b, first, sums);
        add_group<1>(alignment, a, b, first, sums);
    }
    if (!alignment.all_count) clear_small(sums, operands.rows);
    return true;
}

// --- Dst of BF16, in 16 bits for each number: units are those of bit 13 of a term ---

/// x * 2^-by, halves upwards.
__m512i scaled(__m512i x, __m512i by) {
    const __m512i power = _mm512_srlv_epi16(_mm512_set1_epi16(-0x8000), by);
    const __mmask32 down = _mm512_test_epi16_mask(by, by);
    return _mm512_mask_mulhrs_epi16(x, down, x, power);
}
/// The same by way of a rounding 13 bits below: it lifts what is 2^-14 below a half, which
/// distances of 14 and 15 have.
__m512i scaled_twice(__m512i x, __m512i by) {
    const __m512i one = _mm512_set1_epi16(1);
    const __mmask32 above13 = _mm512_cmpgt_epi16_mask(by, _mm512_set1_epi16(13));
    const __mmask32 above14 = _mm512_cmpgt_epi16_mask(by, _mm512_set1_epi16(14));
    const __m512i lifted = _mm512_mask_add_epi16(x, above13, x, one);
    return scaled(_mm512_mask_add_epi16(lifted, above14, lifted, one), by);
}

__m512i both(const void* first, const void* second) {
    const __m256i lower = _mm256_loadu_si256(static_cast<const __m256i*>(first));
    const __m256i upper = _mm256_loadu_si256(static_cast<const __m256i*>(second));
    return _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
}

/// As accumulated() of kernel_body.hpp, for two rows.
void add_to_bf16(const GroupSums* sums, const DstRow (&rows)[2]) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i ones = _mm512_set1_epi16(1);
    const __m512i low = _mm512_set1_epi16(0xff);
    const __m512i sign_bit = _mm512_set1_epi16(-0x8000);
    const __mmask32 defined =
        (rows[0].defined ? 0x0000'ffffu : 0) | (rows[1].defined ? 0xffff'0000u : 0);
    const __m512i dst = _mm512_maskz_mov_epi16(defined, both(rows[0].upper, rows[1].upper));
    const __m512i dst_exponent = _mm512_and_si512(dst, low);
    __m512i magnitude = _mm512_and_si512(_mm512_srli_epi16(dst, 5), _mm512_set1_epi16(0x3f8));
    magnitude = _mm512_or_si512(magnitude, _mm512_set1_epi16(0x400));
    magnitude = _mm512_maskz_mov_epi16(_mm512_test_epi16_mask(dst, low), magnitude);
    const __m512i exponent0 = both(sums[0].exponents[0], sums[1].exponents[0]);
    const __m512i exponent1 = both(sums[0].exponents[1], sums[1].exponents[1]);
    const __m512i largest = _mm512_max_epi16(_mm512_max_epi16(exponent0, exponent1), dst_exponent);
    const __m512i term0 = scaled_twice(both(sums[0].mantissas[0], sums[1].mantissas[0]),
                                       _mm512_sub_epi16(largest, exponent0));
    const __m512i term1 = scaled_twice(both(sums[0].mantissas[1], sums[1].mantissas[1]),
                                       _mm512_sub_epi16(largest, exponent1));
    __m512i term2 = scaled(magnitude, _mm512_sub_epi16(largest, dst_exponent));
    term2 = _mm512_mask_sub_epi16(term2, _mm512_movepi16_mask(dst), zero, term2);
    // The sum has up to 17 bits; as a float it is normalised, and rounding to 8 bits carries into
    // the exponent.
    const auto rounded = [&](__m512i first_two, __m512i third) {
        const __m512i sum =
            _mm512_add_epi32(_mm512_madd_epi16(first_two, ones), _mm512_madd_epi16(third, ones));
        const __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(sum));
        return _mm512_srli_epi32(_mm512_add_epi32(bits, all_of(0x8000)), 16);
    };
    const __m512i bits = _mm512_packus_epi32(
        rounded(_mm512_unpacklo_epi16(term0, term1), _mm512_unpacklo_epi16(term2, zero)),
        rounded(_mm512_unpackhi_epi16(term0, term1), _mm512_unpackhi_epi16(term2, zero)));
    const __m512i own = _mm512_and_si512(_mm512_srli_epi16(bits, 7), low);
    const __m512i exponent =
        _mm512_add_epi16(_mm512_add_epi16(own, largest), _mm512_set1_epi16(13 - 150));
    const __m512i mantissa = _mm512_srli_epi16(_mm512_slli_epi16(bits, 9), 1);
    const __mmask32 infinite = _mm512_cmpgt_epi16_mask(exponent, _mm512_set1_epi16(254));
    __m512i number = _mm512_or_si512(exponent, mantissa);
    number = _mm512_mask_mov_epi16(number, infinite, low);
    number = _mm512_or_si512(number, _mm512_and_si512(bits, sign_bit));
    // A sum of 0 has no exponent.
    const __mmask32 counts = _mm512_test_epi16_mask(own, own) &
                             _mm512_cmpgt_epi16_mask(_mm512_min_epi16(exponent, largest), zero);
    number = _mm512_maskz_mov_epi16(counts, number);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows[0].upper), _mm512_castsi512_si256(number));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows[1].upper),
                        _mm512_extracti64x4_epi64(number, 1));
}

// --- Dst of FP32 ---

/// Halves upwards.
__m512i aligned(__m512i x, __m512i by) {
    const __m512i down = _mm512_min_epi32(by, all_of(31));
    const __m512i half = _mm512_srli_epi32(_mm512_sllv_epi32(all_of(1), down), 1);
    return _mm512_srav_epi32(_mm512_add_epi32(x, half), down);
}
__m512i widened(const std::int16_t* from) {
    return _mm512_cvtepi16_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
}
__m512i halves(const std::uint16_t* from) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
void put_halves(std::uint16_t* to, __m512i x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(x));
}

/// As accumulated() of kernel_body.hpp.
void add_to_fp32(std::int32_t minus_one, const GroupSums& sums, const DstRow& row) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i low = all_of(0xff);
    const __mmask16 defined = row.defined ? 0xffff : 0;
    const __m512i upper = _mm512_maskz_mov_epi32(defined, halves(row.upper));
    const __m512i dst_exponent = _mm512_and_si512(upper, low);
    __m512i magnitude = _mm512_and_si512(_mm512_slli_epi32(upper, 8), all_of(0x7f'0000));
    magnitude = _mm512_or_si512(_mm512_or_si512(magnitude, halves(row.lower)), all_of(0x80'0000));
    magnitude = _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(upper, low), magnitude);
    const __m512i exponent0 = widened(sums.exponents[0]);
    const __m512i exponent1 = widened(sums.exponents[1]);
    const __m512i largest = _mm512_max_epi32(_mm512_max_epi32(exponent0, exponent1), dst_exponent);
    const auto term = [&](std::size_t group, __m512i exponent) {
        return aligned(_mm512_slli_epi32(widened(sums.mantissas[group]), 13),
                       _mm512_sub_epi32(largest, exponent));
    };
    __m512i own = aligned(magnitude, _mm512_sub_epi32(largest, dst_exponent));
    own = _mm512_mask_sub_epi32(own, _mm512_test_epi32_mask(upper, all_of(0x8000)), zero, own);
    const __m512i sum =
        _mm512_add_epi32(own, _mm512_add_epi32(term(0, exponent0), term(1, exponent1)));
    // Halves away from zero, where a float would go to the even one.
    const __m512i total = _mm512_abs_epi32(sum);
    const __m512i log2 = _mm512_srli_epi32(
        _mm512_castps_si512(
            _mm512_cvtepi32_ps(_mm512_andnot_si512(_mm512_srli_epi32(total, 1), total))),
        23);
    const __m512i down = _mm512_max_epi32(_mm512_sub_epi32(log2, all_of(150)), zero);
    const __m512i unit = _mm512_sllv_epi32(all_of(1), down);
    const __m512i kept = _mm512_and_si512(_mm512_add_epi32(total, _mm512_srli_epi32(unit, 1)),
                                          _mm512_sub_epi32(zero, unit));
    __m512i normal = _mm512_castps_si512(_mm512_cvtepi32_ps(kept));
    normal = _mm512_mask_mov_epi32(
        normal, _mm512_cmpeq_epi32_mask(sum, _mm512_set1_epi32(minus_one)), all_of(154u << 23));
    const __m512i exponent =
        _mm512_add_epi32(_mm512_srli_epi32(normal, 23), _mm512_sub_epi32(largest, all_of(150)));
    __m512i bits = _mm512_or_si512(_mm512_slli_epi32(exponent, 23),
                                   _mm512_and_si512(normal, all_of(0x7f'ffff)));
    const __mmask16 infinite = _mm512_cmpgt_epi32_mask(exponent, all_of(254));
    bits = _mm512_mask_mov_epi32(bits, infinite, all_of(0x7f80'0000));
    const __mmask16 counts = _mm512_test_epi32_mask(sum, sum) &
                             _mm512_cmpgt_epi32_mask(_mm512_min_epi32(exponent, largest), zero);
    bits = _mm512_maskz_mov_epi32(counts, bits);
    put_halves(row.lower, bits);
    // Sign, mantissa, exponent.
    const __m512i mantissa = _mm512_and_si512(_mm512_srli_epi32(bits, 8), all_of(0x7f00));
    const __mmask16 negative = counts & _mm512_cmplt_epi32_mask(sum, zero);
    const __m512i sign = _mm512_maskz_mov_epi32(negative, all_of(0x8000));
    put_halves(row.upper,
               _mm512_or_si512(_mm512_or_si512(mantissa, sign), _mm512_srli_epi32(bits, 23)));
}

void add_products(const Operands& operands) {
    GroupSums sums[most_rows];
    if (!multiply(operands, sums)) {
        add_any_products(operands);
    } else if (operands.addition.style == DstStyle::bf16) {
        for (std::size_t row = 0; row < operands.rows; row += 2) {
            add_to_bf16(&sums[row], {operands.dst[row], operands.dst[row + 1]});
        }
    } else if (operands.addition.style == DstStyle::fp32) {
        const std::int32_t minus_one = minus_one_of(operands.addition);
        for (std::size_t row = 0; row < operands.rows; ++row) {
            add_to_fp32(minus_one, sums[row], operands.dst[row]);
        }
    } else {
        add_sums(operands, sums);
    }
}

}  // namespace

const RowKernels avx512_rows{add_products, add_elements};

}  // namespace tilewright::tensix
