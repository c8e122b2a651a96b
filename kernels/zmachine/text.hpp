// Decoding of the packed text of a story: three 5-bit characters a word.
//
// Machine::alphabet holds four rows of 32: A0, A1, A2, and a row of zeros. A character that prints
// as one byte of ASCII stands in its row; 0 sends it the slow way: shifts, abbreviations, escapes.
// While an abbreviation or an escape is incomplete the row of zeros is current.
#pragma once

#include "output.hpp"

namespace tilewright::zmachine {

inline constexpr u32 alphabet_row = 32;
inline constexpr u32 no_escape = 0xFFFF'FFFF;

/// The ZSCII character that `c` (6 to 31) stands for in row 0 to 2; A2's 6 is the escape instead.
template <unsigned V>
inline u32 alphabet_character(const Machine& m, u32 row, u32 c) {
    if constexpr (V >= 5) {
        // Word 0x34 of the header: the address of the story's own alphabets, 26 bytes each.
        if (const u32 own = load_word(m, 0x34); own != 0) {
            return row == 2 && c == 7 ? 13 : load_byte(m, own + 26 * row + c - 6);
        }
    }
    if (row == 0) return 'a' + c - 6;
    if (row == 1) return 'A' + c - 6;
    if (V == 3 && m.control.version == 1) {
        return static_cast<u8>(" 0123456789.,!?_#'\"/\\<-:()"[c - 6]);
    }
    return static_cast<u8>(" \r0123456789.,!?_#'\"/\\-:()"[c - 6]);
}

template <unsigned V>
inline void fill_alphabet(Machine& m) {
    for (u8& entry : m.alphabet) entry = 0;
    for (u32 row = 0; row < 3; ++row) {
        m.alphabet[row * alphabet_row] = ' ';
        for (u32 c = row == 2 ? 7 : 6; c < 32; ++c) {
            const u32 zscii = alphabet_character<V>(m, row, c);
            if (zscii >= 32 && zscii <= 126) {
                m.alphabet[row * alphabet_row + c] = static_cast<u8>(zscii);
            }
        }
    }
}

/// Where decoding ended in the story, and in the text.
struct Decoded {
    const u8* source;
    u8* out;
};

template <unsigned V>
Decoded decode(Machine& m, const u8* source, Text text, bool in_abbreviation);

/// What the row of the alphabet cannot say. Keeps the state of one string being decoded.
template <unsigned V>
struct Shifter {
    const u8* row;
    const u8* locked;  ///< the row to go back to: versions 1 and 2 can lock another than A0
    u32 abbreviation;  ///< 1 to 3 while its number is awaited
    u32 escape;        ///< no_escape, 0x100 before the upper half, 0x200 | upper half after it

    u8* take(Machine& m, u32 c, Text text, bool in_abbreviation) {
        u8* out = text.out;
        if (abbreviation != 0) {
            const u32 entry = 32 * (abbreviation - 1) + c;
            abbreviation = 0;
            row = locked;
            const u32 at = load_word(m, m.control.abbreviations + 2 * entry) * 2;
            return decode<V>(m, m.memory + at, text, true).out;
        }
        if (escape == 0x100) {
            escape = 0x200 | c;
            return out;
        }
        if (escape != no_escape) {
            const u32 zscii = (escape & 0x1F) << 5 | c;
            escape = no_escape;
            row = locked;
            return put_zscii(m, out, zscii);
        }
        const u32 current = static_cast<u32>(row - m.alphabet) / alphabet_row;
        if (c >= 6) {
            row = locked;
            if (current == 2 && c == 6) {
                escape = 0x100;
                row = m.alphabet + 3 * alphabet_row;
                return out;
            }
            return put_zscii(m, out, alphabet_character<V>(m, current, c));
        }
        return shift(m, c, out, in_abbreviation);
    }

private:
    u8* shift(Machine& m, u32 c, u8* out, bool in_abbreviation) {
        const u32 version = V == 3 ? m.control.version : V;
        if (version == 1 && c == 1) {
            row = locked;
            return put_zscii(m, out, 13);
        }
        if ((version >= 3 && c <= 3) || (version == 2 && c == 1)) {
            // An abbreviation inside an abbreviation is illegal, and could go round for ever.
            if (!in_abbreviation) {
                abbreviation = c;
                row = m.alphabet + 3 * alphabet_row;
            }
            return out;
        }
        if (version >= 3) {
            row = m.alphabet + (c - 3) * alphabet_row;
        } else {
            // 2 and 4 go one row on from the locked one, 3 and 5 one back; 4 and 5 stay there.
            const u32 base = static_cast<u32>(locked - m.alphabet) / alphabet_row;
            const u32 next = (base + ((c & 1) == 0 ? 1 : 2)) % 3;
            row = m.alphabet + next * alphabet_row;
            if (c >= 4) locked = row;
        }
        return out;
    }
};

/// Decodes the string at `source` to its end, or to the end of the story or of the room.
template <unsigned V>
[[gnu::noinline]] inline Decoded decode(Machine& m, const u8* source, Text text,
                                        bool in_abbreviation) {
    const u8* const end = m.memory + m.control.story_bytes;
    Shifter<V> shifter{m.alphabet, m.alphabet, 0, no_escape};
    for (;;) {
        if (source >= end) [[unlikely]] {
            fail(m, Error::text_outside_story);
            break;
        }
        const u32 word = word_at(source);
        source += 2;
        if (text.out >= text.limit) [[unlikely]] {
            m.control.dropped_output += 3;
        } else {
            const u32 characters[] = {word >> 10 & 31, word >> 5 & 31, word & 31};
            for (const u32 c : characters) {
                if (const u8 plain = shifter.row[c]; plain != 0) [[likely]] {
                    *text.out++ = plain;
                    shifter.row = shifter.locked;
                } else {
                    text.out = shifter.take(m, c, text, in_abbreviation);
                }
            }
        }
        if ((word & 0x8000) != 0) break;
    }
    return {source, text.out};
}

/// Prints the string at a byte address; gives the address behind it.
template <unsigned V>
inline const u8* print_string(Machine& m, const u8* source) {
    const Decoded d = decode<V>(m, source, begin_text(m), false);
    finish_text(m, d.out);
    return d.source;
}

}  // namespace tilewright::zmachine
