#include "tensix/rows/kernels.hpp"

namespace tilewright::tensix {

std::span<const RowKernels* const> row_kernels() {
#if defined(__x86_64__)
    static constexpr const RowKernels* all[] = {&baseline_rows, &avx2_rows};
    static const std::size_t usable = __builtin_cpu_supports("avx2") ? 2 : 1;
    return {all, usable};
#else
    static constexpr const RowKernels* all[] = {&baseline_rows};
    return all;
#endif
}

}  // namespace tilewright::tensix
