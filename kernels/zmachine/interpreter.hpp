// The loop: fetch, operands, execute; and a batch of it.
//
// Compiled for the device as the kernel, and for the host by the tests: it knows neither. All state
// is in Machine, so that batches of any sizes that add up to the same number give the same game.
#pragma once

#include <utility>

#include "extended.hpp"
#include "many_operands.hpp"
#include "no_operands.hpp"
#include "one_operand.hpp"
#include "story.hpp"
#include "two_operands.hpp"

namespace tilewright::zmachine {

/// Executes an instruction whose second byte `r.pc` points at. Its first is known when this is
/// compiled: form and types of the operands are decided before the program runs.
template <unsigned V, u32 Opcode>
TILEWRIGHT_ZMACHINE_INLINE void execute(Machine& m, Registers& r) {
    if constexpr (Opcode < 0x80) {
        const u32 a = operand(m, r, (Opcode & 0x40) != 0 ? 2 : 1);
        const u32 b = operand(m, r, (Opcode & 0x20) != 0 ? 2 : 1);
        two_operands<V>(m, r, Opcode & 0x1F, a, b, a == b);
    } else if constexpr (Opcode < 0xB0) {
        one_operand<V>(m, r, Opcode & 0xF, operand(m, r, Opcode >> 4 & 3));
    } else if constexpr (Opcode == 0xBE) {
        extended<V>(m, r);
    } else if constexpr (Opcode < 0xC0) {
        no_operands<V>(m, r, Opcode & 0xF);
    } else if constexpr (Opcode < 0xE0) {
        const Operands o = operands(m, r);
        const bool equal = (o.count > 1 && o.a == o.b) || (o.count > 2 && o.a == o.c) ||
                           (o.count > 3 && o.a == o.d);
        two_operands<V>(m, r, Opcode & 0x1F, o.a, o.b, equal);
    } else if constexpr (Opcode == 0xE4) {
        if (must_wait(m)) return wait<V>(m, r, Status::waiting_for_line, 2);
        many_operands<V>(m, r, Opcode & 0x1F, operands(m, r));
    } else if constexpr (Opcode == 0xF6 && V >= 4) {
        if (must_wait(m)) return wait<V>(m, r, Status::waiting_for_key, 1);
        many_operands<V>(m, r, Opcode & 0x1F, operands(m, r));
    } else if constexpr (Opcode == 0xEC || Opcode == 0xFA) {
        u32 more[4] = {};
        many_operands<V>(m, r, Opcode & 0x1F, eight_operands(m, r, more));
    } else {
        many_operands<V>(m, r, Opcode & 0x1F, operands(m, r));
    }
}

/// Puts the registers away after the instruction at `start`. Of the shape of a Step, for the sake
/// of the tail call.
[[gnu::noinline]] inline void leave(Machine& m, const u8* pc, u16* sp, u16* locals, u16* floor,
                                    Frame* frame, u32 left, const u8* start) {
    Control& c = m.control;
    if (c.held_bytes != 0) left = store_held(m);
    c.left = left;
    save_registers(m, {pc, sp, locals, floor, frame, nullptr, left});
    if (c.error != Error::none) {
        c.status = Status::error;
        c.error_pc = static_cast<u32>(start - m.memory);
        c.error_opcode = *start;
    }
}

/// The registers as arguments, so that a core with eight argument registers keeps them there from
/// one instruction to the next.
using Step = void (*)(Machine&, const u8* pc, u16* sp, u16* locals, u16* floor, Frame* frame,
                      u32 left, const u8* globals);

template <unsigned V, typename Opcodes = std::make_index_sequence<256>>
struct Steps;

/// One instruction, and then by tail calls all others of the batch. A compiler that does not
/// promise tail calls leaves after each; the loop in run_version() then takes the next.
template <unsigned V, u32 Opcode>
void step(Machine& m, const u8* pc, u16* sp, u16* locals, u16* floor, Frame* frame, u32 left,
          const u8* globals) {
    Registers r{pc + 1, sp, locals, floor, frame, globals, left - 1};
    execute<V, Opcode>(m, r);
#if defined(__clang__)
    if (r.left != 0) [[likely]] {
        [[clang::musttail]] return Steps<V>::table[*r.pc](m, r.pc, r.sp, r.locals, r.floor, r.frame,
                                                          r.left, r.globals);
    }
#endif
    return leave(m, r.pc, r.sp, r.locals, r.floor, r.frame, r.left, pc);
}

template <unsigned V, std::size_t... Opcode>
struct Steps<V, std::index_sequence<Opcode...>> {
    static constexpr Step table[] = {step<V, static_cast<u32>(Opcode)>...};
};

/// Runs up to `instructions` instructions of a story that V plays; says why it stopped in
/// Control::status, and counts what it did in Control::instructions.
template <unsigned V>
inline void run_version(Machine& m, u32 instructions) {
    Control& c = m.control;
    c.left = instructions;
    while (c.left != 0) {
        const Registers r = load_registers(m, c.left);
        Steps<V>::table[*r.pc](m, r.pc, r.sp, r.locals, r.floor, r.frame, r.left, r.globals);
    }
    c.instructions += instructions - c.unused;
    c.unused = 0;
}

template <unsigned V>
inline void run_family(Machine& m, u32 instructions) {
    if (m.control.pending != 0) take_answer<V>(m);
    if (m.control.status == Status::ready) run_version<V>(m, instructions);
}

/// One batch: the text it prints replaces that of the batch before.
inline void run_batch(Machine& m, u32 instructions) {
    Control& c = m.control;
    m.output.length = 0;
    m.events.count = 0;
    if (instructions == 0 || c.status == Status::finished || c.status == Status::error) return;
    c.status = Status::ready;
    if (c.version <= 3) {
        run_family<3>(m, instructions);
    } else if (c.version == 4) {
        run_family<4>(m, instructions);
    } else {
        run_family<5>(m, instructions);
    }
}

}  // namespace tilewright::zmachine
