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

/// Executes one instruction. False: it waits for input, and nothing but pc and sp has changed.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE bool execute(Machine& m, Registers& r) {
    const u32 opcode = code_byte(r);
    if (opcode < 0x80) {
        const u32 a = short_operand(m, r, opcode & 0x40);
        const u32 b = short_operand(m, r, opcode & 0x20);
        two_operands<V>(m, r, opcode & 0x1F, a, b, a == b);
        return true;
    }
    if (opcode < 0xB0) {
        one_operand<V>(m, r, opcode & 0xF, operand(m, r, opcode >> 4 & 3));
        return true;
    }
    if (opcode < 0xC0) {
        no_operands<V>(m, r, opcode & 0xF);
        return true;
    }
    Operands operands;
    operands.count = 0;
    add_operands(m, r, operands, code_byte(r));
    // Operands that are left out count as 0.
    for (u32 i = operands.count; i < 4; ++i) operands.values[i] = 0;
    const u16* a = operands.values;
    if (opcode < 0xE0) {
        const bool equal = (operands.count > 1 && a[0] == a[1]) ||
                           (operands.count > 2 && a[0] == a[2]) ||
                           (operands.count > 3 && a[0] == a[3]);
        two_operands<V>(m, r, opcode & 0x1F, a[0], a[1], equal);
        return true;
    }
    if ((opcode & 0x1F) == opcode_read && m.control.input_ready == 0) return false;
    many_operands<V>(m, r, opcode & 0x1F, operands);
    return true;
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
        u16* const sp = r.sp;
        if (!execute<V>(m, r)) [[unlikely]] {
            r.pc = start;
            r.sp = sp;
            r.left += c.read_counted;
            c.read_counted = 1;
            c.status = Status::waiting_for_line;
            stop_after(r);
        } else if (m.output.length >= output_high_water) [[unlikely]] {
            if (c.status == Status::ready) c.status = Status::output_full;
            stop_after(r);
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
