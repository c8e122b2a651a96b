// What cores wait for and what they do, as plain values: what a run that does not end tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/units.hpp"

namespace tilewright {

/// A place in the source of a kernel; what is not known is empty or 0.
struct CodePlace {
    std::string kernel;
    std::string file;
    std::uint32_t line = 0;
    std::string function;  ///< its name, without parameters
    std::uint32_t pc = 0;
    std::string text;  ///< all of it: "file:line in function(parameters), pc 0x..."
    bool operator==(const CodePlace&) const = default;
};

/// One word or register for which a core waits.
struct Awaited {
    enum class Kind : std::uint8_t {
        word,             ///< of its L1, or of direct memory
        semaphore,        ///< of the device, or of its program
        circular_buffer,  ///< the count of pages that somebody else pushes or pops
        local_word,       ///< of its own local memory
        device_register,  ///< of its tile
    };
    Kind kind = Kind::word;
    std::string name;           ///< "semaphore 5", "circular buffer 2", ...
    std::uint32_t address = 0;  ///< as the core sees it
    std::uint32_t value = 0;    ///< now
    /// What the core waits for the value to be, as far as its loop tells: "==", "!=", ">=", "<", or
    /// "& 0x4 !=" for some of its bits, and the number to compare with. Empty if that is not known.
    std::string relation;
    std::uint32_t target = 0;
    bool operator==(const Awaited&) const = default;
    /// ">= 3"; empty if it is not known.
    std::string wanted() const {
        return relation.empty() ? "" : relation + " " + std::to_string(target);
    }
};
constexpr Awaited::Kind last_of(Awaited::Kind) {
    return Awaited::Kind::device_register;
}
constexpr std::string_view name(Awaited::Kind kind) {
    constexpr std::string_view names[] = {"word", "semaphore", "circular_buffer", "local_word",
                                          "device_register"};
    return names[static_cast<std::size_t>(kind)];
}

/// Cores whose kernels have code that writes what others wait for.
struct Signaller {
    enum class State : std::uint8_t { has_ended, waits, runs };
    std::vector<CoreId> cores;
    CodePlace place;
    bool certain = true;  ///< false: which word or buffer it means is computed
    State state = State::runs;
    bool operator==(const Signaller&) const = default;
};
constexpr Signaller::State last_of(Signaller::State) {
    return Signaller::State::runs;
}
constexpr std::string_view name(Signaller::State state) {
    constexpr std::string_view names[] = {"has ended", "waits", "runs"};
    return names[static_cast<std::size_t>(state)];
}

/// Cores that wait at one place for the same. Of those that are told as one, `since` is the
/// earliest, and `could_write` has what is known for any of them.
struct CoreWait {
    CoreId core;                ///< the first of them
    std::vector<CoreId> cores;  ///< all of them
    std::string where;          ///< likewise in words, a rectangle of tiles by its corners
    Cycle since{};              ///< it has waited since then, the first of them
    CodePlace code;
    std::vector<Awaited> awaited;  ///< any of which would do; none if nobody can bring it
    std::optional<CoreId> last_writer;
    std::optional<Cycle> last_written;   ///< since it began to wait
    std::vector<Signaller> could_write;  ///< those known to have code for it
    /// Not 0: it does not sleep, but repeats itself every so many cycles, and always will.
    std::uint64_t period = 0;
    std::string place;  ///< where in its source
    std::string what;   ///< "waits for ...", all that is known in words
    bool operator==(const CoreWait&) const = default;
};

/// A core whose kernel is under way and that does not wait for a word.
struct CoreRunning {
    enum class State : std::uint8_t {
        runs,
        held_up,    ///< by a device of its tile
        has_ended,  ///< its kernel, but not what that began in devices
    };
    CoreId core;
    CodePlace code;
    State state = State::runs;
    std::uint64_t instructions = 0;  ///< of its kernel so far
    Cycle since{};                   ///< when its kernel was launched
    Cycle cycle{};                   ///< how far it has come
    std::string last_printed;        ///< the last line
    bool operator==(const CoreRunning&) const = default;
};
constexpr CoreRunning::State last_of(CoreRunning::State) {
    return CoreRunning::State::has_ended;
}
constexpr std::string_view name(CoreRunning::State state) {
    constexpr std::string_view names[] = {"runs", "is held up by a device of its tile",
                                          "has ended, and what it began in devices has not"};
    return names[static_cast<std::size_t>(state)];
}

/// How far a run has come.
struct RunProgress {
    Cycle cycle{};                   ///< that the farthest core has reached
    std::uint64_t instructions = 0;  ///< retired by all cores since the device was opened
    double seconds = 0;              ///< of the host since the run began
    std::vector<CoreRunning> running;
    std::size_t waiting = 0;  ///< cores
};

/// Who waits and who runs when a run is given up.
struct RunReport {
    std::vector<CoreWait> waits;  ///< the longest first; cores that wait alike are one
    std::vector<CoreRunning> running;
    std::string full;  ///< the message of the exception with nothing left out
};

}  // namespace tilewright
