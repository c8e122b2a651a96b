// Rank-1 updates in ascending k of a block of sums that stays in registers. Compiled once for each
// instruction set, so it must not include anything with inline functions that others share.
#pragma once

#include "engine/systolic/kernels.hpp"

namespace tilewright {
namespace {

template <class T, std::size_t Bytes>
struct Lanes {
    typedef T type __attribute__((vector_size(Bytes), aligned(4), may_alias));
};
template <class T>
struct Element {
    typedef T type __attribute__((may_alias));
};

// One block: Rows x (Vectors * lanes) sums.
template <class T, std::size_t Bytes, std::size_t Rows, std::size_t Vectors>
inline __attribute__((always_inline)) void multiply_block(const KernelArguments& arguments,
                                                          std::uint64_t row, std::uint64_t column) {
    using Vector = typename Lanes<T, Bytes>::type;
    using Scalar = typename Element<T>::type;
    constexpr std::size_t lanes = Bytes / sizeof(T);
    const Scalar* a = reinterpret_cast<const Scalar*>(arguments.a) + row * arguments.a_stride;
    const Scalar* b = reinterpret_cast<const Scalar*>(arguments.b) + column;
    Scalar* sums = reinterpret_cast<Scalar*>(arguments.sums) + row * arguments.sum_stride + column;

    Vector block[Rows][Vectors];
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v) {
            block[r][v] =
                *reinterpret_cast<const Vector*>(sums + r * arguments.sum_stride + v * lanes);
        }
    }
    for (std::uint64_t k = 0; k < arguments.k; ++k) {
        Vector line[Vectors];
        for (std::size_t v = 0; v < Vectors; ++v) {
            line[v] = *reinterpret_cast<const Vector*>(b + k * arguments.b_stride + v * lanes);
        }
        for (std::size_t r = 0; r < Rows; ++r) {
            const T factor = a[r * arguments.a_stride + k];
            for (std::size_t v = 0; v < Vectors; ++v) block[r][v] += line[v] * factor;
        }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v) {
            *reinterpret_cast<Vector*>(sums + r * arguments.sum_stride + v * lanes) = block[r][v];
        }
    }
}

template <class T, std::size_t Bytes, std::size_t Rows, std::size_t Vectors>
void multiply_all(const KernelArguments& arguments) {
    constexpr std::size_t columns = Vectors * Bytes / sizeof(T);
    static_assert(kernel_columns % columns == 0);
    for (std::uint64_t column = 0; column < arguments.n; column += columns) {
        std::uint64_t row = 0;
        for (; row + Rows <= arguments.m; row += Rows) {
            multiply_block<T, Bytes, Rows, Vectors>(arguments, row, column);
        }
        for (; row < arguments.m; ++row) {
            multiply_block<T, Bytes, 1, Vectors>(arguments, row, column);
        }
    }
}

template <std::size_t Bytes, std::size_t Rows, std::size_t Vectors>
void multiply_any(const KernelArguments& arguments) {
    if (arguments.integers) {
        multiply_all<std::uint32_t, Bytes, Rows, Vectors>(arguments);  // wraps, as int32 sums do
    } else {
        multiply_all<float, Bytes, Rows, Vectors>(arguments);
    }
}

}  // namespace
}  // namespace tilewright
