// What a loop that waits wants of the word it reads: found by trying it with other values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright::riscv {

/// The loop is left when the word, or those of its bits that are in `mask`, compare so.
struct WaitCondition {
    enum class Relation : std::uint8_t { equal, different, at_least, below };
    Relation relation = Relation::equal;
    std::uint32_t target = 0;
    std::uint32_t mask = ~0u;
    bool operator==(const WaitCondition&) const = default;
};

/// The word at an aligned address, without effect; nothing where a loop may not read.
using PeekWord = std::function<std::optional<std::uint32_t>(std::uint32_t address)>;

/// For a hart that stands in such a loop, behind its wrs or at a block entry: what it waits for the
/// word at `awaited` to be, all other words staying as they are. Nothing if that is not so simple.
/// Changes nothing. Beyond `at_least` and `below` lies the half of all numbers, so that counts that
/// go round and signed numbers are told likewise.
std::optional<WaitCondition> wait_condition(const HartState& hart, const Code& code,
                                            const Region& image, const PeekWord& peek,
                                            std::uint32_t awaited);

}  // namespace tilewright::riscv
