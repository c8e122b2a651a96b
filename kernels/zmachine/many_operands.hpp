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

/// Instructions that need something typed first; until it is there they do not begin.
inline constexpr u32 opcode_read = 0x4;

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void many_operands(Machine& m, Registers& r, u32 opcode,
                                              const Operands& operands) {
    const u16* a = operands.values;
    switch (opcode) {
        case 0x00:  // call
            return call<V>(m, r, a[0], a + 1, operands.count - 1, 0);
        case 0x01:  // storew
            store_word(m, (a[0] + 2u * a[1]) & 0xFFFF, a[2]);
            return check(m, r);
        case 0x02:  // storeb
            store_byte(m, (a[0] + u32{a[1]}) & 0xFFFF, a[2]);
            return check(m, r);
        case 0x03:  // put_prop
            if (a[0] == 0) [[unlikely]]
                return warn(m, Warning::put_prop, pc_offset(m, r));
            put_property<V>(m, a[0], a[1], a[2]);
            return check(m, r);
        case opcode_read:
            // Counted when it was met, if it had to wait then.
            r.left += m.control.read_counted;
            m.control.read_counted = 0;
            read_line<V>(m, a[0], a[1]);
            return check(m, r);
        case 0x05:  // print_char
            return print_zscii(m, a[0]);
        case 0x06:  // print_num
            return print_number(m, a[0]);
        case 0x07:  // random
            return store_result(m, r, random(m, a[0]));
        case 0x08:  // push
            return push(m, r, a[0]);
        case 0x09:  // pull
            return write_in_place(m, r, a[0], pop(m, r));
        case 0x0A:  // split_window: the host decides how to show what
            if constexpr (V >= 3) return;
            return fail_here(m, r, Error::illegal_opcode);
        case 0x0B:  // set_window
            if constexpr (V >= 3) {
                m.control.window = a[0];
                return;
            }
            return fail_here(m, r, Error::illegal_opcode);
        case 0x13:  // output_stream
            select_stream(m, a[0], a[1]);
            return check(m, r);
        case 0x14:  // input_stream: lines come from the host, wherever it has them from
        case 0x15:  // sound_effect: the header says that there is none
            return;
        default:
            return fail_here(m, r, Error::illegal_opcode);
    }
}

}  // namespace tilewright::zmachine
