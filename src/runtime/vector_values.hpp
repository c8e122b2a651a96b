// Values of a compute engine's vector unit (sfpi::vFloat) in registers that the compiler allocates.
//
// To the compiler they are vectors of RISC-V's V extension in groups of four registers, of which
// there are eight: v0, v4, ..., v28 stand for the unit's L0 to L7. Instructions on them are the
// engine's own, by their encoding; the compiler only adds copies, which become SFPMOV here.
#pragma once

#include <string>

#include "tilewright/runtime/toolchain.hpp"

namespace tilewright {

/// What an ISA string needs for that, or "" where the compiler cannot do it: a clang before 20.
std::string vector_value_extensions(const Toolchain& toolchain);

/// Gives the compiler's copies their instruction, in a linked executable. CompileError with
/// places in the source if values are in memory: there are more than registers, or a function that
/// takes them is not inlined.
void replace_vector_copies(std::string& elf, const std::string& source);

}  // namespace tilewright
