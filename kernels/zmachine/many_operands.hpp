// Instructions of any number of operands.
#pragma once

#include "control_flow.hpp"
#include "operands.hpp"
#include "output.hpp"
#include "properties.hpp"
#include "random.hpp"
#include "reading.hpp"
#include "warning.hpp"

namespace tilewright::zmachine {

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void many_operands(Machine& m, Registers& r, u32 opcode,
                                              const Operands& o) {
    switch (opcode) {
        case 0x00:  // call
            return call<V>(m, r, o, 0);
        case 0x01:  // storew
            store_word(m, (o.a + 2u * o.b) & 0xFFFF, o.c);
            return check(m, r);
        case 0x02:  // storeb
            store_byte(m, (o.a + o.b) & 0xFFFF, o.c);
            return check(m, r);
        case 0x03:  // put_prop
            if (o.a == 0) [[unlikely]]
                return warn(m, Warning::put_prop, pc_offset(m, r));
            put_property<V>(m, o.a, o.b, o.c);
            return check(m, r);
        case 0x04:  // read
            // Counted when it was met, if it had to wait then.
            r.left += m.control.read_counted;
            m.control.read_counted = 0;
            read_line<V>(m, o.a, o.b);
            return check(m, r);
        case 0x05:  // print_char
            print_zscii(m, o.a);
            return check_text(m, r);
        case 0x06:  // print_num
            print_number(m, o.a);
            return check_text(m, r);
        case 0x07:  // random
            return store_result(m, r, random(m, o.a));
        case 0x08:  // push
            return push(m, r, o.a);
        case 0x09:  // pull
            return write_in_place(m, r, o.a, pop(m, r));
        case 0x0A:  // split_window: the host decides how to show what
            if constexpr (V >= 3) return;
            return fail_here(m, r, Error::illegal_opcode);
        case 0x0B:  // set_window
            if constexpr (V >= 3) {
                m.control.window = o.a;
                return;
            }
            return fail_here(m, r, Error::illegal_opcode);
        case 0x13:  // output_stream
            select_stream(m, o.a, o.b);
            return check(m, r);
        case 0x14:  // input_stream: lines come from the host, wherever it has them from
        case 0x15:  // sound_effect: the header says that there is none
            return;
        default:
            return fail_here(m, r, Error::illegal_opcode);
    }
}

}  // namespace tilewright::zmachine
