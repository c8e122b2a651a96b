// The contract of a part of the chip: what the chip does with all its parts alike.
//
// A part keeps its state in a plain struct, `State`, apart from its behaviour, so that a snapshot
// is read into new states, checked, and taken over only when nothing can fail any more. The chip
// has its parts in one table; snapshots, counters, reports, events and abort() are a loop over it
// each. Nothing here is virtual.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tilewright/base/archive.hpp"
#include "tilewright/sim/event_queue.hpp"

namespace tilewright {

/// Takes one counter: its name, its unit, what it counts in a few words, and its value.
using CountSink = std::function<void(std::string name, std::string_view unit, std::string_view text,
                                     std::uint64_t value)>;

/// What the chip's owner is to be told of at once.
struct News {
    enum class Kind : std::uint8_t {
        core_ended,     ///< a kernel and its transfers have; `number` is the core
        command_ended,  ///< of an engine, which has this notice
        notified,       ///< it is the cycle of this notice
    };
    Kind kind = Kind::notified;
    std::uint64_t number = 0;
};

template <class C>
concept Component = requires(C& part, const C& looked_at, typename C::State& state,
                             const typename C::State& read, const EventQueue& queue,
                             const ScheduledEvent& event, const CountSink& sink,
                             ArchiveWriter& writer, ArchiveReader& reader) {
    /// All that a snapshot holds of it, and room of the right size to read that into.
    { looked_at.state() } -> std::same_as<const typename C::State&>;
    { looked_at.blank() } -> std::same_as<typename C::State>;
    writer(read);
    reader(state);
    /// SnapshotError unless such a state can be, together with these events. It may work out what
    /// is not saved.
    looked_at.check(state, queue);
    part.adopt(std::move(state));
    /// What is due: events of the components (in the event queue's sense) that it owns.
    { looked_at.owns(event.component) } -> std::same_as<bool>;
    { part.handle(event) } -> std::same_as<std::optional<News>>;
    /// Its counters, in their order.
    looked_at.count(sink);
    /// One line for each thing that is under way ("\n  ..."), or that waits.
    { looked_at.describe() } -> std::same_as<std::string>;
    /// How many things of it are under way.
    { looked_at.busy() } -> std::same_as<std::uint32_t>;
    /// Nothing is under way any more.
    part.abort();
};

}  // namespace tilewright
