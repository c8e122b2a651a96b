// Cores that come back to where they were, with all that they use as it was: they do the same for
// ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tilewright {

/// A word that a lap uses and that others can reach, too.
struct LapWord {
    const std::byte* place = nullptr;  ///< in memory; of a register nullptr
    std::uint32_t core = 0;            ///< the first that used it, by number ...
    std::uint32_t address = 0;         ///< ... and its address for that one
    std::uint32_t value = 0;           ///< as it is
    bool written = false;
};

/// From a state of some cores until there again, but for the time.
struct Lap {
    std::uint64_t start = 0;   ///< cycle in which it begins
    std::uint64_t period = 0;  ///< its cycles
    std::vector<LapWord> words;
    /// For each of the cores: the lowest address at which it uses one of the words, or if it uses
    /// none, of all that it runs through.
    std::vector<std::uint32_t> places;
};

/// The lap of one core, or that of several which it is one of.
struct CoreLap {
    std::uint32_t core = 0;  ///< by number in the chip
    std::uint32_t pc = 0;    ///< a place in its loop: Lap::places
    Lap lap;
};

}  // namespace tilewright
