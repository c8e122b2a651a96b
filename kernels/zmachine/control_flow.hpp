// Calls, returns, branches and jumps.
#pragma once

#include "operands.hpp"

namespace tilewright::zmachine {

/// Continues at a byte address, which must lie in the story.
TILEWRIGHT_ZMACHINE_INLINE void go_to(Machine& m, Registers& r, u32 address, Error error) {
    if (address >= m.control.story_bytes) [[unlikely]]
        return fail_here(m, r, error);
    r.pc = m.memory + address;
}

/// Arguments 4 to 7.
TILEWRIGHT_ZMACHINE_INLINE void copy_more_arguments(u16* locals, const Operands& o) {
    for (u32 i = 4; i < o.count; ++i) locals[i - 1] = static_cast<u16>(o.more[i - 4]);
}

/// Calls the routine at packed address `o.a` with the other operands as arguments. Versions 1 to 4
/// give locals that no argument fills their initial values in the code; later they are 0. A call of
/// address 0 gives 0.
template <unsigned V>
TILEWRIGHT_ZMACHINE_INLINE void call(Machine& m, Registers& r, const Operands& o, u8 discard) {
    if (o.a == 0) {
        if (discard == 0) store_result(m, r, 0);
        return;
    }
    if (r.frame == m.frames + max_frames || r.sp + max_locals >= m.stack + stack_words)
        [[unlikely]] {
        return fail_here(m, r, Error::stack_overflow);
    }
    const u32 arguments = o.count - 1;
    *r.frame++ = {pc_offset(m, r), static_cast<u16>(r.locals - m.stack),
                  static_cast<u8>(r.floor - r.locals), static_cast<u8>(arguments | discard)};
    go_to(m, r, unpack<V>(m, o.a, m.control.routine_offset), Error::call_outside_story);
    const u32 count = code_byte(r);
    if (count > max_locals) [[unlikely]]
        return fail_here(m, r, Error::call_of_no_routine);
    r.locals = r.sp;
    r.floor = r.sp + count;
    // Stored whether they are there or not: what is beyond a routine's locals has no meaning.
    r.sp[0] = static_cast<u16>(o.b);
    r.sp[1] = static_cast<u16>(o.c);
    r.sp[2] = static_cast<u16>(o.d);
    if constexpr (V >= 4) {
        if (arguments > 3) [[unlikely]]
            copy_more_arguments(r.sp, o);
    }
    u16* p = r.sp + arguments;
    if constexpr (V <= 4) {
        const u8* initial = r.pc + 2 * arguments;
        r.pc += 2 * count;
        for (; p < r.floor; ++p, initial += 2) *p = static_cast<u16>(word_at(initial));
    } else {
        for (; p < r.floor; ++p) *p = 0;
    }
    r.sp = r.floor;
}

/// Back at the read whose time had passed: it was counted when it was met, and ends if the routine
/// says so.
inline void end_interrupt(Machine& m, u32 value) {
    m.control.read_counted = 1;
    if (value != 0) m.control.timed_out = 1;
}

TILEWRIGHT_ZMACHINE_INLINE void return_value(Machine& m, Registers& r, u32 value) {
    if (r.frame == m.frames) [[unlikely]]
        return fail_here(m, r, Error::bad_stack_frame);
    const Frame& frame = *--r.frame;
    r.sp = r.locals;
    r.locals = m.stack + frame.locals;
    r.floor = r.locals + frame.local_count;
    r.pc = m.memory + frame.pc;
    if ((frame.call & discard_result) == 0) return store_result(m, r, value);
    if ((frame.call & interrupt_call) != 0) [[unlikely]]
        end_interrupt(m, value);
}

/// The opcode throw: returns from the routine that was current at `catch`, which gave the number
/// of calls in progress.
TILEWRIGHT_ZMACHINE_INLINE void throw_value(Machine& m, Registers& r, u32 value, u32 depth) {
    if (depth == 0 || depth > static_cast<u32>(r.frame - m.frames)) [[unlikely]] {
        return fail_here(m, r, Error::bad_stack_frame);
    }
    while (r.frame != m.frames + depth) {
        const Frame& frame = *--r.frame;
        if ((frame.call & interrupt_call) != 0) end_interrupt(m, 0);
        r.locals = m.stack + frame.locals;
        r.floor = r.locals + frame.local_count;
    }
    return_value(m, r, value);
}

/// The branch behind an instruction: bit 7 is the condition to branch on, bit 6 a short offset;
/// offsets 0 and 1 return false and true instead.
TILEWRIGHT_ZMACHINE_INLINE void branch(Machine& m, Registers& r, bool condition) {
    const u32 first = code_byte(r);
    const bool taken = (first >= 0x80) == condition;
    u32 offset = first & 0x3F;
    if ((first & 0x40) == 0) {
        const u32 second = code_byte(r);
        if (!taken) return;
        // 14 bits, signed.
        offset = static_cast<u32>(static_cast<std::int32_t>((offset << 8 | second) << 18) >> 18);
        if (offset > 1) {
            return go_to(m, r, pc_offset(m, r) + offset - 2, Error::jump_outside_story);
        }
    } else {
        if (!taken) return;
        if (offset > 1) {
            // At most 61 bytes on: if that leaves the story, opcode 0 is met there.
            r.pc += offset - 2;
            return;
        }
    }
    return_value(m, r, offset);
}

}  // namespace tilewright::zmachine
