// Instructions without operands.
#pragma once

#include "control_flow.hpp"
#include "files.hpp"

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
        case 0x5:  // save
            if constexpr (V >= 5) return fail_here(m, r, Error::illegal_opcode);
            return request_file(m, r, Status::saving, {});
        case 0x6:  // restore
            if constexpr (V >= 5) return fail_here(m, r, Error::illegal_opcode);
            return request_file(m, r, Status::restoring, {});
        case 0x7: {  // restart
            const u32 left = r.left;
            restart_story(m);
            r = load_registers(m, left);
            return;
        }
        case 0x8:  // ret_popped
            return return_value(m, r, pop(m, r));
        case 0x9:  // pop, catch from version 5 on
            if constexpr (V >= 5) {
                return store_result(m, r, static_cast<u32>(r.frame - m.frames));
            }
            pop(m, r);
            return;
        case 0xA:  // quit
            m.control.status = Status::finished;
            return stop_after(m, r);
        case 0xB:  // new_line
            print_zscii(m, 13);
            return check_text(m, r);
        case 0xC:  // show_status; some story of a later version contains it, without effect
            if constexpr (V == 3) {
                show_status(m);
                check_events(m, r);
            }
            return;
        case 0xD:  // verify
            return branch(m, r, verify_story(m));
        case 0xF:  // piracy: the story is taken for genuine
            if constexpr (V >= 5) return branch(m, r, true);
            return fail_here(m, r, Error::illegal_opcode);
        default:
            return fail_here(m, r, Error::illegal_opcode);
    }
}

}  // namespace tilewright::zmachine
