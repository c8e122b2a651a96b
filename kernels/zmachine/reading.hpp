// The opcodes read and read_char: what the host has left in Machine::input becomes text and words.
//
// Until something is there the batch ends at the instruction, whose operands stay where they are. A
// timed read calls the story's routine when the host has let enough time pass.
#pragma once

#include "control_flow.hpp"
#include "dictionary.hpp"

namespace tilewright::zmachine {

inline u32 lower_case(const Machine& m, u32 c) {
    if (c < 128) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    const u32 unicode = unicode_of(m, c);
    if (unicode == 0x152) return zscii_of(m, 0x153);
    if (unicode < 0xC0 || unicode > 0xDE || unicode == 0xD7) return c;
    const u32 lower = zscii_of(m, unicode + 0x20);
    return lower == 0 ? c : lower;
}

/// Infocom's own interpreters took question marks for spaces, and its stories of version 3 count on
/// that. They name no compiler at 0x3C of the header; the Inform compiler names itself there.
inline bool drops_question_marks(const Machine& m) {
    return load_word(m, 0x3C) == 0;
}

/// Whether the instruction has to wait; if so, it or the story's routine comes next.
TILEWRIGHT_ZMACHINE_INLINE bool must_wait(const Machine& m) {
    return m.control.input_ready == 0 && m.control.timed_out == 0;
}

/// Calls the routine of a timed read: it returns to the read, at `pc`.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void interrupt(Machine& m, Registers& r, u32 routine, u32 pc) {
    m.control.read_counted = 0;
    r.pc = m.memory + pc;
    call<V>(m, r, {.count = 1, .a = routine}, discard_result | interrupt_call);
}

/// Nothing is there: the batch ends at the instruction that `r.pc` is one past of, whose count is
/// taken now and not again. Its time and routine are operands `time` and `time + 1`.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void wait(Machine& m, Registers& r, Status status, u32 time_operand) {
    Control& c = m.control;
    const u32 pc = pc_offset(m, r) - 1;
    r.left += c.read_counted;
    c.read_counted = 1;
    c.time_interval = 0;
    if constexpr (V >= 4) {
        Registers peek = r;  // the operands stay on the stack
        const Operands o = operands(m, peek);
        if (c.error != Error::none) {
            r.left = 0;
            return;
        }
        const u32 time = time_operand == 2 ? o.c : o.b;
        const u32 routine = time_operand == 2 ? o.d : o.c;
        if (o.count > time_operand + 1 && time != 0 && routine != 0) {
            c.time_interval = time;
            if (c.time_passed >= time) {
                c.time_passed -= time;
                return interrupt<V>(m, r, routine, pc);
            }
        }
    }
    if constexpr (V == 3) show_status(m);
    --r.pc;
    c.status = status;
    stop_after(m, r);
}

/// The input has been taken.
inline void end_reading(Machine& m) {
    Control& c = m.control;
    c.input_ready = 0;
    c.input_length = 0;
    c.terminator = 0;
    c.timed_out = 0;
    c.time_interval = 0;
    c.time_passed = 0;
}

/// Puts the waiting line in the text buffer at `text`: before version 5 a byte of room, the text,
/// 0; later room, length, text, behind what it holds already. Words go to the parse buffer unless
/// its address is 0. Gives the key that ended the line.
template <unsigned V>
[[gnu::noinline]] inline u32 read_line(Machine& m, u32 text, u32 parse) {
    Control& c = m.control;
    u32 room = load_byte(m, text);
    if (V <= 4 && room != 0) --room;
    const u32 before = V >= 5 ? load_byte(m, text + 1) : 0;
    room = room > before ? room - before : 0;
    u32 length = c.input_length < max_input ? c.input_length : max_input;
    if (length > room) length = room;
    const u32 first = text + before + (V >= 5 ? 2 : 1);
    const bool drop = V == 3 && drops_question_marks(m);
    for (u32 i = 0; i < length; ++i) {
        const u32 typed = m.input[i];
        store_byte(m, first + i, drop && typed == '?' ? ' ' : lower_case(m, typed));
    }
    if constexpr (V >= 5) {
        store_byte(m, text + 1, before + length);
    } else {
        store_byte(m, first + length, 0);
    }
    const u32 terminator = c.timed_out != 0 ? 0 : c.terminator == 0 ? 13 : c.terminator;
    end_reading(m);
    if (parse != 0) tokenise<V>(m, text, parse, 0, false);
    return terminator;
}

/// The key that read_char gives: the first one typed, the Enter key for an empty line, 0 if the
/// story's routine ended the wait.
inline u32 read_key(Machine& m) {
    const Control& c = m.control;
    const u32 key = c.timed_out != 0 ? 0 : c.input_length == 0 ? 13 : m.input[0];
    end_reading(m);
    return key;
}

}  // namespace tilewright::zmachine
