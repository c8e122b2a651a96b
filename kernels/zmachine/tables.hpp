// Tables of bytes and words in the story's memory: copied, searched, printed.
#pragma once

#include "output.hpp"

namespace tilewright::zmachine {

/// The opcode copy_table: to `second`, or zeros if that is 0. A negative size copies from the
/// first byte on, whatever that overwrites; a positive one keeps the source whole.
[[gnu::noinline]] inline void copy_table(Machine& m, u32 first, u32 second, u32 size) {
    const std::int32_t wanted = to_signed(size);
    const u32 count = static_cast<u32>(wanted < 0 ? -wanted : wanted);
    const auto byte = [](u32 address) { return address & 0xFFFF; };
    if (second == 0) {
        for (u32 i = 0; i < count; ++i) store_byte(m, byte(first + i), 0);
    } else if (wanted < 0 || first > second) {
        for (u32 i = 0; i < count; ++i) {
            store_byte(m, byte(second + i), load_byte(m, byte(first + i)));
        }
    } else {
        for (u32 i = count; i-- != 0;) {
            store_byte(m, byte(second + i), load_byte(m, byte(first + i)));
        }
    }
}

/// The opcode scan_table: address of the first of `count` fields that holds `x`, or 0. `form` is
/// the length of a field, with bit 7 if words are compared.
[[gnu::noinline]] inline u32 scan_table(const Machine& m, u32 x, u32 table, u32 count, u32 form) {
    for (u32 i = 0; i < count; ++i) {
        const u32 address = (table + i * (form & 0x7F)) & 0xFFFF;
        const u32 field = (form & 0x80) != 0 ? load_word(m, address) : load_byte(m, address);
        if (field == x) return address;
    }
    return 0;
}

/// The opcode print_table: `height` lines of `width` characters, `skip` apart, below each other.
[[gnu::noinline]] inline void print_table(Machine& m, u32 table, u32 width, u32 height, u32 skip) {
    const u32 column = m.control.cursor_column;
    for (u32 line = 0; line < height; ++line) {
        if (line != 0) {
            if (m.control.window == 0) {
                print_zscii(m, 13);
            } else {
                set_cursor(m, m.control.cursor_row + 1, column);
            }
        }
        for (u32 i = 0; i < width; ++i) print_zscii(m, load_byte(m, table++ & 0xFFFF));
        table += skip;
    }
}

}  // namespace tilewright::zmachine
