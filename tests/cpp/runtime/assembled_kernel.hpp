// Kernels from assembled words, for tests that need to know each instruction.
#pragma once

#include <string>

#include "riscv/assembled_elf.hpp"
#include "tilewright/runtime/kernel.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

/// Its code stands at the beginning of the image window.
inline Kernel assembled_kernel(const riscv::test::Program& program, const std::string& name) {
    const std::string elf = riscv::test::assembled_elf(program, abi::image_base);
    return Kernel::from_elf(std::as_bytes(std::span(elf)), name);
}

}  // namespace tilewright
