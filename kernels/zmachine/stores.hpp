// The opcodes storew and storeb, which may write into the header, where one bit is more than
// memory.
//
// Both ends of where a store is plain are one comparison: Control::store_room counts the addresses
// from the header's end on. What is not plain is done when the registers have been put away, for a
// call in these opcodes would cost every plain store the saving of registers.
#pragma once

#include "screen.hpp"

namespace tilewright::zmachine {

inline constexpr u32 header_bytes = 0x40;

TILEWRIGHT_ZMACHINE_INLINE void hold_store(Machine& m, Registers& r, u32 address, u32 value,
                                           u32 bytes) {
    Control& c = m.control;
    c.held_bytes = bytes;
    c.held_address = address;
    c.held_value = value;
    c.held_left = r.left;
    r.left = 0;
}

TILEWRIGHT_ZMACHINE_INLINE void storew(Machine& m, Registers& r, u32 address, u32 value) {
    if (address - (header_bytes - 1) >= m.control.store_room) [[unlikely]]
        return hold_store(m, r, address, value, 2);
    put_word(m.memory + address, value);
}

TILEWRIGHT_ZMACHINE_INLINE void storeb(Machine& m, Registers& r, u32 address, u32 value) {
    if (address - header_bytes >= m.control.store_room) [[unlikely]]
        return hold_store(m, r, address, value, 1);
    m.memory[address] = static_cast<u8>(value);
}

/// Does what hold_store() has put off; gives how many instructions may still begin. Bit 0 of Flags
/// 2, at 0x11, is the transcript: stories of versions 1 to 3 have no other way to begin one.
[[gnu::noinline]] inline u32 store_held(Machine& m) {
    Control& c = m.control;
    const u32 before = m.memory[0x11];
    c.held_bytes == 2 ? store_word(m, c.held_address, c.held_value)
                      : store_byte(m, c.held_address, c.held_value);
    c.held_bytes = 0;
    const u32 after = m.memory[0x11];
    if (((before ^ after) & 1) != 0) add_event(m, EventKind::stream, 2, after & 1);
    if (c.error == Error::none) return c.held_left;
    c.unused += c.held_left;
    return 0;
}

}  // namespace tilewright::zmachine
