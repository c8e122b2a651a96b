// Instructions of any number of operands.
#pragma once

#include "control_flow.hpp"
#include "operands.hpp"
#include "output.hpp"
#include "properties.hpp"
#include "random.hpp"
#include "reading.hpp"
#include "stores.hpp"
#include "tables.hpp"
#include "warning.hpp"

namespace tilewright::zmachine {

/// Counted when it was met, if it had to wait then.
TILEWRIGHT_ZMACHINE_INLINE void count_read(Machine& m, Registers& r) {
    r.left += m.control.read_counted;
    m.control.read_counted = 0;
}

/// The instructions of the screen: none gives a result.
template <unsigned V>
[[gnu::noinline]] inline void draw(Machine& m, u32 opcode, u32 a, u32 b, u32 c) {
    // The number of the first version that has them; in versions 1 and 2 there is none.
    const u32 since = opcode <= 0x0B || opcode >= 0x13 ? 3 : 4;
    if (m.control.version < since) return fail(m, Error::illegal_opcode);
    switch (opcode) {
        case 0x0A:
            return split_window(m, a);
        case 0x0B:
            return set_window(m, a);
        case 0x0D:
            return erase_window(m, a);
        case 0x0E:  // only the value 1 has a meaning
            if (a == 1) add_event(m, EventKind::erase_line);
            return;
        case 0x0F:
            return set_cursor(m, a, b);
        case 0x10:
            return get_cursor(m, a);
        case 0x11:
            return add_event(m, EventKind::style, a);
        case 0x12:
            return add_event(m, EventKind::buffering, a);
        case 0x13:
            return select_stream(m, a, b);
        case 0x14:  // lines come from the host, wherever it has them from
            return add_event(m, EventKind::input_stream, a);
        default:  // 0x15: sound_effect
            return add_event(m, EventKind::sound, a, b, c);
    }
}

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void many_operands(Machine& m, Registers& r, u32 opcode,
                                              const Operands& o) {
    switch (opcode) {
        case 0x00:  // call
            return call<V>(m, r, o, 0);
        case 0x01:  // storew
            return storew(m, r, (o.a + 2u * o.b) & 0xFFFF, o.c);
        case 0x02:  // storeb
            return storeb(m, r, (o.a + o.b) & 0xFFFF, o.c);
        case 0x03:  // put_prop
            if (o.a == 0) [[unlikely]]
                return warn_here(m, r, Warning::put_prop);
            put_property<V>(m, o.a, o.b, o.c);
            return check(m, r);
        case 0x04: {  // read
            count_read(m, r);
            const u32 terminator = read_line<V>(m, o.a, o.b);
            if constexpr (V >= 5) store_result(m, r, terminator);
            return check(m, r);
        }
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
        case 0x0C:  // call_vs2
            if constexpr (V >= 4) return call<V>(m, r, o, 0);
            break;
        case 0x0A:  // split_window
        case 0x0B:  // set_window
        case 0x13:  // output_stream
        case 0x14:  // input_stream
        case 0x15:  // sound_effect
            draw<V>(m, opcode, o.a, o.b, o.c);
            return check_events(m, r);
        case 0x0D:  // erase_window
        case 0x0E:  // erase_line
        case 0x0F:  // set_cursor
        case 0x10:  // get_cursor
        case 0x11:  // set_text_style
        case 0x12:  // buffer_mode
            if constexpr (V >= 4) {
                draw<V>(m, opcode, o.a, o.b, o.c);
                return check_events(m, r);
            }
            break;
        case 0x16:  // read_char
            if constexpr (V >= 4) {
                count_read(m, r);
                return store_result(m, r, read_key(m));
            }
            break;
        case 0x17:  // scan_table
            if constexpr (V >= 4) {
                const u32 found = scan_table(m, o.a, o.b, o.c, o.count > 3 ? o.d : 0x82);
                store_result(m, r, found);
                return branch(m, r, found != 0);
            }
            break;
        case 0x18:  // not
            if constexpr (V >= 5) return store_result(m, r, ~o.a & 0xFFFF);
            break;
        case 0x19:  // call_vn
        case 0x1A:  // call_vn2
            if constexpr (V >= 5) return call<V>(m, r, o, discard_result);
            break;
        case 0x1B:  // tokenise
            if constexpr (V >= 5) {
                tokenise<V>(m, o.a, o.b, o.c, o.d != 0);
                return check(m, r);
            }
            break;
        case 0x1C:  // encode_text
            if constexpr (V >= 5) {
                encode_text<V>(m, o.a, o.b, o.c, o.d);
                return check(m, r);
            }
            break;
        case 0x1D:  // copy_table
            if constexpr (V >= 5) {
                copy_table(m, o.a, o.b, o.c);
                return check(m, r);
            }
            break;
        case 0x1E:  // print_table
            if constexpr (V >= 5) {
                print_table(m, o.a, o.b, o.count > 2 ? o.c : 1, o.d);
                return check_text(m, r);
            }
            break;
        case 0x1F:  // check_arg_count
            if constexpr (V >= 5) {
                const u32 given = r.frame == m.frames ? 0u : r.frame[-1].call & argument_mask;
                return branch(m, r, o.a <= given);
            }
            break;
        default:
            break;
    }
    return fail_here(m, r, Error::illegal_opcode);
}

}  // namespace tilewright::zmachine
