// How long an instruction keeps from others what it uses and makes.
#pragma once

#include "tilewright/tensix/engine.hpp"

namespace tilewright::tensix {

/// Whose turn it is with each bank of SrcA and SrcB.
using Turns = std::array<std::array<bool, 2>, 2>;
Turns turns_of(const State& state);

/// Account for an instruction that has begun in the cycle `now`; `before` is from before it.
void charge(Engine& engine, unsigned thread, const Instruction& instruction, std::uint32_t word,
            const Effects& effects, const Turns& before);

}  // namespace tilewright::tensix
