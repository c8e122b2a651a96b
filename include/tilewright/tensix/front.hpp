// What stands in front of the units, for each thread: words that were pushed pass the MOP expander,
// then the replay expander, then the wait gate. Plain state.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "tilewright/tensix/instruction.hpp"

namespace tilewright::tensix {

/// An instruction word, and where the code of the core that pushed it stood: the expanders hand
/// that on to what they make of it.
struct PushedWord {
    std::uint32_t bits = 0;
    std::uint32_t pc = 0;
};

/// Instruction words between two stages.
template <std::size_t Capacity>
struct WordQueue {
    std::array<PushedWord, Capacity> words{};
    std::uint8_t first = 0;
    std::uint8_t size = 0;

    bool empty() const { return size == 0; }
    bool full() const { return size == Capacity; }
    const PushedWord& front() const { return words[first]; }
    const PushedWord& at(unsigned i) const { return words[(first + i) % Capacity]; }
    void push(const PushedWord& word) { words[(first + size++) % Capacity] = word; }
    PushedWord pop() {
        const PushedWord word = front();
        first = static_cast<std::uint8_t>((first + 1) % Capacity);
        --size;
        return word;
    }
};

/// The MOP expander: one instruction becomes a loop of up to 32639.
struct MacroExpander {
    std::array<std::uint32_t, 9> config{};  ///< written by the core that pushes
    std::uint16_t mask_high = 0;            ///< of MOP_CFG

    enum class Phase : std::uint8_t { idle, masked, looped };
    Phase phase = Phase::idle;
    bool leaving = false;  ///< a cycle passes before anything but a MOP follows
    std::uint32_t mask = 0;
    std::uint32_t outer = 0;  ///< iterations that are left, with this one
    std::uint32_t inner = 0;  ///< of the inner loop
    std::uint32_t inner_count = 0;
    std::uint8_t step = 0;  ///< within an iteration
    bool second = false;    ///< the inner loop's other instruction is next
    std::uint32_t pc = 0;   ///< of the MOP

    bool busy() const { return phase != Phase::idle; }
    /// Begins the expansion of a MOP; afterwards it is busy unless it expands to nothing.
    void begin(const op::mop& macro, std::uint32_t pc);
    /// The next word of the expansion.
    PushedWord next();

private:
    std::uint32_t current() const;
    bool present() const;
    void advance();
    void go_to_word();
};
constexpr MacroExpander::Phase last_of(MacroExpander::Phase) {
    return MacroExpander::Phase::looped;
}

/// The replay expander: a sequence that was stored is repeated.
struct ReplayExpander {
    static constexpr unsigned length = 32;
    std::array<std::uint32_t, length> words{};

    enum class Phase : std::uint8_t { idle, storing, storing_and_passing, replaying };
    Phase phase = Phase::idle;
    std::uint8_t index = 0;
    std::uint8_t left = 0;
    std::uint32_t pc = 0;  ///< of the REPLAY

    void begin(const op::replay& replay, std::uint32_t pc);
    /// The next word of a sequence that is replayed.
    PushedWord next();
    /// A word that comes in: stored where that is asked for; whether it passes.
    bool take(std::uint32_t word);

private:
    void step();
};
constexpr ReplayExpander::Phase last_of(ReplayExpander::Phase) {
    return ReplayExpander::Phase::replaying;
}

/// What STALLWAIT or SEMWAIT left at the gate.
struct GateWait {
    bool active = false;
    bool met = false;            ///< in an earlier cycle: what it blocks goes on
    bool of_semaphores = false;  ///< SEMWAIT's conditions, else STALLWAIT's
    std::uint8_t semaphores = 0;
    std::uint16_t conditions = 0;
    std::uint16_t blocks = 0;
};

struct ThreadFront {
    WordQueue<32> pushed;
    MacroExpander macro;
    WordQueue<8> expanded;
    ReplayExpander replay;
    WordQueue<2> gate;
    GateWait wait;

    bool idle() const {
        return pushed.empty() && !macro.busy() && expanded.empty() &&
               replay.phase != ReplayExpander::Phase::replaying && gate.empty();
    }
};

/// Whether the thread's core can push a word.
///
/// On Wormhole while the first queue has room: 32 words, of threads 1 and 2 16. On Blackhole while
/// no more than 28 words are in front of the thread's units; those behind its expanders count
/// unless one is at work. The core's store queue then holds four more.
constexpr bool has_room(const ThreadFront& front, Architecture architecture, unsigned thread) {
    if (architecture == Architecture::wormhole) return front.pushed.size < (thread == 0 ? 32 : 16);
    constexpr unsigned room = 28 + 1, store_queue = 4;
    const bool expands =
        front.macro.busy() || front.replay.phase == ReplayExpander::Phase::replaying;
    const unsigned behind = expands ? 0u : front.expanded.size + front.gate.size;
    return !front.pushed.full() && front.pushed.size + behind < room + store_queue;
}

/// How many words fit for certain, whenever they come: what is there may be expanded until then.
constexpr unsigned certain_room(const ThreadFront& front, Architecture architecture,
                                unsigned thread) {
    unsigned most = thread == 0 ? 32 : 16;
    if (architecture == Architecture::blackhole) {
        constexpr unsigned room = 28 + 1, store_queue = 4, most_behind = 8 + 2;
        most = room + store_queue - most_behind;
    }
    return most - std::min<unsigned>(most, front.pushed.size);
}

void fields(auto& archive, PushedWord& w) {
    archive(w.bits, w.pc);
}
template <std::size_t Capacity>
void fields(auto& archive, WordQueue<Capacity>& q) {
    archive(q.words, q.first, q.size);
}
void fields(auto& archive, MacroExpander& m) {
    archive(m.config, m.mask_high, m.phase, m.leaving, m.mask, m.outer, m.inner, m.inner_count,
            m.step, m.second, m.pc);
}
void fields(auto& archive, ReplayExpander& r) {
    archive(r.words, r.phase, r.index, r.left, r.pc);
}
void fields(auto& archive, GateWait& w) {
    archive(w.active, w.met, w.of_semaphores, w.semaphores, w.conditions, w.blocks);
}
void fields(auto& archive, ThreadFront& f) {
    archive(f.pushed, f.macro, f.expanded, f.replay, f.gate, f.wait);
}

}  // namespace tilewright::tensix
