// The way back: from typed text to the dictionary.
//
// A word is packed like the story's own text, cut to 6 characters (9 from version 4 on), and looked
// up: by bisection, or one by one in a dictionary whose count is negative, for it is not sorted.
#pragma once

#include "text.hpp"

namespace tilewright::zmachine {

template <unsigned V>
inline constexpr u32 word_characters = V <= 3 ? 6 : 9;

/// A packed word, in 2 or 3 words of the story.
struct Packed {
    u32 words[3];
};

/// Typed text is of lower case: A0, then A2; A1 serves a story's own alphabet.
inline constexpr u32 row_order[] = {0, 2, 1};

/// Packs `length` ZSCII characters of lower case.
template <unsigned V>
inline Packed pack(const Machine& m, const u8* text, u32 length) {
    constexpr u32 room = word_characters<V>;
    const u32 shift = m.control.version <= 2 ? 1 : 3;
    u8 z[room + 3];
    u32 n = 0;
    for (u32 i = 0; i < length && n < room; ++i) {
        const u32 zscii = text[i];
        u32 row = 0;
        u32 found = 0;
        for (const u32 candidate : row_order) {
            for (u32 c = candidate == 2 ? 7 : 6; c < 32 && found == 0; ++c) {
                if (alphabet_character<V>(m, candidate, c) == zscii) found = c;
            }
            if (found != 0) {
                row = candidate;
                break;
            }
        }
        if (found != 0) {
            if (row != 0) z[n++] = static_cast<u8>(shift + row);
            z[n++] = static_cast<u8>(found);
        } else {
            z[n++] = static_cast<u8>(shift + 2);
            z[n++] = 6;
            if (n < room) z[n++] = static_cast<u8>(zscii >> 5);
            if (n < room) z[n++] = static_cast<u8>(zscii & 31);
        }
    }
    while (n < room) z[n++] = 5;
    Packed packed{};
    for (u32 i = 0; i < room / 3; ++i) {
        packed.words[i] =
            static_cast<u32>(z[3 * i]) << 10 | static_cast<u32>(z[3 * i + 1]) << 5 | z[3 * i + 2];
    }
    packed.words[room / 3 - 1] |= 0x8000;
    return packed;
}

/// Negative, 0 or positive as the packed word comes before, at or after the entry at `address`.
template <unsigned V>
inline std::int32_t compare_entry(const Machine& m, const Packed& word, u32 address) {
    for (u32 i = 0; i < word_characters<V> / 3; ++i) {
        const u32 entry = load_word(m, (address + 2 * i) & 0xFFFF);
        if (word.words[i] != entry) return word.words[i] < entry ? -1 : 1;
    }
    return 0;
}

/// Address of the entry in the dictionary at `dictionary`, or 0.
template <unsigned V>
inline u32 look_up(const Machine& m, const Packed& word, u32 dictionary) {
    const u32 at = dictionary + 1 + load_byte(m, dictionary);
    const u32 entry_bytes = load_byte(m, at);
    const std::int32_t count = to_signed(load_word(m, at + 1));
    const u32 entries = at + 3;
    if (count < 0) {
        for (u32 i = 0; i < static_cast<u32>(-count); ++i) {
            const u32 address = (entries + i * entry_bytes) & 0xFFFF;
            if (compare_entry<V>(m, word, address) == 0) return address;
        }
        return 0;
    }
    std::int32_t lower = 0;
    std::int32_t upper = count - 1;
    while (lower <= upper) {
        const std::int32_t middle = (lower + upper) / 2;
        const u32 address = (entries + static_cast<u32>(middle) * entry_bytes) & 0xFFFF;
        const std::int32_t order = compare_entry<V>(m, word, address);
        if (order == 0) return address;
        if (order > 0) {
            lower = middle + 1;
        } else {
            upper = middle - 1;
        }
    }
    return 0;
}

/// The opcode encode_text: `length` characters at `text + from`, packed, to `target`.
template <unsigned V>
[[gnu::noinline]] inline void encode_text(Machine& m, u32 text, u32 length, u32 from, u32 target) {
    const Packed word = pack<V>(m, m.memory + ((text + from) & 0xFFFF), length);
    for (u32 i = 0; i < word_characters<V> / 3; ++i) {
        store_word(m, (target + 2 * i) & 0xFFFF, word.words[i]);
    }
}

/// A line of text cut into words, each with its entry, in the parse buffer at `parse`: a byte of
/// room, a byte of count, then for each word address, length and position. With `only_known`
/// unknown words leave their slot as it is.
template <unsigned V>
[[gnu::noinline]] inline void tokenise(Machine& m, u32 text, u32 parse, u32 dictionary,
                                       bool only_known) {
    if (dictionary == 0) dictionary = m.control.dictionary;
    const u32 separators = load_byte(m, dictionary);
    const u32 first = text + (V >= 5 ? 2 : 1);
    // Before version 5 the text ends with 0.
    const u32 length = V >= 5 ? load_byte(m, text + 1) : max_input + 1;
    const u32 room = load_byte(m, parse);
    u32 count = 0;
    u32 start = 0;  // of the word we are in; 0: in none
    const auto add = [&](u32 from, u32 to) {
        if (count >= room) return;
        const u32 slot = parse + 2 + 4 * count++;
        const Packed word = pack<V>(m, m.memory + from, to - from);
        const u32 entry = look_up<V>(m, word, dictionary);
        if (entry == 0 && only_known) return;
        store_word(m, slot, entry);
        store_byte(m, slot + 2, to - from);
        store_byte(m, slot + 3, from - text);
    };
    for (u32 at = first;; ++at) {
        const u32 c = at - first < length ? load_byte(m, at) : 0;
        bool separator = false;
        for (u32 i = 1; i <= separators && c != 0; ++i) {
            separator = separator || load_byte(m, dictionary + i) == c;
        }
        if (!separator && c != ' ' && c != 0) {
            if (start == 0) start = at;
            continue;
        }
        if (start != 0) add(start, at);
        start = 0;
        if (separator) add(at, at + 1);
        if (c == 0) break;
    }
    store_byte(m, parse + 1, count);
}

}  // namespace tilewright::zmachine
