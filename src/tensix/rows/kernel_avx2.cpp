// Rows in vectors of 32 bytes, for hosts with AVX2 and fused multiplications.
#include <immintrin.h>

#include "tensix/rows/kernel_floats.hpp"

namespace tilewright::tensix {
namespace {

__m256i load(const void* from) {
    return _mm256_load_si256(static_cast<const __m256i*>(from));
}
__m256i load_anywhere(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
void store(void* to, __m256i x) {
    _mm256_store_si256(static_cast<__m256i*>(to), x);
}
__m256i all_of(std::uint32_t x) {
    return _mm256_set1_epi32(static_cast<int>(x));
}

/// Rows of SrcA or SrcB as floats, and each exponent's distance from the largest one.
template <std::size_t Rows>
struct CutRows {
    alignas(32) float numbers[Rows][columns];
    alignas(32) std::uint8_t distances[Rows][columns];
};

/// Bits of source numbers as those of floats of that value.
__m256 floats_of(__m256i x, std::uint32_t bits, __m256i widening) {
    const __m256i places = _mm256_slli_epi32(_mm256_and_si256(x, all_of(bits)), 13);
    return _mm256_castsi256_ps(_mm256_add_epi32(places, widening));
}

/// Of 32 bytes.
Exponents range_of(__m256i most, __m256i least_less_1) {
    const auto least_of = [](__m256i bytes) {
        const __m128i half =
            _mm_min_epu8(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
        const __m128i words = _mm_min_epu8(half, _mm_srli_epi16(half, 8));
        return _mm_cvtsi128_si32(_mm_minpos_epu16(words)) & 0xff;
    };
    const int largest = 255 - least_of(_mm256_sub_epi8(_mm256_set1_epi8(-1), most));
    const int smallest = least_of(least_less_1) + 1;
    return {largest, largest == 0 ? 0 : smallest};
}

/// `Above`: halves are to become more than that.
template <bool Lower, bool Above, std::size_t Rows>
inline __attribute__((always_inline)) Exponents cut(const std::uint32_t* from, std::size_t rows,
                                                    std::uint32_t bits, const PartBits& part,
                                                    int widening, CutRows<Rows>& to) {
    const __m256i wider = all_of(static_cast<std::uint32_t>(widening) << 23);
    const __m256i exponent_bits = all_of(bits >> 10 & 0xff);
    __m256i most = _mm256_setzero_si256();
    __m256i least_less_1 = _mm256_set1_epi8(-1);
    const auto eight = [&](std::size_t row, std::size_t column) {
        const __m256i x = load_anywhere(from + columns * row + column);
        const __m256i exponents = _mm256_and_si256(_mm256_srli_epi32(x, 10), exponent_bits);
        __m256 number = floats_of(x, part.whole & bits, wider);
        if constexpr (Lower) number = _mm256_sub_ps(number, floats_of(x, part.above & bits, wider));
        if constexpr (Above) number = _mm256_mul_ps(number, _mm256_set1_ps(above_halves));
        const __m256i zero = _mm256_cmpeq_epi32(exponents, _mm256_setzero_si256());
        _mm256_store_ps(&to.numbers[row][column],
                        _mm256_andnot_ps(_mm256_castsi256_ps(zero), number));
        return exponents;
    };
    for (std::size_t row = 0; row < rows; row += 2) {
        const __m256i words = _mm256_packs_epi32(eight(row, 0), eight(row, 8));
        const __m256i more = _mm256_packs_epi32(eight(row + 1, 0), eight(row + 1, 8));
        const __m256i bytes = _mm256_permutevar8x32_epi32(
            _mm256_packus_epi16(words, more), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        store(to.distances[row], bytes);
        most = _mm256_max_epu8(most, bytes);
        // Zero comes to be the largest.
        least_less_1 = _mm256_min_epu8(least_less_1, _mm256_sub_epi8(bytes, _mm256_set1_epi8(1)));
    }
    const Exponents range = range_of(most, least_less_1);
    const __m256i largest = _mm256_set1_epi8(static_cast<char>(range.most));
    for (std::size_t row = 0; row < rows; row += 2) {
        const __m256i exponents = load(to.distances[row]);
        const __m256i zero = _mm256_cmpeq_epi8(exponents, _mm256_setzero_si256());
        store(to.distances[row], _mm256_or_si256(_mm256_sub_epi8(largest, exponents), zero));
    }
    return range;
}

/// The same for the part that the phase has.
template <bool Above, std::size_t Rows>
Exponents cut(const std::uint32_t* from, std::size_t rows, std::uint32_t bits, const PartBits& part,
              int widening, CutRows<Rows>& to) {
    return part.above == 0 ? cut<false, Above>(from, rows, bits, part, widening, to)
                           : cut<true, Above>(from, rows, bits, part, widening, to);
}

using CutA = CutRows<columns>;
using CutB = CutRows<most_rows>;

/// 1.5 * 2^23 units of eight columns whose nearest products have these distances. In a group of
/// zeros, whose distance is beyond all, it is any number or none: its lower half is 0 all the same.
__m256 start_of(const Alignment& alignment, __m128i distances) {
    return _mm256_castsi256_ps(_mm256_sub_epi32(
        all_of(alignment.start), _mm256_slli_epi32(_mm256_cvtepu8_epi32(distances), 23)));
}

/// Sums of four rows and their exponents.
template <std::size_t Group>
inline __attribute__((always_inline)) void add_group(const Alignment& alignment, const CutA& a,
                                                     const CutB& b, std::size_t first,
                                                     GroupSums* sums) {
    constexpr std::size_t rows = 4;
    constexpr std::size_t begin = group_size * Group;
    // The distance of the nearest product, for each column of each row; two rows at once.
    const __m256i of_rows[] = {load(b.distances[first]), load(b.distances[first + 2])};
    __m256i nearest[] = {_mm256_set1_epi8(-1), _mm256_set1_epi8(-1)};
    for (std::size_t k = begin; k < begin + group_size; ++k) {
        const __m256i of_a = _mm256_broadcastsi128_si256(
            _mm_load_si128(reinterpret_cast<const __m128i*>(a.distances[k])));
        const __m256i place = _mm256_set1_epi8(static_cast<char>(k));
        for (std::size_t pair = 0; pair < rows / 2; ++pair) {
            const __m256i of_b = _mm256_shuffle_epi8(of_rows[pair], place);
            nearest[pair] = _mm256_min_epu8(nearest[pair], _mm256_adds_epu8(of_a, of_b));
        }
    }
    const __m128i distances[rows] = {
        _mm256_castsi256_si128(nearest[0]), _mm256_extracti128_si256(nearest[0], 1),
        _mm256_castsi256_si128(nearest[1]), _mm256_extracti128_si256(nearest[1], 1)};

    __m256 left[rows];
    __m256 right[rows];
    for (std::size_t row = 0; row < rows; ++row) {
        left[row] = start_of(alignment, distances[row]);
        right[row] = start_of(alignment, _mm_srli_si128(distances[row], 8));
    }
    for (std::size_t k = begin; k < begin + group_size; ++k) {
        const __m256 of_a[] = {_mm256_load_ps(a.numbers[k]), _mm256_load_ps(a.numbers[k] + 8)};
        for (std::size_t row = 0; row < rows; ++row) {
            const __m256 of_b = _mm256_broadcast_ss(&b.numbers[first + row][k]);
            left[row] = _mm256_fmadd_ps(of_a[0], of_b, left[row]);
            right[row] = _mm256_fmadd_ps(of_a[1], of_b, right[row]);
        }
    }
    const __m256i largest = _mm256_set1_epi16(static_cast<short>(alignment.largest));
    const __m256i zero = _mm256_set1_epi16(static_cast<short>(alignment.zero));
    for (std::size_t row = 0; row < rows; ++row) {
        const __m256i exponents = _mm256_sub_epi16(largest, _mm256_cvtepu8_epi16(distances[row]));
        // The start has nothing in the lower half of its bits.
        const __m256i low = all_of(0xffff);
        const __m256i words =
            _mm256_packus_epi32(_mm256_and_si256(_mm256_castps_si256(left[row]), low),
                                _mm256_and_si256(_mm256_castps_si256(right[row]), low));
        store(sums[first + row].exponents[Group], _mm256_max_epi16(exponents, zero));
        store(sums[first + row].mantissas[Group], _mm256_permute4x64_epi64(words, 0xd8));
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

// --- Dst of BF16, in 16 lanes of 16 bits: units are those of bit 13 of a term ---

/// 2^(15 - x), which for 0 is the lowest number, for 16 and more 0.
__m256i power_down(__m256i x) {
    const __m256i bits = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(-128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i most = _mm256_min_epi16(x, _mm256_set1_epi16(16));
    const __m256i twice = _mm256_mullo_epi16(most, _mm256_set1_epi16(0x0101));
    // The upper byte is looked up at x, the lower one at x - 8; at -8 to -1 and 16 there is 0.
    const __m256i places = _mm256_add_epi8(twice, _mm256_set1_epi16(0x70f8));
    return _mm256_shuffle_epi8(bits, places);
}
/// x * 2^-by, halves upwards.
__m256i scaled(__m256i x, __m256i by) {
    const __m256i power = power_down(by);
    return _mm256_sign_epi16(_mm256_mulhrs_epi16(x, power), power);
}
/// The same by way of a rounding 13 bits below: it lifts what is 2^-14 below a half, which
/// distances of 14 and 15 have.
__m256i scaled_twice(__m256i x, __m256i by) {
    const __m256i lifted =
        _mm256_sub_epi16(_mm256_sub_epi16(x, _mm256_cmpgt_epi16(by, _mm256_set1_epi16(13))),
                         _mm256_cmpgt_epi16(by, _mm256_set1_epi16(14)));
    return scaled(lifted, by);
}

/// As accumulated() of kernel_body.hpp.
void add_to_bf16(const GroupSums& sums, const DstRow& row) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i ones = _mm256_set1_epi16(1);
    const __m256i low = _mm256_set1_epi16(0xff);
    const __m256i sign_bit = _mm256_set1_epi16(-0x8000);
    const __m256i dst = row.defined ? load_anywhere(row.upper) : zero;
    const __m256i dst_exponent = _mm256_and_si256(dst, low);
    __m256i magnitude = _mm256_and_si256(_mm256_srli_epi16(dst, 5), _mm256_set1_epi16(0x3f8));
    magnitude = _mm256_or_si256(magnitude, _mm256_set1_epi16(0x400));
    magnitude = _mm256_andnot_si256(_mm256_cmpeq_epi16(dst_exponent, zero), magnitude);
    const __m256i exponent0 = load(sums.exponents[0]);
    const __m256i exponent1 = load(sums.exponents[1]);
    const __m256i largest = _mm256_max_epi16(_mm256_max_epi16(exponent0, exponent1), dst_exponent);
    const __m256i term0 =
        scaled_twice(load(sums.mantissas[0]), _mm256_sub_epi16(largest, exponent0));
    const __m256i term1 =
        scaled_twice(load(sums.mantissas[1]), _mm256_sub_epi16(largest, exponent1));
    const __m256i term2 = _mm256_sign_epi16(
        scaled(magnitude, _mm256_sub_epi16(largest, dst_exponent)), _mm256_or_si256(dst, ones));
    // The sum has up to 17 bits; as a float it is normalised, and rounding to 8 bits carries into
    // the exponent.
    const auto rounded = [&](__m256i both, __m256i third) {
        const __m256i sum =
            _mm256_add_epi32(_mm256_madd_epi16(both, ones), _mm256_madd_epi16(third, ones));
        const __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(sum));
        return _mm256_srli_epi32(_mm256_add_epi32(bits, all_of(0x8000)), 16);
    };
    const __m256i bits = _mm256_packus_epi32(
        rounded(_mm256_unpacklo_epi16(term0, term1), _mm256_unpacklo_epi16(term2, zero)),
        rounded(_mm256_unpackhi_epi16(term0, term1), _mm256_unpackhi_epi16(term2, zero)));
    const __m256i own = _mm256_and_si256(_mm256_srli_epi16(bits, 7), low);
    const __m256i exponent =
        _mm256_add_epi16(_mm256_add_epi16(own, largest), _mm256_set1_epi16(13 - 150));
    const __m256i mantissa = _mm256_srli_epi16(_mm256_slli_epi16(bits, 9), 1);
    const __m256i infinite = _mm256_cmpgt_epi16(exponent, _mm256_set1_epi16(254));
    __m256i number = _mm256_or_si256(exponent, mantissa);
    number = _mm256_blendv_epi8(number, low, infinite);
    number = _mm256_or_si256(number, _mm256_and_si256(bits, sign_bit));
    // A sum of 0 has no exponent.
    const __m256i counts =
        _mm256_and_si256(_mm256_cmpgt_epi16(own, zero),
                         _mm256_cmpgt_epi16(_mm256_min_epi16(exponent, largest), zero));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(row.upper), _mm256_and_si256(number, counts));
}

void add_products(const Operands& operands) {
    GroupSums sums[most_rows];
    if (!multiply(operands, sums)) {
        add_any_products(operands);
    } else if (operands.addition.style == DstStyle::bf16) {
        for (std::size_t row = 0; row < operands.rows; ++row) {
            add_to_bf16(sums[row], operands.dst[row]);
        }
    } else {
        add_sums(operands, sums);
    }
}

}  // namespace

const RowKernels avx2_rows{add_products, add_elements};

}  // namespace tilewright::tensix
