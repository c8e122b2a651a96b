#include "tilewright/engine/systolic/multiply.hpp"

#include <algorithm>
#include <cstring>

#include "engine/systolic/default_floats.hpp"
#include "engine/systolic/kernels.hpp"

namespace tilewright {

namespace {

template <class From, class To, class Convert>
void widen_row(const std::byte* from, std::byte* to, std::uint64_t count, Convert convert) {
    for (std::uint64_t i = 0; i < count; ++i) {
        From narrow;
        std::memcpy(&narrow, from + i * sizeof narrow, sizeof narrow);
        const To wide = convert(narrow);
        std::memcpy(to + i * sizeof wide, &wide, sizeof wide);
    }
}

// rows x columns elements as 32-bit ones, rows padded with zeros to `stride` elements.
void widen(DataType type, MatrixView from, std::uint64_t rows, std::uint64_t columns,
           std::uint64_t stride, std::vector<std::byte>& to) {
    to.resize(rows * stride * 4);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const std::byte* source = from.data + row * from.row_bytes;
        std::byte* target = to.data() + row * stride * 4;
        switch (type) {
            case DataType::bfloat16:
                widen_row<std::uint16_t, float>(source, target, columns, bfloat16_to_float);
                break;
            case DataType::float16:
                widen_row<std::uint16_t, float>(source, target, columns, float16_to_float);
                break;
            case DataType::int8:
                widen_row<std::int8_t, std::int32_t>(source, target, columns,
                                                     [](std::int8_t v) { return std::int32_t{v}; });
                break;
            case DataType::float32:
            case DataType::int32:
                std::memcpy(target, source, columns * 4);
                break;
        }
        std::memset(target + columns * 4, 0, (stride - columns) * 4);
    }
}

std::uint64_t padded(std::uint64_t columns) {
    return (columns + kernel_columns - 1) / kernel_columns * kernel_columns;
}

}  // namespace

std::span<const MultiplyKernel> multiply_kernels() {
#if defined(__x86_64__)
    static constexpr MultiplyKernel all[] = {multiply_baseline, multiply_avx2, multiply_avx512};
    static const std::size_t usable =
        !__builtin_cpu_supports("avx2") ? 1 : (__builtin_cpu_supports("avx512f") ? 3 : 2);
    return {all, usable};
#else
    static constexpr MultiplyKernel all[] = {multiply_baseline};
    return all;
#endif
}

void multiply_accumulate(DataType type, MatrixView a, MatrixView b, SumView sums, std::uint64_t m,
                         std::uint64_t n, std::uint64_t k, MultiplyScratch& scratch) {
    const DefaultFloats guard;
    const MultiplyKernel kernel = multiply_kernels().back();
    const bool wide = size_of(type) == 4;

    KernelArguments arguments{};
    arguments.m = m;
    arguments.k = k;
    arguments.integers = is_integer(type);
    arguments.sum_stride = sums.row_elements;
    if (wide) {
        arguments.a = a.data;
        arguments.a_stride = a.row_bytes / 4;
    } else {
        widen(type, a, m, k, k, scratch.a);
        arguments.a = scratch.a.data();
        arguments.a_stride = k;
    }

    // Full columns of 32-bit elements are read where they lie; the rest goes through the scratch.
    const std::uint64_t direct = wide ? n / kernel_columns * kernel_columns : 0;
    if (direct != 0) {
        arguments.b = b.data;
        arguments.b_stride = b.row_bytes / 4;
        arguments.sums = sums.data;
        arguments.n = direct;
        kernel(arguments);
    }
    if (direct == n) return;
    const std::uint64_t rest = n - direct;
    const std::uint64_t stride = padded(rest);
    widen(type, {b.data + direct * size_of(type), b.row_bytes}, k, rest, stride, scratch.b);
    arguments.b = scratch.b.data();
    arguments.b_stride = stride;
    const std::uint64_t full = rest / kernel_columns * kernel_columns;
    if (full != 0) {
        arguments.sums = sums.data;
        arguments.n = full;
        kernel(arguments);
    }
    if (full == rest) return;

    // The last columns: sums of a whole step, of which only those that exist are kept.
    const std::uint64_t first = direct + full;
    const std::uint64_t last = n - first;
    std::byte strip[8 * kernel_columns * 4];
    arguments.b += full * 4;
    arguments.n = kernel_columns;
    arguments.sums = strip;
    arguments.sum_stride = kernel_columns;
    const std::byte* rows = arguments.a;
    for (std::uint64_t row = 0; row < m; row += 8) {
        arguments.a = rows + row * arguments.a_stride * 4;
        arguments.m = std::min<std::uint64_t>(8, m - row);
        std::memset(strip, 0, sizeof strip);
        for (std::uint64_t i = 0; i < arguments.m; ++i) {
            std::memcpy(strip + i * kernel_columns * 4,
                        sums.data + ((row + i) * sums.row_elements + first) * 4, last * 4);
        }
        kernel(arguments);
        for (std::uint64_t i = 0; i < arguments.m; ++i) {
            std::memcpy(sums.data + ((row + i) * sums.row_elements + first) * 4,
                        strip + i * kernel_columns * 4, last * 4);
        }
    }
}

}  // namespace tilewright
