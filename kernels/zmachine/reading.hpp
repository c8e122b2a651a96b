// The opcode read: a line that the host has left in Machine::input becomes text and words.
#pragma once

#include "dictionary.hpp"
#include "registers.hpp"

namespace tilewright::zmachine {

inline u32 lower_case(u32 c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/// Infocom's own interpreters took question marks for spaces, and its stories count on that. They
/// name no compiler at 0x3C of the header; the Inform compiler names itself there.
inline bool drops_question_marks(const Machine& m) {
    return load_word(m, 0x3C) == 0;
}

/// No line is there: the batch ends at the read, whose count is taken now and not again.
TILEWRIGHT_ZMACHINE_INLINE void wait_for_line(Machine& m, Registers& r) {
    Control& c = m.control;
    r.left += c.read_counted;
    c.read_counted = 1;
    c.status = Status::waiting_for_line;
    stop_after(m, r);
}

/// Puts the waiting line in the text buffer at `text`: before version 5 a byte of room, the text,
/// 0; later room, length, text. Words go to the parse buffer unless its address is 0.
template <unsigned V>
[[gnu::noinline]] inline void read_line(Machine& m, u32 text, u32 parse) {
    Control& c = m.control;
    u32 room = load_byte(m, text);
    if (V <= 4 && room != 0) --room;
    u32 length = c.input_length < max_input ? c.input_length : max_input;
    if (length > room) length = room;
    const u32 first = text + (V >= 5 ? 2 : 1);
    const bool drop = drops_question_marks(m);
    for (u32 i = 0; i < length; ++i) {
        const u32 typed = m.input[i];
        store_byte(m, first + i, drop && typed == '?' ? ' ' : lower_case(typed));
    }
    if constexpr (V >= 5) {
        store_byte(m, text + 1, length);
    } else {
        store_byte(m, first + length, 0);
    }
    c.input_ready = 0;
    c.input_length = 0;
    if (parse != 0) tokenise<V>(m, text, parse, 0, false);
}

}  // namespace tilewright::zmachine
