// An ISA string such as rv32im_zicsr_zaamo as flags for a particular compiler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tilewright/runtime/compile_error.hpp"
#include "tilewright/runtime/toolchain.hpp"

namespace tilewright {

/// CompileError if the string does not name a 32-bit RISC-V instruction set.
std::vector<std::string> isa_flags(std::string_view isa, const Toolchain& toolchain);

}  // namespace tilewright
