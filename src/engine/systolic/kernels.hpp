// The loop inside multiply_accumulate(), once for each instruction set of the host. All give the
// same bits; the tests run every one that the host has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tilewright {

/// Columns that one step of the loop works on: b must be readable up to a multiple of this.
constexpr std::uint64_t kernel_columns = 16;

/// Elements and sums of 32 bits; strides in elements; n a multiple of kernel_columns.
struct KernelArguments {
    const std::byte* a;
    const std::byte* b;
    std::byte* sums;
    std::uint64_t a_stride, b_stride, sum_stride;
    std::uint64_t m, n, k;
    bool integers;
};
using MultiplyKernel = void (*)(const KernelArguments&);

void multiply_baseline(const KernelArguments& arguments);
#if defined(__x86_64__)
void multiply_avx2(const KernelArguments& arguments);
void multiply_avx512(const KernelArguments& arguments);
#endif

/// Those that this host can run, the fastest last.
std::span<const MultiplyKernel> multiply_kernels();

}  // namespace tilewright
