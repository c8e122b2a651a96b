// Where a hart leaves words for its coprocessor while it runs ahead of it: words of its own stream,
// and stores to the coprocessor's queue. What fits for certain does not wait for arbitration.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tilewright::riscv {

/// The owner says how many words may lie here, takes them out in the order of their cycles, and
/// sets `told` to `count` when it knows of all. Bus::pushed() is called before the hart does
/// anything that others can see, if it does not.
struct PushPort {
    struct Word {
        std::uint64_t cycle = 0;  ///< in which it is pushed
        std::uint32_t bits = 0;
        std::uint32_t pc = 0;
    };
    static constexpr std::uint32_t capacity = 32;

    std::array<Word, capacity> words{};
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t room = 0;  ///< so many may lie here; 0: every word goes to the bus
    std::uint32_t told = 0;
    std::uint32_t address = 0;  ///< a store of a word there pushes it

    const Word& front() const { return words[first]; }
    void push(const Word& word) { words[(first + count++) % capacity] = word; }
    void clear() { first = count = told = 0; }
    void pop() {
        first = (first + 1) % capacity;
        --count;
    }
};

}  // namespace tilewright::riscv
