// The story's memory: big-endian reads, and writes that stay inside dynamic memory.
//
// Reads need no check while the address is 16 bits plus a small index: Machine::memory is padded.
// A value of the Z-machine travels as a uint32_t whose upper half is zero unless said otherwise.
#pragma once

#include "protocol.hpp"

namespace tilewright::zmachine {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

/// Remembers the first thing that went wrong; the instruction ends harmlessly, then the loop stops.
inline void fail(Machine& m, Error error) {
    if (m.control.error == Error::none) m.control.error = error;
}

inline u32 word_at(const u8* p) {
    return static_cast<u32>(p[0]) << 8 | p[1];
}
inline void put_word(u8* p, u32 value) {
    p[0] = static_cast<u8>(value >> 8);
    p[1] = static_cast<u8>(value);
}
inline std::int32_t to_signed(u32 value) {
    return static_cast<std::int16_t>(value);
}

inline u32 load_byte(const Machine& m, u32 address) {
    return m.memory[address];
}
inline u32 load_word(const Machine& m, u32 address) {
    return word_at(m.memory + address);
}

inline void store_byte(Machine& m, u32 address, u32 value) {
    if (address >= m.control.dynamic_bytes) return fail(m, Error::store_outside_dynamic);
    m.memory[address] = static_cast<u8>(value);
}
inline void store_word(Machine& m, u32 address, u32 value) {
    if (address + 1 >= m.control.dynamic_bytes) return fail(m, Error::store_outside_dynamic);
    put_word(m.memory + address, value);
}

// Three interpreters are compiled, for V = 3, 4 and 5: the first plays versions 1 to 3, the last
// plays 5, 7 and 8. What differs inside these is rare, and decided while the story runs.

/// The byte address of a packed address; `offset` is that of routines or of strings.
template <unsigned V>
inline u32 unpack([[maybe_unused]] const Machine& m, u32 packed, [[maybe_unused]] u32 offset) {
    if constexpr (V == 3) {
        return packed * 2;
    } else if constexpr (V == 4) {
        return packed * 4;
    } else {
        return (packed << m.control.unpack_shift) + offset;
    }
}

}  // namespace tilewright::zmachine
