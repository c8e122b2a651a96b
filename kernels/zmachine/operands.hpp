// Operands: constants in the code, or variables.
#pragma once

#include "registers.hpp"

namespace tilewright::zmachine {

/// What an instruction of variable form was given; operands left out are 0. Plain members and not
/// an array, so that they live in the core's registers; but for the few that take up to eight.
struct Operands {
    u32 count = 0;
    u32 a = 0;
    u32 b = 0;
    u32 c = 0;
    u32 d = 0;
    const u32* more = nullptr;  ///< from the fifth on
};

/// One operand of the two-bit types: 0 a large constant, 1 a small one, 2 a variable.
TILEWRIGHT_ZMACHINE_INLINE u32 operand(Machine& m, Registers& r, u32 type) {
    if (type == 0) return code_word(r);
    const u32 byte = code_byte(r);
    return type == 1 ? byte : read_variable(m, r, byte);
}

/// Takes the operand whose type is in the two upper bits of `types`, and shifts them out; false if
/// there is none. Signs are the cheapest bits to test.
TILEWRIGHT_ZMACHINE_INLINE bool next_operand(Machine& m, Registers& r, u32& types, u32& value) {
    const bool upper = static_cast<std::int32_t>(types) < 0;
    const bool lower = static_cast<std::int32_t>(types << 1) < 0;
    types <<= 2;
    if (upper) {
        if (lower) return false;
        value = read_variable(m, r, code_byte(r));
    } else {
        value = lower ? code_byte(r) : code_word(r);
    }
    return true;
}

/// Up to four operands of the types in the upper bits of `types`.
TILEWRIGHT_ZMACHINE_INLINE Operands four_operands(Machine& m, Registers& r, u32& types) {
    Operands o;
    if (!next_operand(m, r, types, o.a)) return o;
    o.count = 1;
    if (!next_operand(m, r, types, o.b)) return o;
    o.count = 2;
    if (!next_operand(m, r, types, o.c)) return o;
    o.count = 3;
    if (!next_operand(m, r, types, o.d)) return o;
    o.count = 4;
    return o;
}

/// After the byte that holds their types, the first in its upper bits.
TILEWRIGHT_ZMACHINE_INLINE Operands operands(Machine& m, Registers& r) {
    u32 types = code_byte(r) << 24;
    return four_operands(m, r, types);
}

/// Up to eight, after two such bytes; those from the fifth on in `more`.
TILEWRIGHT_ZMACHINE_INLINE Operands eight_operands(Machine& m, Registers& r, u32 (&more)[4]) {
    u32 types = code_word(r) << 16;
    Operands o = four_operands(m, r, types);
    o.more = more;
    if (o.count == 4) {
        for (u32& operand : more) {
            if (!next_operand(m, r, types, operand)) break;
            ++o.count;
        }
    }
    return o;
}

}  // namespace tilewright::zmachine
