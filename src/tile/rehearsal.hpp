// Cores run ahead on a copy of what they change, without effect on anything, to see whether they
// come back to where they began: then they do the same for ever.
//
// Order and cycles are those of run.cpp. What could end the repetition from outside, or differ from
// one lap to the next without being seen, ends the rehearsal instead: a clock that is read, a
// register that is written, a kernel that ends, a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "tilewright/tile/lap.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

class Rehearsal {
public:
    struct Member {
        Tile* tile = nullptr;
        std::uint32_t processor = 0;
    };
    /// Of these cores, none of which is idle, held up or at its end, from now on: before the event
    /// of `component` in `cycle`. All others stand still.
    Rehearsal(std::span<const Member> members, std::uint64_t cycle, std::uint32_t component);
    ~Rehearsal();

    /// A lap that the first member, which has an event, is at the beginning of or soon comes to,
    /// within so many cycles. Nothing if there is none.
    std::optional<Lap> lap(std::uint64_t most_cycles);

private:
    class RehearsalBus;
    struct Actor;
    struct Word {
        std::uint32_t now = 0;
        std::uint32_t at_start = 0;  ///< of the lap
        std::uint32_t address = 0;
        std::uint32_t first_core = 0;
        bool shared = false;   ///< several cores use it
        bool plain = false;    ///< somebody does so without waiting for its turn
        bool written = false;  ///< in this lap
        bool used = false;     ///< likewise
    };
    /// It cannot be told.
    struct GivenUp {};

    Word& word(Actor& actor, const std::byte* place, std::uint32_t address);
    void write(const Actor& actor, std::byte* place, std::uint32_t address, std::uint32_t bytes,
               std::uint32_t value, std::uint64_t cycle);
    void note_register(Actor& actor, std::uint32_t address, std::uint32_t value);
    std::uint64_t horizon(const Actor& actor) const;
    Actor& next();
    void run(Actor& actor);
    void begin_lap();
    bool back_again() const;
    Lap found() const;

    std::vector<std::unique_ptr<Actor>> actors_;
    std::unordered_map<const std::byte*, Word> words_;  // by place
    std::vector<const std::byte*> order_;               // of first use
    std::vector<LapWord> registers_;
    std::size_t changed_ = 0;  // words that are not as at the beginning of the lap
    bool begun_ = false;
    bool back_ = false;
    std::uint64_t end_ = 0;
};

}  // namespace tilewright
