// A story becomes a game: its header is checked, told about the interpreter, and started.
#pragma once

#include "random.hpp"
#include "text.hpp"

namespace tilewright::zmachine {

/// Offsets in the header of a story; the Standard, chapter 11.
namespace header {
inline constexpr u32 version = 0x00;
inline constexpr u32 flags1 = 0x01;
inline constexpr u32 start = 0x06;
inline constexpr u32 dictionary = 0x08;
inline constexpr u32 objects = 0x0A;
inline constexpr u32 globals = 0x0C;
inline constexpr u32 static_memory = 0x0E;
inline constexpr u32 flags2 = 0x10;
inline constexpr u32 abbreviations = 0x18;
inline constexpr u32 length = 0x1A;
inline constexpr u32 checksum = 0x1C;
inline constexpr u32 interpreter = 0x1E;
inline constexpr u32 screen_rows = 0x20;
inline constexpr u32 screen_columns = 0x21;
inline constexpr u32 screen_width = 0x22;
inline constexpr u32 screen_height = 0x24;
inline constexpr u32 font_size = 0x26;
inline constexpr u32 routines = 0x28;
inline constexpr u32 strings = 0x2A;
inline constexpr u32 standard = 0x32;
inline constexpr u32 extension = 0x36;
inline constexpr u32 bytes = 0x40;
}  // namespace header

inline bool supported(u32 version) {
    return version >= 1 && version <= 8 && version != 6;
}

/// What the header's length counts in.
inline u32 length_unit(u32 version) {
    return version <= 3 ? 2 : version <= 5 ? 4 : 8;
}

inline constexpr u8 rows = 24;
inline constexpr u8 columns = 80;

/// Tells the story what it runs on, with the bits that Frotz gives for a plain terminal: a screen
/// of 24 lines that can be split, timed input, no sound, revision 1.1 of the Standard.
inline void announce_interpreter(Machine& m) {
    u8* h = m.memory;
    const u32 version = m.control.version;
    if (version <= 3) {
        h[header::flags1] |= 0x20;
        h[header::flags2 + 1] &= static_cast<u8>(~0x10);
    } else {
        h[header::flags1] |= 0x80;
        h[header::interpreter] = 1;
        h[header::interpreter + 1] = 'F';
        h[header::screen_rows] = rows;
        h[header::screen_columns] = columns;
    }
    if (version >= 5) {
        h[header::flags2] &= 0xFE;
        h[header::flags2 + 1] &= 0x5F;
        put_word(h + header::screen_width, columns);
        put_word(h + header::screen_height, rows);
        h[header::font_size] = h[header::font_size + 1] = 1;
    }
    h[header::standard] = 1;
    h[header::standard + 1] = 1;
}

/// Sets everything to where a game begins; dynamic memory holds the story's own.
inline void start_story(Machine& m) {
    announce_interpreter(m);
    Control& c = m.control;
    c.pc = load_word(m, header::start);
    c.sp = c.locals = c.local_count = c.frames = 0;
    c.streams = stream_screen;
    c.window = 0;
    c.redirections = 0;
    c.upper_rows = 0;
    c.font = 1;
    c.pending = c.read_counted = c.timed_out = 0;
    home_cursor(m);
    seed_random(m, 0);
}

/// The bits of Flags 2 that belong to the player's session, not to the game: transcript, fixed
/// pitch. They survive restart and restore.
inline u32 session_bits(const Machine& m) {
    return m.memory[header::flags2 + 1] & 3;
}
inline void set_session_bits(Machine& m, u32 bits) {
    u8& flags = m.memory[header::flags2 + 1];
    flags = static_cast<u8>((flags & ~3u) | bits);
}

/// The opcode restart. The transcript goes on if it was on.
[[gnu::noinline]] inline void restart_story(Machine& m) {
    const u32 session = session_bits(m);
    for (u32 i = 0; i < m.control.dynamic_bytes; ++i) m.memory[i] = m.pristine[i];
    set_session_bits(m, session);
    start_story(m);
    add_event(m, EventKind::erase_window, 0xFFFF);
}

/// The opcode verify: whether the bytes behind the header add up to what the header says.
[[gnu::noinline]] inline bool verify_story(const Machine& m) {
    const Control& c = m.control;
    u32 sum = 0;
    for (u32 i = header::bytes; i < c.dynamic_bytes; ++i) sum += m.pristine[i];
    for (u32 i = c.dynamic_bytes > header::bytes ? c.dynamic_bytes : header::bytes;
         i < c.story_bytes; ++i) {
        sum += m.memory[i];
    }
    return (sum & 0xFFFF) == word_at(m.pristine + header::checksum);
}

/// Sets up the control block for `file_bytes` bytes of story that lie in Machine::memory already.
/// A story that cannot be played leaves its reason in Control::error.
inline void open_story(Machine& m, u32 file_bytes, u32 seed, bool strict = false) {
    Control& c = m.control;
    c = {};
    c.magic = protocol_magic;
    c.layout = protocol_version;
    c.area_bytes = sizeof(Machine);
    c.seed = seed;
    c.strict = strict ? 1 : 0;
    m.output.length = 0;
    m.events.count = 0;
    const auto refuse = [&](Error error) {
        c.error = error;
        c.status = Status::error;
    };
    if (file_bytes < header::bytes) return refuse(Error::story_too_short);
    if (file_bytes > max_story_bytes) return refuse(Error::story_too_long);
    c.version = m.memory[header::version];
    if (!supported(c.version)) return refuse(Error::unsupported_version);
    c.story_bytes = load_word(m, header::length) * length_unit(c.version);
    if (c.story_bytes == 0) c.story_bytes = file_bytes;  // very early files say nothing
    if (c.story_bytes > file_bytes) return refuse(Error::story_too_short);
    c.dynamic_bytes = load_word(m, header::static_memory);
    c.globals = load_word(m, header::globals);
    c.objects = load_word(m, header::objects);
    c.abbreviations = load_word(m, header::abbreviations);
    c.dictionary = load_word(m, header::dictionary);
    c.unpack_shift = c.version == 8 ? 3 : 2;
    if (c.version == 7) {
        c.routine_offset = 8 * load_word(m, header::routines);
        c.string_offset = 8 * load_word(m, header::strings);
    }
    if (const u32 more = load_word(m, header::extension); c.version >= 5 && more != 0) {
        if (load_word(m, more) >= 3) c.unicode_table = load_word(m, more + 6);
    }
    if (c.story_bytes < header::bytes || c.dynamic_bytes < header::bytes ||
        c.dynamic_bytes > c.story_bytes || c.globals < header::bytes ||
        c.globals + 480 > c.story_bytes || c.objects >= c.story_bytes ||
        c.dictionary >= c.story_bytes || load_word(m, header::start) >= c.story_bytes) {
        return refuse(Error::damaged_header);
    }
    c.store_room = c.dynamic_bytes - header::bytes;
    const u32 readable = c.story_bytes < 0x10000 ? 0x10000 : c.story_bytes;
    for (u32 i = c.story_bytes; i < readable + guard_bytes; ++i) m.memory[i] = 0;
    for (u32 i = 0; i < c.dynamic_bytes; ++i) m.pristine[i] = m.memory[i];
    c.version >= 5 ? fill_alphabet<5>(m) : fill_alphabet<3>(m);
    start_story(m);
    c.status = Status::ready;
}

}  // namespace tilewright::zmachine
