// The registers of the Z-machine while a batch runs, and its variables.
//
// The loop keeps Registers in the core's own registers, so nothing that is not inlined may take
// their address: that is why these functions are forced inline, on the core. Between two batches
// they are offsets in Control.
#pragma once

#include "memory.hpp"

namespace tilewright::zmachine {

#ifdef __riscv
#define TILEWRIGHT_ZMACHINE_INLINE [[gnu::always_inline]] inline
#else
#define TILEWRIGHT_ZMACHINE_INLINE inline
#endif

struct Registers {
    const u8* pc;       ///< the next byte of code
    u16* sp;            ///< one past the top of the stack
    u16* locals;        ///< the first local variable; the stack holds locals, then what was pushed
    u16* floor;         ///< one past the last local: the current routine's own stack is empty here
    Frame* frame;       ///< where the next call goes
    const u8* globals;  ///< address of variable 16, minus 32: indexed with the variable's number
    u32 left;           ///< instructions that may still begin
};

TILEWRIGHT_ZMACHINE_INLINE Registers load_registers(Machine& m, u32 instructions) {
    const Control& c = m.control;
    return {m.memory + c.pc,     m.stack + c.sp,
            m.stack + c.locals,  m.stack + c.locals + c.local_count,
            m.frames + c.frames, m.memory + c.globals - 32,
            instructions};
}

TILEWRIGHT_ZMACHINE_INLINE void save_registers(Machine& m, const Registers& r) {
    Control& c = m.control;
    c.pc = static_cast<u32>(r.pc - m.memory);
    c.sp = static_cast<u32>(r.sp - m.stack);
    c.locals = static_cast<u32>(r.locals - m.stack);
    c.local_count = static_cast<u32>(r.floor - r.locals);
    c.frames = static_cast<u32>(r.frame - m.frames);
}

/// The current instruction is the last of this batch.
TILEWRIGHT_ZMACHINE_INLINE void stop_after(Machine& m, Registers& r) {
    m.control.unused += r.left;
    r.left = 0;
}

TILEWRIGHT_ZMACHINE_INLINE void fail_here(Machine& m, Registers& r, Error error) {
    fail(m, error);
    stop_after(m, r);
}

/// Ends the batch if something that was called has failed.
TILEWRIGHT_ZMACHINE_INLINE void check(Machine& m, Registers& r) {
    if (m.control.error != Error::none) [[unlikely]]
        stop_after(m, r);
}

/// The same after text: the batch also ends when much of it waits.
TILEWRIGHT_ZMACHINE_INLINE void check_text(Machine& m, Registers& r) {
    if (m.output.length >= output_high_water || m.events.count >= events_high_water) [[unlikely]] {
        m.control.status = Status::output_full;
        stop_after(m, r);
    }
    check(m, r);
}

TILEWRIGHT_ZMACHINE_INLINE u32 code_byte(Registers& r) {
    return *r.pc++;
}
TILEWRIGHT_ZMACHINE_INLINE u32 code_word(Registers& r) {
    const u32 word = word_at(r.pc);
    r.pc += 2;
    return word;
}
TILEWRIGHT_ZMACHINE_INLINE u32 pc_offset(const Machine& m, const Registers& r) {
    return static_cast<u32>(r.pc - m.memory);
}

TILEWRIGHT_ZMACHINE_INLINE void push(Machine& m, Registers& r, u32 value) {
    if (r.sp == m.stack + stack_words) [[unlikely]] {
        return fail_here(m, r, Error::stack_overflow);
    }
    *r.sp++ = static_cast<u16>(value);
}

TILEWRIGHT_ZMACHINE_INLINE u32 pop(Machine& m, Registers& r) {
    if (r.sp == r.floor) [[unlikely]] {
        fail_here(m, r, Error::stack_underflow);
        return 0;
    }
    return *--r.sp;
}

// A routine may name local variables that it does not have: they fall on its own stack, which has
// room behind its end for that. Frotz lets it pass, and so do we.

TILEWRIGHT_ZMACHINE_INLINE u32 read_variable(Machine& m, Registers& r, u32 number) {
    if (number == 0) return pop(m, r);
    if (number < 16) return r.locals[number - 1];
    return word_at(r.globals + 2 * number);
}

TILEWRIGHT_ZMACHINE_INLINE void write_variable(Machine& m, Registers& r, u32 number, u32 value) {
    if (number == 0) return push(m, r, value);
    if (number < 16) {
        r.locals[number - 1] = static_cast<u16>(value);
    } else {
        put_word(m.memory + (r.globals - m.memory) + 2 * number, value);
    }
}

// Instructions that are given the number of a variable read and write the top of the stack in
// place.

TILEWRIGHT_ZMACHINE_INLINE u32 read_in_place(Machine& m, Registers& r, u32 number) {
    number &= 0xFF;
    if (number != 0) return read_variable(m, r, number);
    const u32 value = pop(m, r);
    push(m, r, value);
    return value;
}

TILEWRIGHT_ZMACHINE_INLINE void write_in_place(Machine& m, Registers& r, u32 number, u32 value) {
    number &= 0xFF;
    if (number == 0) pop(m, r);
    write_variable(m, r, number, value);
}

/// The result of an instruction goes where the byte behind it says.
TILEWRIGHT_ZMACHINE_INLINE void store_result(Machine& m, Registers& r, u32 value) {
    write_variable(m, r, code_byte(r), value);
}

}  // namespace tilewright::zmachine
