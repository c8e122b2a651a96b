// The arithmetic of a pass: sums of products in ascending k, the bits that the array makes.
//
// Every product and every sum is rounded by itself (no fused multiply-add), in the same order on
// every host: the instruction set only decides how many sums are made side by side. No BLAS,
// because the order in which one sums depends on the host it runs on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tilewright/engine/systolic/data_type.hpp"

namespace tilewright {

/// A matrix in somebody's memory: rows of consecutive elements, `row_bytes` from one to the next.
/// Data and row_bytes must be multiples of the element's size.
struct MatrixView {
    const std::byte* data = nullptr;
    std::uint64_t row_bytes = 0;
};

/// Sums of 32 bits, float or std::int32_t, `row_elements` from one row to the next.
struct SumView {
    std::byte* data = nullptr;
    std::uint64_t row_elements = 0;
};

/// Host memory for widened operands, kept from pass to pass. Its contents mean nothing in between.
struct MultiplyScratch {
    std::vector<std::byte> a;
    std::vector<std::byte> b;
};

/// sums (m x n) += a (m x k) * b (k x n), elements of `type` (not int32), sums of
/// accumulator_of(type).
void multiply_accumulate(DataType type, MatrixView a, MatrixView b, SumView sums, std::uint64_t m,
                         std::uint64_t n, std::uint64_t k, MultiplyScratch& scratch);

}  // namespace tilewright
