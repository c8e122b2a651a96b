// Instructions without operands.
#pragma once

#include "control_flow.hpp"
#include "story.hpp"

namespace tilewright::zmachine {

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void print_inline(Machine& m, Registers& r) {
    r.pc = print_string<V>(m, r.pc);
    check_text(m, r);
}

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void no_operands(Machine& m, Registers& r, u32 opcode) {
    switch (opcode) {
        case 0x0:  // rtrue
            return return_value(m, r, 1);
        case 0x1:  // rfalse
            return return_value(m, r, 0);
        case 0x2:  // print
            return print_inline<V>(m, r);
        case 0x3:  // print_ret
            print_inline<V>(m, r);
            print_zscii(m, 13);
            check_text(m, r);
            return return_value(m, r, 1);
        case 0x4:  // nop
            return;
        case 0x5:  // save: there is no file here to save to; the host copies the area out instead
        case 0x6:  // restore
            return branch(m, r, false);
        case 0x7: {  // restart
            const u32 left = r.left;
            restart_story(m);
            r = load_registers(m, left);
            return;
        }
        case 0x8:  // ret_popped
            return return_value(m, r, pop(m, r));
        case 0x9:  // pop
            pop(m, r);
            return;
        case 0xA:  // quit
            m.control.status = Status::finished;
            return stop_after(m, r);
        case 0xB:  // new_line
            print_zscii(m, 13);
            return check_text(m, r);
        case 0xC:  // show_status: the host reads the globals if it draws a status line
            if constexpr (V <= 3) return;
            return fail_here(m, r, Error::illegal_opcode);
        case 0xD:  // verify
            return branch(m, r, verify_story(m));
        default:
            return fail_here(m, r, Error::illegal_opcode);
    }
}

}  // namespace tilewright::zmachine
