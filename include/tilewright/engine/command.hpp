// A command of an engine: work, what it waits for, and who learns of its end. Plain data.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/engine/limits.hpp"
#include "tilewright/engine/work.hpp"

namespace tilewright {

/// A flag to wait for, until it is at least `value`.
struct FlagWait {
    std::uint32_t flag = abi::no_flag;
    std::uint32_t value = 0;
};

struct EngineCommand {
    static constexpr std::uint32_t no_flag = abi::no_flag;

    Work work;
    /// The engine waits until this flag is at least `wait_value`.
    std::uint32_t wait_flag = no_flag;
    std::uint32_t wait_value = 0;
    /// And for these.
    std::array<FlagWait, 2> more_waits{};
    /// When the command has ended, `done_increment` is added to this flag.
    std::uint32_t done_flag = no_flag;
    std::uint32_t done_increment = 1;
    /// If not 0, the host is told of the end by this number.
    std::uint64_t completion = 0;
};

template <class Archive>
void fields(Archive& archive, FlagWait& w) {
    archive(w.flag, w.value);
}

template <class Archive>
void fields(Archive& archive, EngineCommand& c) {
    archive(c.wait_flag, c.wait_value, c.more_waits, c.done_flag, c.done_increment, c.completion);
    archive_work(archive, c.work);
}

/// A command that was found in order, and how it will take place. Only the command is saved: the
/// plan follows from it.
struct PlannedCommand {
    EngineCommand command;
    Plan plan;
};

template <class Archive>
void fields(Archive& archive, PlannedCommand& c) {
    archive(c.command);
}

}  // namespace tilewright
