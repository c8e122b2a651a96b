// Machine words as assembly text, in the syntax of the RISC-V assembly programmer's manual, without
// pseudo-instructions.
#pragma once

#include <cstdint>
#include <string>

#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {

/// The instruction `word`, standing at `pc` (targets of branches and jumps are absolute). A word
/// that is no instruction of the set becomes ".word 0x????????". A 16-bit
/// instruction is written as what it stands for, or ".half 0x????".
std::string disassemble(std::uint32_t word, std::uint32_t pc, const Isa& isa);

}  // namespace tilewright::riscv
