// The wait gate: whether a thread's next instruction can begin in this cycle.
#pragma once

#include "tilewright/tensix/engine.hpp"

namespace tilewright::tensix {

struct Blocked {
    Wait wait = Wait::none;
    /// From when on it is worth to look again; Times::never: when another instruction has begun.
    std::uint64_t until = 0;
    const Instruction* instruction = nullptr;  ///< if it is not blocked
};

/// What keeps the instruction at the thread's gate in the cycle `now`.
Blocked blocked(const Engine& engine, unsigned thread);

/// What STALLWAIT or SEMWAIT leave at the gate.
void latch(Engine& engine, unsigned thread, const op::stallwait& i);
void latch(Engine& engine, unsigned thread, const op::semwait& i);

/// Look at what was left at the gate: lift it, if its conditions were met in an earlier cycle.
/// Returns when it is worth to look again.
std::uint64_t look_at_gate(Engine& engine, unsigned thread);

}  // namespace tilewright::tensix
