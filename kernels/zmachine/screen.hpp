// What a story does to the screen: events for the host, which draws as much of it as it can.
//
// The interpreter itself only knows which window is current and where the cursor of the upper one
// is. A batch ends early when many events wait, as it does when much text waits.
#pragma once

#include "registers.hpp"

namespace tilewright::zmachine {

inline void add_event(Machine& m, EventKind kind, u32 a = 0, u32 b = 0, u32 c = 0) {
    Events& events = m.events;
    if (events.count == max_events) {
        ++m.control.dropped_events;
        return;
    }
    events.list[events.count++] = {m.output.length, kind, static_cast<u16>(a), static_cast<u16>(b),
                                   static_cast<u16>(c)};
}

/// Text that does not go to the main window: an event, then as many entries as the bytes fill.
inline void add_text_event(Machine& m, EventKind kind, const u8* text, u32 bytes) {
    if (bytes == 0) return;
    Events& events = m.events;
    constexpr u32 entry = sizeof(Event);
    const u32 entries = (bytes + entry - 1) / entry;
    if (bytes > 0xFFFF || events.count + 1 + entries > max_events) {
        m.control.dropped_events += 1 + entries;
        return;
    }
    add_event(m, kind, bytes);
    Event* room = events.list + events.count;
    room[entries - 1] = {};
    __builtin_memcpy(room, text, bytes);
    events.count += entries;
}

/// Text for the upper window, where it moves the cursor.
inline void print_upper(Machine& m, const u8* text, u32 bytes) {
    add_text_event(m, EventKind::upper_text, text, bytes);
    Control& c = m.control;
    for (u32 i = 0; i < bytes; ++i) {
        if (text[i] == '\n') {
            ++c.cursor_row;
            c.cursor_column = 1;
        } else if ((text[i] & 0xC0) != 0x80) {
            ++c.cursor_column;
        }
    }
}

/// After something that may leave events.
TILEWRIGHT_ZMACHINE_INLINE void check_events(Machine& m, Registers& r) {
    if (m.events.count >= events_high_water) [[unlikely]] {
        if (m.control.status == Status::ready) m.control.status = Status::output_full;
        stop_after(m, r);
    }
    check(m, r);
}

inline void home_cursor(Machine& m) {
    m.control.cursor_row = 1;
    m.control.cursor_column = 1;
}

inline void split_window(Machine& m, u32 rows) {
    m.control.upper_rows = rows;
    if (m.control.cursor_row > rows) home_cursor(m);
    add_event(m, EventKind::split, rows);
}

inline void set_window(Machine& m, u32 window) {
    m.control.window = window;
    if (window == 1) home_cursor(m);
    add_event(m, EventKind::window, window);
}

inline void erase_window(Machine& m, u32 window) {
    add_event(m, EventKind::erase_window, window);
    if (to_signed(window) == -1) {
        m.control.upper_rows = 0;
        m.control.window = 0;
    }
    if (window != 0) home_cursor(m);
}

/// Only the upper window has a cursor that may be set.
inline void set_cursor(Machine& m, u32 row, u32 column) {
    if (m.control.window == 0) return;
    m.control.cursor_row = row == 0 ? 1 : row;
    m.control.cursor_column = column == 0 ? 1 : column;
    add_event(m, EventKind::cursor, m.control.cursor_row, m.control.cursor_column);
}

/// The opcode get_cursor: row and column, of the upper window.
inline void get_cursor(Machine& m, u32 table) {
    store_word(m, table, m.control.cursor_row);
    store_word(m, (table + 2) & 0xFFFF, m.control.cursor_column);
}

/// The opcode set_font: gives the font before, or 0 for one that there is not; 0 only asks.
inline u32 set_font(Machine& m, u32 font) {
    const u32 before = m.control.font;
    if (font > 1) return 0;
    if (font == 1) m.control.font = 1;
    return before;
}

/// The status line of versions 1 to 3, from the first three global variables.
inline void show_status(Machine& m) {
    const u32 globals = m.control.globals;
    add_event(m, EventKind::status, load_word(m, globals), load_word(m, globals + 2),
              load_word(m, globals + 4));
}

}  // namespace tilewright::zmachine
