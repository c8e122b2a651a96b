// Operands: constants in the code, or variables.
#pragma once

#include "registers.hpp"

namespace tilewright::zmachine {

inline constexpr u32 max_operands = 8;

struct Operands {
    u32 count;
    u16 values[max_operands];
};

/// One operand of the two-bit types: 0 a large constant, 1 a small one, 2 a variable.
TILEWRIGHT_ZMACHINE_INLINE u32 operand(Machine& m, Registers& r, u32 type) {
    if (type == 0) return code_word(r);
    const u32 byte = code_byte(r);
    return type == 1 ? byte : read_variable(m, r, byte);
}

/// One operand of the long form, whose bit says: variable, or small constant.
TILEWRIGHT_ZMACHINE_INLINE u32 short_operand(Machine& m, Registers& r, u32 is_variable) {
    const u32 byte = code_byte(r);
    return is_variable != 0 ? read_variable(m, r, byte) : byte;
}

/// Adds the operands of a byte of four types, the first in its upper bits; type 3 ends them.
TILEWRIGHT_ZMACHINE_INLINE void add_operands(Machine& m, Registers& r, Operands& operands,
                                             u32 types) {
    // Two ones shifted in behind the four types end the loop without a count.
    for (u32 rest = types << 24 | 0x00FF'FFFF; rest < 0xC000'0000; rest = rest << 2 | 3) {
        operands.values[operands.count++] = static_cast<u16>(operand(m, r, rest >> 30));
    }
}

}  // namespace tilewright::zmachine
