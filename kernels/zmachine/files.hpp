// Saving and restoring, to a file that only the host has.
//
// The batch ends with pc at what takes the result, the very place that a Quetzal file
// names. The host copies the game out or in and leaves the result in Control::answer; whoever goes
// on without an answer has declined.
#pragma once

#include "control_flow.hpp"
#include "story.hpp"

namespace tilewright::zmachine {

/// The opcodes save and restore. Operands, if any, name a table to be saved instead of the game.
inline void request_file(Machine& m, Registers& r, Status kind, const Operands& o) {
    Control& c = m.control;
    c.file_table = o.count >= 2 ? o.a : 0;
    c.file_bytes = o.count >= 2 ? o.b : 0;
    c.file_name = o.count >= 3 ? o.c : 0;
    c.pending = 1;
    c.answer = 0;
    c.status = kind;
    stop_after(m, r);
}

/// Begins a batch where the one before stopped for a file: the answer is the result. A game that
/// has been restored is told what it runs on now.
template <unsigned V>
inline void take_answer(Machine& m) {
    Control& c = m.control;
    const u32 pc = c.pc;
    c.pending = 0;
    if (c.answer == 2 && c.file_table == 0) {
        announce_interpreter(m);
        if constexpr (V == 3) split_window(m, 0);
    }
    Registers r = load_registers(m, 1);
    if constexpr (V == 3) {
        branch(m, r, c.answer != 0);
    } else {
        store_result(m, r, c.answer);
    }
    c.unused = 0;
    save_registers(m, r);
    if (c.error != Error::none) {
        c.status = Status::error;
        c.error_pc = pc;
        c.error_opcode = m.memory[pc];
    }
}

}  // namespace tilewright::zmachine
