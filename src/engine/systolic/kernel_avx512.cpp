// The pass kernel in vectors of 64 bytes, for hosts with AVX-512. Eight rows at a time: more would
// fight for the same lines of the first cache where rows lie 4 KiB apart.
#include "engine/systolic/kernel_body.hpp"

namespace tilewright {

void multiply_avx512(const KernelArguments& arguments) {
    multiply_any<64, 8, 1>(arguments);
}

}  // namespace tilewright
