// Random numbers, drawn as the interpreter Frotz 2.54 draws them, so that transcripts compare.
//
// A linear congruential generator of 32 bits gives 15 bits a draw. A story that seeds it with less
// than 1000 wants a sequence to test with: 0, 1, ... seed - 1, and again.
#pragma once

#include "memory.hpp"

namespace tilewright::zmachine {

inline void seed_random(Machine& m, u32 seed) {
    Control& c = m.control;
    c.random_interval = 0;
    c.random_counter = 0;
    if (seed == 0) {
        c.random_state = c.seed;
    } else if (seed < 1000) {
        c.random_interval = seed;
    } else {
        c.random_state = seed;
    }
}

/// A number from 1 to `range`; range is not 0.
inline u32 draw_random(Machine& m, u32 range) {
    Control& c = m.control;
    u32 draw;
    if (c.random_interval != 0) {
        draw = c.random_counter;
        c.random_counter = draw + 1 == c.random_interval ? 0 : draw + 1;
    } else {
        c.random_state = c.random_state * 0x015A'4E35u + 1;
        draw = c.random_state >> 16 & 0x7FFF;
    }
    return draw % range + 1;
}

/// The opcode: a positive operand is a range, any other seeds the generator and gives 0.
inline u32 random(Machine& m, u32 operand) {
    const std::int32_t range = to_signed(operand);
    if (range > 0) return draw_random(m, operand);
    seed_random(m, static_cast<u32>(-range));
    return 0;
}

}  // namespace tilewright::zmachine
