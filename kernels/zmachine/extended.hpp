// Instructions of version 5 and later whose first byte is 0xBE and whose number is the second.
#pragma once

#include "files.hpp"
#include "undo.hpp"

namespace tilewright::zmachine {

/// Shifts left by a positive number of places, right by a negative one, of at most 15.
inline u32 log_shift(u32 value, u32 places) {
    const std::int32_t n = to_signed(places);
    if (n > 15 || n < -15) return 0;
    return n >= 0 ? value << n & 0xFFFF : value >> -n;
}
inline u32 art_shift(u32 value, u32 places) {
    const std::int32_t n = to_signed(places);
    if (n > 15) return 0;
    const std::int32_t right = n < -15 ? 15 : -n;
    return n >= 0 ? value << n & 0xFFFF : static_cast<u32>(to_signed(value) >> right) & 0xFFFF;
}

template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void extended(Machine& m, Registers& r) {
    if constexpr (V < 5) {
        return fail_here(m, r, Error::illegal_opcode);
    } else {
        const u32 opcode = code_byte(r);
        const Operands o = operands(m, r);
        switch (opcode) {
            case 0x00:  // save
                return request_file(m, r, Status::saving, o);
            case 0x01:  // restore
                return request_file(m, r, Status::restoring, o);
            case 0x02:  // log_shift
                return store_result(m, r, log_shift(o.a, o.b));
            case 0x03:  // art_shift
                return store_result(m, r, art_shift(o.a, o.b));
            case 0x04:  // set_font
                return store_result(m, r, set_font(m, o.a));
            case 0x09:  // save_undo
                save_registers(m, r);
                save_undo(m);
                return store_result(m, r, 1);
            case 0x0A: {  // restore_undo
                if (!restore_undo(m)) return store_result(m, r, 0);
                const u32 left = r.left;
                r = load_registers(m, left);
                return store_result(m, r, 2);
            }
            case 0x0B:  // print_unicode
                print_unicode(m, o.a);
                return check_text(m, r);
            case 0x0C:  // check_unicode
                return store_result(m, r, check_unicode(m, o.a));
            case 0x0D:  // set_true_colour
                add_event(m, EventKind::true_colour, o.a, o.b);
                return check_events(m, r);
            default:
                return fail_here(m, r, Error::illegal_opcode);
        }
    }
}

}  // namespace tilewright::zmachine
