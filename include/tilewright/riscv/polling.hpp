// Polling loops told from other loops, and what one of their iterations does, so that an owner of
// harts can park a hart that polls and later let it go on as if it had spun.
//
// What a polling loop is stands at PollingLoop in riscv/code.hpp: while the words that it loads do
// not change, each iteration does what the last one did and leaves the hart as it was, but for its
// cycles and its count of instructions. Its blocks that load synchronise on entry: a load sees
// memory as it was when the hart was granted last (that entry, a fence, or the load itself
// where it is from a device register).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright::riscv {

/// A word that a polling loop waits for.
struct PolledWord {
    std::uint32_t address = 0;  ///< a multiple of 4
    std::uint32_t value = 0;    ///< as the loop sees it
    std::uint32_t offset = 0;   ///< cycles from the beginning of an iteration to when it looks
};

/// One iteration of a polling loop, from a block in which the loop may be parked until there again.
struct Polling {
    static constexpr std::uint32_t most_words = 4;

    std::uint64_t start = 0;   ///< cycle in which it begins
    std::uint32_t period = 0;  ///< cycles of an iteration
    std::uint32_t length = 0;  ///< its instructions
    std::uint32_t count = 0;   ///< of words
    std::array<PolledWord, most_words> words{};
};

/// What the owner knows of a word that is neither near memory nor image.
struct WordSeen {
    std::uint32_t value = 0;
    std::uint32_t latency = 0;  ///< as in Access
    bool synchronises = false;  ///< as Bus::synchronising
    bool changes = false;       ///< somebody other than the hart may change it
};
/// Without effect. Nothing if the loop must not be parked on such a word.
using Look = std::function<std::optional<WordSeen>(std::uint32_t address)>;

/// The iteration that the hart, stopped by Stop::poll, is about to begin, if it will end where it
/// began with all else equal. Changes nothing.
std::optional<Polling> polling(const HartState& hart, const Code& code, const MemoryMap& memory,
                               const Look& look);

/// Advance the hart in the iteration that began in `polling.start`, with the words as they were.
Stop run_polling(HartState& hart, const Code& code, const MemoryMap& memory, const Look& look,
                 const Polling& polling, const Limits& limits);

}  // namespace tilewright::riscv
