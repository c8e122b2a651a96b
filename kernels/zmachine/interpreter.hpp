// The loop: fetch, operands, execute; and a batch of it.
//
// Compiled for the device as the kernel, and for the host by the tests: it knows neither. All state
// is in Machine, so that batches of any sizes that add up to the same number give the same game.
#pragma once

#include "many_operands.hpp"
#include "no_operands.hpp"
#include "one_operand.hpp"
#include "story.hpp"
#include "two_operands.hpp"

namespace tilewright::zmachine {

/// Executes an instruction whose first byte is known and whose second `r.pc` points at. Known at
/// compile time, so that form and types of the operands are decided before the program runs.
template <unsigned V, u32 Opcode>
TILEWRIGHT_ZMACHINE_INLINE void execute(Machine& m, Registers& r) {
    if constexpr (Opcode < 0x80) {
        const u32 a = operand(m, r, (Opcode & 0x40) != 0 ? 2 : 1);
        const u32 b = operand(m, r, (Opcode & 0x20) != 0 ? 2 : 1);
        two_operands<V>(m, r, Opcode & 0x1F, a, b, a == b);
    } else if constexpr (Opcode < 0xB0) {
        one_operand<V>(m, r, Opcode & 0xF, operand(m, r, Opcode >> 4 & 3));
    } else if constexpr (Opcode < 0xC0) {
        no_operands<V>(m, r, Opcode & 0xF);
    } else if constexpr (Opcode < 0xE0) {
        const Operands o = operands(m, r);
        const bool equal = (o.count > 1 && o.a == o.b) || (o.count > 2 && o.a == o.c) ||
                           (o.count > 3 && o.a == o.d);
        two_operands<V>(m, r, Opcode & 0x1F, o.a, o.b, equal);
    } else if constexpr (Opcode == 0xE4) {
        const u8* const pc = r.pc - 1;
        u16* const sp = r.sp;
        const Operands o = operands(m, r);
        if (m.control.input_ready == 0) {
            r.pc = pc;
            r.sp = sp;
            return wait_for_line(m, r);
        }
        many_operands<V>(m, r, Opcode & 0x1F, o);
    } else {
        many_operands<V>(m, r, Opcode & 0x1F, operands(m, r));
    }
}

/// Runs up to `instructions` instructions of a story of version V; says why it stopped in
/// Control::status, and counts what it did in Control::instructions.
template <unsigned V>
inline void run_version(Machine& m, u32 instructions) {
    Control& c = m.control;
    Registers r = load_registers(m, instructions);
    const u8* start = r.pc;
    while (r.left != 0) {
        --r.left;
        start = r.pc;
        switch (*r.pc++) {
#define TILEWRIGHT_ZMACHINE_OPCODE(n) \
    case n:                           \
        execute<V, n>(m, r);          \
        break;
#define TILEWRIGHT_ZMACHINE_OPCODES(n)                                                          \
    TILEWRIGHT_ZMACHINE_OPCODE(n + 0x0)                                                         \
    TILEWRIGHT_ZMACHINE_OPCODE(n + 0x1) TILEWRIGHT_ZMACHINE_OPCODE(n + 0x2)                     \
        TILEWRIGHT_ZMACHINE_OPCODE(n + 0x3) TILEWRIGHT_ZMACHINE_OPCODE(n + 0x4)                 \
            TILEWRIGHT_ZMACHINE_OPCODE(n + 0x5) TILEWRIGHT_ZMACHINE_OPCODE(n + 0x6)             \
                TILEWRIGHT_ZMACHINE_OPCODE(n + 0x7) TILEWRIGHT_ZMACHINE_OPCODE(n + 0x8)         \
                    TILEWRIGHT_ZMACHINE_OPCODE(n + 0x9) TILEWRIGHT_ZMACHINE_OPCODE(n + 0xA)     \
                        TILEWRIGHT_ZMACHINE_OPCODE(n + 0xB) TILEWRIGHT_ZMACHINE_OPCODE(n + 0xC) \
                            TILEWRIGHT_ZMACHINE_OPCODE(n + 0xD)                                 \
                                TILEWRIGHT_ZMACHINE_OPCODE(n + 0xE)                             \
                                    TILEWRIGHT_ZMACHINE_OPCODE(n + 0xF)
            TILEWRIGHT_ZMACHINE_OPCODES(0x00)
            TILEWRIGHT_ZMACHINE_OPCODES(0x10)
            TILEWRIGHT_ZMACHINE_OPCODES(0x20)
            TILEWRIGHT_ZMACHINE_OPCODES(0x30)
            TILEWRIGHT_ZMACHINE_OPCODES(0x40)
            TILEWRIGHT_ZMACHINE_OPCODES(0x50)
            TILEWRIGHT_ZMACHINE_OPCODES(0x60)
            TILEWRIGHT_ZMACHINE_OPCODES(0x70)
            TILEWRIGHT_ZMACHINE_OPCODES(0x80)
            TILEWRIGHT_ZMACHINE_OPCODES(0x90)
            TILEWRIGHT_ZMACHINE_OPCODES(0xA0)
            TILEWRIGHT_ZMACHINE_OPCODES(0xB0)
            TILEWRIGHT_ZMACHINE_OPCODES(0xC0)
            TILEWRIGHT_ZMACHINE_OPCODES(0xD0)
            TILEWRIGHT_ZMACHINE_OPCODES(0xE0)
            TILEWRIGHT_ZMACHINE_OPCODES(0xF0)
#undef TILEWRIGHT_ZMACHINE_OPCODES
#undef TILEWRIGHT_ZMACHINE_OPCODE
        }
    }
    c.instructions += instructions - r.unused;
    if (c.error != Error::none) {
        c.status = Status::error;
        c.error_pc = static_cast<u32>(start - m.memory);
        c.error_opcode = *start;
    }
    save_registers(m, r);
}

/// One batch: the text it prints replaces that of the batch before.
inline void run_batch(Machine& m, u32 instructions) {
    Control& c = m.control;
    m.output.length = 0;
    if (c.status == Status::finished || c.status == Status::error) return;
    c.status = Status::ready;
    run_version<3>(m, instructions);
}

}  // namespace tilewright::zmachine
