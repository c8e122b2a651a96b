// Recording and playing the replay buffer: the only thing that the vendor's low-level headers take
// from its own compiler, by the engine's instruction.
#pragma once

#include "tilewright/kernel/tensix/instruction.hpp"

namespace lltt {

enum ExecBool : bool { NoExec, Exec };

/// The word that plays `length` instructions from place `start` on.
constexpr std::uint32_t replay_insn(std::uint32_t start, std::uint32_t length) {
    using namespace tilewright::kernel::tensix;
    return word_of(op::replay{.count = length, .index = start});
}

[[gnu::always_inline]] inline void replay(std::uint32_t start, std::uint32_t length) {
    tilewright::kernel::tensix::issue_word(replay_insn(start, length));
}

/// The `length` instructions that follow go to place `start` and on.
template <ExecBool execute = NoExec>
[[gnu::always_inline]] inline void record(std::uint32_t start, std::uint32_t length) {
    using namespace tilewright::kernel::tensix;
    issue(op::replay{.load = 1, .execute = execute ? 1u : 0u, .count = length, .index = start});
}

}  // namespace lltt
