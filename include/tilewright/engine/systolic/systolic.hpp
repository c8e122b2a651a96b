// The systolic array as a schedule: which passes a matmul takes, and how many cycles each.
//
// The array is a grid of R x C processing elements; each multiplies and adds once a cycle. A pass
// keeps one operand in the elements while the others stream past, skewed by a cycle a row and
// column:
//
//   dataflow            stays in the array      streams    passes                      cycles of a
//   pass output_stationary   R x C sums              K steps    ceil(M/R) * ceil(N/C)       K + R +
//   C - 2 weight_stationary   R x C of B (K x N)      M rows     ceil(K/R) * ceil(N/C)       M + 2R
//   + C - 2 input_stationary    R x C of A^T (K x M)    N columns  ceil(K/R) * ceil(M/C)       N +
//   2R + C - 2
//
// An operand that stays is shifted in first, R cycles. Control goes through the whole array, so a
// ragged pass takes as long as a full one of the same depth. Sums of an earlier pass enter at the
// top of the columns and finished sums leave through a second register, while the next pass streams
// already. Whatever the dataflow, a sum is made in ascending k: products and sums each rounded to
// float32 (int32 wraps), so that all dataflows give the same bits. ArrayModel is the same array,
// register by register; the tests hold passes against it.
#pragma once

#include <cstdint>
#include <string_view>

#include "tilewright/base/export.hpp"

namespace tilewright {

enum class Dataflow : std::uint8_t { output_stationary, weight_stationary, input_stationary };
constexpr Dataflow last_of(Dataflow) {
    return Dataflow::input_stationary;
}

TILEWRIGHT_API std::string_view name_of(Dataflow dataflow);
/// By name, or "os", "ws", "is"; ArgumentError lists the known names otherwise.
TILEWRIGHT_API Dataflow dataflow(std::string_view name);

struct ArrayShape {
    std::uint32_t rows = 16;
    std::uint32_t columns = 16;
    bool operator==(const ArrayShape&) const = default;
};

/// C (m x n) = A (m x k) * B (k x n).
struct GemmShape {
    std::uint64_t m = 0;
    std::uint64_t n = 0;
    std::uint64_t k = 0;
    bool operator==(const GemmShape&) const = default;

    std::uint64_t macs() const { return m * n * k; }
};

/// One pass: the part of the matmul that it works on.
struct Pass {
    std::uint64_t first_m = 0, m = 0;
    std::uint64_t first_n = 0, n = 0;
    std::uint64_t first_k = 0, k = 0;
    std::uint64_t cycles = 0;
    bool starts = true;  ///< its sums start at zero (or at what C holds)
    bool ends = true;    ///< its sums are complete

    std::uint64_t macs() const { return m * n * k; }
};

/// 0 if the matmul is empty. Passes that complete a sum follow one another directly.
std::uint64_t pass_count(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow);
/// The pass number `index`, which must be below pass_count().
Pass pass_at(const ArrayShape& array, const GemmShape& gemm, Dataflow dataflow,
             std::uint64_t index);
/// All passes one after another with operands at hand: the closed form of the table above.
TILEWRIGHT_API std::uint64_t array_cycles(const ArrayShape& array, const GemmShape& gemm,
                                          Dataflow dataflow);

}  // namespace tilewright
