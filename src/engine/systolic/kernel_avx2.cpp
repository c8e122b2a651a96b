// The pass kernel in vectors of 32 bytes, for hosts with AVX2.
#include "engine/systolic/kernel_body.hpp"

namespace tilewright {

void multiply_avx2(const KernelArguments& arguments) {
    multiply_any<32, 4, 2>(arguments);
}

}  // namespace tilewright
