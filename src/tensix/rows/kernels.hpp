// What the matrix unit does with whole rows of 16 numbers, once for each instruction set of the
// host. All give the same bits, and the
// tests run every one that the host has against sums of single numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensix/dst_style.hpp"

namespace tilewright::tensix {

inline constexpr std::size_t columns = 16;
inline constexpr std::size_t most_rows = 8;  ///< of Dst at once

/// A row of Dst: 16 numbers as they lie there.
struct DstRow {
    std::uint16_t* upper;  ///< all of a number of 16 bits
    std::uint16_t* lower;  ///< of 32 bits
    bool defined;          ///< else it counts as zeros
};
/// Rows of Dst that lie one behind the other.
struct DstRows16 {
    std::uint16_t* upper;
    std::uint16_t* lower;
    const bool* defined;
    DstRow operator[](std::size_t row) const {
        return {upper + columns * row, lower + columns * row, defined[row]};
    }
};

/// How sums are added to Dst.
struct Addition {
    DstStyle style;
    bool wormhole;  ///< else Blackhole
};

/// What the matrix unit is given, beside Dst.
struct Operands {
    Addition addition;
    const std::uint32_t* a;  ///< rows of source numbers
    const std::uint32_t* b;
    DstRows16 dst;
    std::size_t rows;         ///< of Dst, up to 8; of products 4 or 8
    std::uint32_t bits_of_a;  ///< that its format has; others are not looked at
    std::uint32_t bits_of_b;
    bool wide_exponent;  ///< of 8 bits, else of 5
    unsigned phase;      ///< 0 to 3; bit 0: the lower part of SrcA's mantissa, bit 1: of SrcB's
};

/// Element by element, 16 numbers of SrcA and SrcB for each row. A row of Dst that is not defined
/// is set, not added to.
struct Elements {
    enum class Operation : std::uint8_t { multiply, add, subtract };
    Operation operation;
    bool one_row;  ///< of SrcB for all
    bool one_column;
    bool keep_denormals_of_b;
};

struct RowKernels {
    /// Dst += SrcB * SrcA: 16 rows of SrcA, and of SrcB as many as of Dst.
    void (*add_products)(const Operands&);
    void (*add_elements)(const Operands&, const Elements&);
};

extern const RowKernels baseline_rows;
#if defined(__x86_64__)
extern const RowKernels avx2_rows;
extern const RowKernels avx512_rows;
#endif

/// Those that this host can run, the fastest last.
std::span<const RowKernels* const> row_kernels();

}  // namespace tilewright::tensix
