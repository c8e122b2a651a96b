// Undo: the games that save_undo has kept, the newest last, in the room there is for them.
//
// What differs from the story's own dynamic memory is small, so that many fit; when one does not,
// the older half is forgotten. A level never needs more than all of the room.
#pragma once

#include "registers.hpp"
#include "story.hpp"

namespace tilewright::zmachine {

/// One kept game. Behind it lie its frames, its stack, and the words of dynamic memory that differ:
/// runs of two halves, words skipped and words that follow; then the bytes behind the last whole
/// word.
struct Level {
    u32 bytes;  ///< of all of it, a multiple of 4
    u32 pc;
    u32 sp;
    u32 locals;
    u32 local_count;
    u32 frames;
};
static_assert(sizeof(Level) + sizeof(Frame) * max_frames + 2 * (stack_words + max_locals + 1) +
                  0x10000 + 16 <=
              undo_bytes);

/// Bytes of the stack that belong to the game: some routines use what lies behind its top.
inline u32 stack_bytes(u32 sp) {
    return (2 * (sp + max_locals) + 3) & ~3u;
}

inline u32 aligned_word(const u8* p) {
    u32 word;
    __builtin_memcpy(&word, __builtin_assume_aligned(p, 4), 4);
    return word;
}

inline u8* put_bytes(u8* to, const void* from, u32 bytes) {
    __builtin_memcpy(to, from, bytes);
    return to + bytes;
}

/// Packs dynamic memory to `out`; nothing if `room` bytes are not enough, else where it ended.
inline u8* pack_memory(const Machine& m, u8* out, u32 room) {
    const u32 end = m.control.dynamic_bytes & ~3u;
    const u8* const limit = out + room;
    u32 at = 0;
    while (at < end) {
        const u32 from = at;
        while (at < end && aligned_word(m.memory + at) == aligned_word(m.pristine + at)) at += 4;
        const u32 first = at;
        while (at < end && aligned_word(m.memory + at) != aligned_word(m.pristine + at)) at += 4;
        if (out + 8 + (at - first) > limit) return nullptr;
        const u16 run[] = {static_cast<u16>((first - from) / 4),
                           static_cast<u16>((at - first) / 4)};
        out = put_bytes(out, run, sizeof run);
        out = put_bytes(out, m.memory + first, at - first);
    }
    if (out + 4 > limit) return nullptr;
    __builtin_memset(out, 0, 4);
    put_bytes(out, m.memory + end, m.control.dynamic_bytes - end);
    return out + 4;
}

/// The other way round.
inline void unpack_memory(Machine& m, const u8* from) {
    const u32 end = m.control.dynamic_bytes & ~3u;
    __builtin_memcpy(m.memory, m.pristine, end);
    for (u32 at = 0; at < end;) {
        u16 run[2];
        __builtin_memcpy(run, from, sizeof run);
        at += 4u * run[0];
        __builtin_memcpy(m.memory + at, from + sizeof run, 4u * run[1]);
        at += 4u * run[1];
        from += sizeof run + 4u * run[1];
    }
    __builtin_memcpy(m.memory + end, from, m.control.dynamic_bytes - end);
}

inline Level level_at(const Machine& m, u32 at) {
    Level level;
    __builtin_memcpy(&level, m.undo + at, sizeof level);
    return level;
}

/// Where the newest level begins; there must be one.
inline u32 newest_level(const Machine& m) {
    u32 at = 0;
    for (;;) {
        const u32 next = at + level_at(m, at).bytes;
        if (next >= m.control.undo_used) return at;
        at = next;
    }
}

/// Keeps the game as a level at the end of the room in use; false if it does not fit.
inline bool push_level(Machine& m) {
    Control& c = m.control;
    const u32 frame_bytes = c.frames * sizeof(Frame);
    const u32 fixed = sizeof(Level) + frame_bytes + stack_bytes(c.sp);
    const u32 room = undo_bytes - c.undo_used;
    if (fixed > room) return false;
    u8* const begin = m.undo + c.undo_used;
    const u8* end = pack_memory(m, begin + fixed, room - fixed);
    if (end == nullptr) return false;
    const Level level{static_cast<u32>(end - begin), c.pc, c.sp, c.locals, c.local_count, c.frames};
    u8* out = put_bytes(begin, &level, sizeof level);
    out = put_bytes(out, m.frames, frame_bytes);
    put_bytes(out, m.stack, stack_bytes(c.sp));
    c.undo_used += level.bytes;
    return true;
}

/// Forgets the older half of the levels, or the only one.
inline void forget_levels(Machine& m) {
    Control& c = m.control;
    u32 from = 0;
    while (from < c.undo_used && from <= c.undo_used / 2) from += level_at(m, from).bytes;
    c.undo_used -= from;
    __builtin_memmove(m.undo, m.undo + from, c.undo_used);
}

/// The opcode save_undo; the registers are in Control, pc at what takes the result.
[[gnu::noinline]] inline void save_undo(Machine& m) {
    while (!push_level(m)) forget_levels(m);
}

/// The opcode restore_undo: back to the newest level, which is gone then. False if there is none.
[[gnu::noinline]] inline bool restore_undo(Machine& m) {
    Control& c = m.control;
    if (c.undo_used == 0) return false;
    const u32 session = session_bits(m);
    const u32 at = newest_level(m);
    const Level level = level_at(m, at);
    c.undo_used = at;
    c.pc = level.pc;
    c.sp = level.sp;
    c.locals = level.locals;
    c.local_count = level.local_count;
    c.frames = level.frames;
    const u8* from = m.undo + at + sizeof level;
    __builtin_memcpy(m.frames, from, level.frames * sizeof(Frame));
    from += level.frames * sizeof(Frame);
    __builtin_memcpy(m.stack, from, stack_bytes(level.sp));
    unpack_memory(m, from + stack_bytes(level.sp));
    set_session_bits(m, session);
    announce_interpreter(m);
    return true;
}

}  // namespace tilewright::zmachine
