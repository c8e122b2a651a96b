// The pass kernel in vectors of 16 bytes, which every supported host has.
#include "engine/systolic/kernel_body.hpp"

namespace tilewright {

void multiply_baseline(const KernelArguments& arguments) {
    multiply_any<16, 4, 2>(arguments);
}

}  // namespace tilewright
