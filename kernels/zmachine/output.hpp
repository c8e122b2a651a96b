// Where text goes: the screen (stream 1), the transcript (stream 2), tables (stream 3).
//
// All text is first written behind what the output buffer already holds; finish_text() then leaves
// it there, moves it into the table of stream 3 or among the events, or takes it back. So decoding
// knows one target.
#pragma once

#include "screen.hpp"

namespace tilewright::zmachine {

enum Stream : u32 { stream_screen = 1, stream_transcript = 2, stream_table = 4, stream_record = 8 };

/// Where a writer puts the next byte, and the last place where it may put one.
struct Text {
    u8* out;
    u8* limit;
};

/// A few bytes are held back, so that a writer needs to look at `limit` only once every few bytes.
inline constexpr u32 text_slack = 16;

inline Text begin_text(Machine& m) {
    return {m.output.bytes + m.output.length, m.output.bytes + output_bytes - text_slack};
}

inline bool to_table(const Machine& m) {
    return (m.control.streams & stream_table) != 0;
}

/// The Unicode characters of ZSCII 155 to 223, as the Standard lists them (3.8.5.3).
inline constexpr u16 default_unicode[] = {
    0xE4, 0xF6, 0xFC, 0xC4, 0xD6, 0xDC, 0xDF, 0xBB, 0xAB, 0xEB,  0xEF,  0xFF, 0xCB, 0xCF,
    0xE1, 0xE9, 0xED, 0xF3, 0xFA, 0xFD, 0xC1, 0xC9, 0xCD, 0xD3,  0xDA,  0xDD, 0xE0, 0xE8,
    0xEC, 0xF2, 0xF9, 0xC0, 0xC8, 0xCC, 0xD2, 0xD9, 0xE2, 0xEA,  0xEE,  0xF4, 0xFB, 0xC2,
    0xCA, 0xCE, 0xD4, 0xDB, 0xE5, 0xC5, 0xF8, 0xD8, 0xE3, 0xF1,  0xF5,  0xC3, 0xD1, 0xD5,
    0xE6, 0xC6, 0xE7, 0xC7, 0xFE, 0xF0, 0xDE, 0xD0, 0xA3, 0x153, 0x152, 0xA1, 0xBF};

inline u32 unicode_of(const Machine& m, u32 zscii) {
    const u32 index = zscii - 155;
    if (const u32 table = m.control.unicode_table; table != 0) {
        return index < load_byte(m, table) ? load_word(m, table + 1 + 2 * index) : '?';
    }
    return index < sizeof default_unicode / sizeof default_unicode[0] ? default_unicode[index]
                                                                      : '?';
}

inline u8* put_unicode(u8* out, u32 c) {
    if (c < 0x80) {
        *out++ = static_cast<u8>(c);
    } else if (c < 0x800) {
        *out++ = static_cast<u8>(0xC0 | c >> 6);
        *out++ = static_cast<u8>(0x80 | (c & 0x3F));
    } else {
        *out++ = static_cast<u8>(0xE0 | c >> 12);
        *out++ = static_cast<u8>(0x80 | (c >> 6 & 0x3F));
        *out++ = static_cast<u8>(0x80 | (c & 0x3F));
    }
    return out;
}

/// Any ZSCII character that may be printed; others leave no trace. At most 3 bytes.
[[gnu::noinline]] inline u8* put_zscii(const Machine& m, u8* out, u32 c) {
    if (c >= 32 && c <= 126) {
        *out++ = static_cast<u8>(c);
    } else if (to_table(m)) {
        if (c != 0) *out++ = static_cast<u8>(c);
    } else if (c == 13) {
        *out++ = '\n';
    } else if (c >= 155 && c <= 251) {
        out = put_unicode(out, unicode_of(m, c));
    }
    return out;
}

/// The text just written belongs in the innermost table of stream 3: its length, then its bytes.
inline void move_to_table(Machine& m, const u8* end) {
    const u32 table = m.control.redirection[m.control.redirections - 1];
    u32 length = load_word(m, table);
    for (const u8* p = m.output.bytes + m.output.length; p != end; ++p) {
        store_byte(m, (table + 2 + length++) & 0xFFFF, *p);
    }
    store_word(m, table, length & 0xFFFF);
}

/// The text just written is not for the main window: it goes among the events.
[[gnu::noinline]] inline void print_elsewhere(Machine& m, const u8* end) {
    const u8* text = m.output.bytes + m.output.length;
    const u32 bytes = static_cast<u32>(end - text);
    if ((m.control.streams & stream_screen) != 0) {
        print_upper(m, text, bytes);
    } else if ((m.memory[0x11] & 1) != 0 && m.control.window == 0) {
        add_text_event(m, EventKind::transcript, text, bytes);
    }
}

/// Ends what begin_text() began; `end` is one past the last byte written.
inline void finish_text(Machine& m, const u8* end) {
    const Control& c = m.control;
    if (to_table(m)) [[unlikely]] {
        move_to_table(m, end);
    } else if ((c.streams & stream_screen) != 0 && c.window == 0) [[likely]] {
        m.output.length = static_cast<u32>(end - m.output.bytes);
    } else {
        print_elsewhere(m, end);
    }
}

inline void print_zscii(Machine& m, u32 c) {
    const Text text = begin_text(m);
    if (text.out >= text.limit) {
        ++m.control.dropped_output;
        return;
    }
    finish_text(m, put_zscii(m, text.out, c));
}

inline void print_ascii(Machine& m, const char* s) {
    for (; *s != '\0'; ++s) print_zscii(m, *s == '\n' ? 13 : static_cast<u8>(*s));
}

/// A number without leading zeros, in base 10 or 16.
inline void print_unsigned(Machine& m, u32 value, u32 base) {
    char digits[12];
    char* p = digits + sizeof digits - 1;
    *p = '\0';
    do {
        *--p = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    print_ascii(m, p);
}

inline void print_number(Machine& m, u32 value) {
    const std::int32_t number = to_signed(value);
    if (number < 0) print_zscii(m, '-');
    print_unsigned(m, static_cast<u32>(number < 0 ? -number : number), 10);
}

/// The ZSCII character for a Unicode one, or 0.
inline u32 zscii_of(const Machine& m, u32 unicode) {
    if (unicode >= 32 && unicode <= 126) return unicode;
    if (unicode == 10) return 13;
    for (u32 zscii = 155; unicode >= 0xA0 && zscii <= 251; ++zscii) {
        if (unicode_of(m, zscii) == unicode) return zscii;
    }
    return 0;
}

/// The opcode print_unicode. A table gets ZSCII, with a question mark for what there is not.
inline void print_unicode(Machine& m, u32 unicode) {
    const Text text = begin_text(m);
    if (text.out >= text.limit) {
        ++m.control.dropped_output;
        return;
    }
    // Control characters and halves of surrogate pairs are no characters.
    const bool printable = (unicode >= 32 && unicode < 0x7F) || unicode >= 0xA0;
    const bool character = printable && (unicode < 0xD800 || unicode > 0xDFFF);
    if (to_table(m)) {
        const u32 zscii = character ? zscii_of(m, unicode) : 0;
        *text.out = zscii == 0 ? '?' : static_cast<u8>(zscii);
        return finish_text(m, text.out + 1);
    }
    finish_text(m, put_unicode(text.out, character ? unicode : '?'));
}

/// The opcode check_unicode: bit 0 if it can be printed, bit 1 if it can be typed.
inline u32 check_unicode(const Machine& m, u32 unicode) {
    if (unicode < 32 || (unicode >= 0x7F && unicode < 0xA0)) return 0;
    if (unicode >= 0xD800 && unicode <= 0xDFFF) return 0;
    return zscii_of(m, unicode) != 0 ? 3 : 1;
}

/// The opcode output_stream: opens stream `number`, or closes it if negative.
inline void select_stream(Machine& m, u32 number, u32 table) {
    Control& c = m.control;
    switch (to_signed(number)) {
        case 1:
            c.streams |= stream_screen;
            return add_event(m, EventKind::stream, 1, 1);
        case -1:
            c.streams &= ~static_cast<u32>(stream_screen);
            return add_event(m, EventKind::stream, 1, 0);
        // The story's own view of the transcript is bit 0 of the word at 0x10 of its header.
        case 2:
            m.memory[0x11] |= 1;
            return add_event(m, EventKind::stream, 2, 1);
        case -2:
            m.memory[0x11] &= 0xFE;
            return add_event(m, EventKind::stream, 2, 0);
        case 3:
            if (c.redirections == max_redirections) return fail(m, Error::redirection_too_deep);
            c.redirection[c.redirections++] = table;
            c.streams |= stream_table;
            store_word(m, table, 0);
            break;
        case -3:
            if (c.redirections != 0) --c.redirections;
            if (c.redirections == 0) c.streams &= ~static_cast<u32>(stream_table);
            break;
        // The host knows what was typed: it keeps the record.
        case 4:
            c.streams |= stream_record;
            return add_event(m, EventKind::stream, 4, 1);
        case -4:
            c.streams &= ~static_cast<u32>(stream_record);
            return add_event(m, EventKind::stream, 4, 0);
        default:
            break;
    }
}

}  // namespace tilewright::zmachine
