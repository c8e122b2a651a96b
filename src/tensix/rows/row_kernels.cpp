#include "tensix/rows/kernels.hpp"

namespace tilewright::tensix {

std::span<const RowKernels* const> row_kernels() {
#if defined(__x86_64__)
    static constexpr const RowKernels* all[] = {&baseline_rows, &avx2_rows, &avx512_rows};
    static const bool has_avx512 = __builtin_cpu_supports("avx512f") &&
                                   __builtin_cpu_supports("avx512bw") &&
                                   __builtin_cpu_supports("avx512vl");
    static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    static const std::size_t usable = !has_avx2 ? 1 : has_avx512 ? 3 : 2;
    return {all, usable};
#else
    static constexpr const RowKernels* all[] = {&baseline_rows};
    return all;
#endif
}

}  // namespace tilewright::tensix
