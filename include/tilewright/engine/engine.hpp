// What one engine is in the middle of, and what it has done. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tilewright/base/rate.hpp"
#include "tilewright/engine/command.hpp"
#include "tilewright/engine/systolic/array_state.hpp"

namespace tilewright {

/// The ports of one memory that is not DRAM, and what went through them.
struct MemoryPorts {
    Moment read_free;
    Moment write_free;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
};

/// sink(name, unit, what it counts, value) for each.
template <class Sink>
void count(const MemoryPorts& p, Sink&& sink) {
    sink("bytes_read", "bytes", "by engines", p.bytes_read);
    sink("bytes_written", "bytes", "by engines", p.bytes_written);
}

/// Bytes that have been read and not yet published.
struct Burst {
    std::uint64_t from = 0;  ///< first byte, counted in the command; of an array the pass
    std::vector<std::byte> data;
    // While Engines::run() lasts, it has the event of the landing. If `data` is empty then, the
    // bytes are still where they were.
    std::uint64_t lands = 0;
    std::uint64_t sequence = 0;
};

/// What one engine has done since the device was opened.
struct EngineCounters {
    std::uint64_t commands = 0;
    std::uint64_t bytes = 0;
    std::uint64_t busy_cycles = 0;
    std::uint64_t stalled_cycles = 0;
    std::uint64_t waiting_cycles = 0;
};

/// sink(name, unit, what it counts, value) for each.
template <class Sink>
void count(const EngineCounters& c, Sink&& sink) {
    sink("commands", "commands", "that have ended", c.commands);
    sink("bytes", "bytes", "published by those", c.bytes);
    sink("busy_cycles", "cycles", "of those from start to end", c.busy_cycles);
    sink("stalled_cycles", "cycles", "its bursts waited for a memory", c.stalled_cycles);
    sink("waiting_cycles", "cycles", "its commands waited for a flag", c.waiting_cycles);
}

struct Engine {
    enum class Phase : std::uint8_t {
        idle,     ///< no commands
        waiting,  ///< the first one waits for its flag
        running,
    };
    Phase phase = Phase::idle;
    std::vector<PlannedCommand> queue;  ///< from `first` on; that one is under way
    std::uint64_t first = 0;
    std::uint64_t since = 0;    ///< cycle from which the first command waited for its flag
    std::uint64_t started = 0;  ///< cycle in which it began
    std::uint64_t latency = 0;  ///< from the end of a burst's reading to its landing
    std::uint64_t read = 0;     ///< bytes of it that have been read
    std::uint64_t landed = 0;   ///< bytes of it that have been published
    Moment next;                ///< when the next burst can start, or does
    std::vector<Burst> bursts;  ///< under way; a ring of `flying` from `oldest` on
    std::uint64_t oldest = 0;
    std::uint64_t flying = 0;
    EngineCounters counters;

    /// Of those under way, from the oldest on.
    Burst& burst(std::uint64_t number) {
        const std::uint64_t place = oldest + number;
        return bursts[place < bursts.size() ? place : place - bursts.size()];
    }
    const Burst& burst(std::uint64_t number) const {
        return const_cast<Engine*>(this)->burst(number);
    }
    /// A place for one more burst behind those under way.
    Burst& new_burst();
    /// The oldest burst is under way no more.
    void drop_oldest() {
        oldest = oldest + 1 < bursts.size() ? oldest + 1 : 0;
        --flying;
    }
    /// The bursts that are under way, and no others, from the beginning of the ring on.
    void straighten();

    bool idle() const { return phase == Phase::idle; }
    const EngineCommand& command() const { return queue[first].command; }
    const Plan& plan() const { return queue[first].plan; }
    std::uint64_t queued() const { return queue.size() - first; }
    /// The first command has ended.
    void pop_command();
};
constexpr Engine::Phase last_of(Engine::Phase) {
    return Engine::Phase::running;
}

template <class Archive>
void fields(Archive& archive, MemoryPorts& p) {
    archive(p.read_free, p.write_free, p.bytes_read, p.bytes_written);
}
template <class Archive>
void fields(Archive& archive, Burst& b) {
    archive(b.from, b.data);
}
template <class Archive>
void fields(Archive& archive, EngineCounters& c) {
    archive(c.commands, c.bytes, c.busy_cycles, c.stalled_cycles, c.waiting_cycles);
}
template <class Archive>
void fields(Archive& archive, Engine& e) {
    e.straighten();
    archive(e.phase, e.queue, e.first, e.since, e.started, e.latency, e.read, e.landed, e.next,
            e.bursts, e.oldest, e.flying, e.counters);
}

/// All that engines are in the middle of.
struct EngineState {
    std::vector<Engine> engines;       ///< in the order of their kinds
    std::vector<ArrayState> arrays;    ///< of the systolic arrays among them
    std::vector<std::uint32_t> flags;  ///< 32-bit counters
    std::vector<MemoryPorts> ports;    ///< of all memories, in the order of their kinds
};
template <class Archive>
void fields(Archive& archive, EngineState& s) {
    archive(s.engines, s.arrays, s.flags, s.ports);
}

}  // namespace tilewright
