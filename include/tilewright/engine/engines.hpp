// The engines of a chip: each works through its queue of commands, one after another.
//
// A command may wait for a flag, and adds to a flag when it has ended. Data moves in bursts: a
// burst is read when it starts, which is when the engine and the memories on its way are free for
// it, and published when it lands. Alone, a command that streams n bytes takes exactly
//
//     setup + latency of the memories it touches + ceil(n / rate)
//
// cycles, where the latency of DRAM and of host memory count once each and that of memories on the
// chip is none; the rate is the least of the engine's and of the memories'. Engines that use one
// memory at a time share its rate, first come, first served, burst by burst.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tilewright/base/archive.hpp"
#include "tilewright/base/rate.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/engine/command.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/dram_bank.hpp"
#include "tilewright/sim/event_queue.hpp"
#include "tilewright/sim/first_of.hpp"
#include "tilewright/sim/observer.hpp"

namespace tilewright {

/// The ports of one memory that is not DRAM, and what went through them.
struct MemoryPorts {
    Moment read_free;
    Moment write_free;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
};

/// Bytes that have been read and not yet published.
struct Burst {
    std::uint64_t from = 0;  ///< first byte, counted in the command
    std::vector<std::byte> data;
    // While Engines::run() lasts, it has the event of the landing. If `data` is empty then, the
    // bytes are still where they were.
    std::uint64_t lands = 0;
    std::uint64_t sequence = 0;
};

/// What one engine has done since the device was opened.
struct EngineCounters {
    std::uint64_t commands = 0;        ///< that have ended
    std::uint64_t bytes = 0;           ///< published
    std::uint64_t busy_cycles = 0;     ///< of those commands, from start to end
    std::uint64_t stalled_cycles = 0;  ///< its bursts waited for a memory
    std::uint64_t waiting_cycles = 0;  ///< its commands waited for a flag
};

/// What a systolic array is in the middle of, and has done since the device was opened.
struct ArrayProgress {
    std::uint64_t passes_begun = 0;   ///< of the command under way
    std::vector<std::byte> sums;      ///< of a pass whose sums another pass completes
    std::uint64_t vector_free = 0;    ///< cycle from which its vector unit is free
    std::uint64_t passes = 0;         ///< begun, of all commands
    std::uint64_t macs = 0;           ///< multiply-accumulates of those
    std::uint64_t pass_cycles = 0;    ///< cycles of those
    std::uint64_t vector_cycles = 0;  ///< of its vector unit
};

struct Engine {
    enum class Phase : std::uint8_t {
        idle,     ///< no commands
        waiting,  ///< the first one waits for its flag
        running,
    };
    Phase phase = Phase::idle;
    std::vector<EngineCommand> queue;  ///< from `first` on; that one is under way
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
    ArrayProgress array;

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
    const EngineCommand& command() const { return queue[first]; }
    std::uint64_t queued() const { return queue.size() - first; }
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
void fields(Archive& archive, ArrayProgress& p) {
    archive(p.passes_begun, p.sums, p.vector_free, p.passes, p.macs, p.pass_cycles,
            p.vector_cycles);
}
template <class Archive>
void fields(Archive& archive, Engine& e) {
    e.straighten();
    archive(e.phase, e.queue, e.first, e.since, e.started, e.latency, e.read, e.landed, e.next,
            e.bursts, e.oldest, e.flying, e.counters, e.array);
}

/// All that engines are in the middle of.
struct EngineState {
    std::vector<Engine> engines;       ///< in the order of their kinds
    std::vector<std::uint32_t> flags;  ///< 32-bit counters
    std::vector<MemoryPorts> ports;    ///< of all memories, in the order of their kinds
};
template <class Archive>
void fields(Archive& archive, EngineState& s) {
    archive(s.engines, s.flags, s.ports);
}

/// What engines need of the chip around them.
class EngineEndpoints {
public:
    virtual ~EngineEndpoints() = default;
    /// The bytes of a memory, which exists.
    virtual std::byte* memory(MemoryKind kind, std::uint32_t index) = 0;
    virtual DramBank& dram_bank(std::uint32_t index) = 0;
    /// To be called before bytes are changed at `cycle`.
    virtual void will_write(const MemoryRef& place, std::uint64_t bytes, std::uint64_t cycle) = 0;
    virtual void flag_changed(std::uint32_t flag, std::uint64_t cycle) = 0;
    /// Some engine's queue has become shorter.
    virtual void command_ended(std::uint64_t cycle) = 0;
    /// Nullptr if nobody looks on.
    virtual Observer* observer() const = 0;
};

class Engines {
public:
    /// Events of the engines carry `component`.
    Engines(const ChipConfig& config, const AddressMap& map, EngineEndpoints& endpoints,
            std::uint32_t component);

    std::uint32_t count(EngineKind kind) const;
    /// AddressError if there is no such engine.
    const Engine& engine(EngineId id) const { return state_.engines[number(id)]; }
    const MemoryPorts& ports(MemoryKind kind, std::uint32_t index) const {
        return state_.ports[port(kind, index)];
    }

    /// AddressError unless the engine exists, does such work, and the command is in order.
    void check(EngineId id, const EngineCommand& command) const;
    /// Append a checked command at `cycle`; it begins at once if the engine is idle.
    void submit(EventQueue& queue, EngineId id, EngineCommand command, std::uint64_t cycle);

    /// A flag: a 32-bit counter that commands wait for and add to.
    std::uint32_t flag(std::uint32_t number) const { return state_.flags.at(number); }
    void set_flag(EventQueue& queue, std::uint32_t number, std::uint32_t value,
                  std::uint64_t cycle);
    void add_to_flag(EventQueue& queue, std::uint32_t number, std::uint32_t increment,
                     std::uint64_t cycle);

    /// Handle an event of the engines; the number of the notice, if a command that asked for one
    /// has ended.
    std::optional<std::uint64_t> handle(EventQueue& queue, const ScheduledEvent& event) {
        return act(queue, event.data / actions, static_cast<Action>(event.data % actions),
                   event.cycle);
    }

    /// What run() did.
    struct Stretch {
        std::uint64_t last_cycle = 0;  ///< of the events that it handled
        std::uint32_t events = 0;
        std::optional<std::uint64_t> notice;  ///< as of handle(); that was the last event then
    };
    /// Handle the engines' events, as handle() would one after another, up to the first of somebody
    /// else, a notice, the cycle `stop`, or so many; there must be one to begin with. Nobody may
    /// look at the memories meanwhile: no core may be at work. State and queue are the same in the
    /// end, but most bytes move once instead of twice, and many together.
    Stretch run(EventQueue& queue, std::uint64_t stop, std::uint32_t most_events);

    /// Engines that have commands.
    std::uint32_t busy() const { return busy_; }
    /// Commands that are under way or wait with such a notice.
    bool notices_pending() const;
    /// Some engine waits for a flag for which `is_it(flag)`.
    template <class F>
    bool waits_for(F&& is_it) const {  // the first that is missing is what it waits for
        for (const Engine& e : state_.engines) {
            if (e.phase == Engine::Phase::waiting && is_it(unmet(e.command())->flag)) return true;
        }
        return false;
    }
    /// One line for each engine that waits for a flag.
    std::string describe_waiting() const;
    /// One line for each engine that has commands.
    std::string describe_busy() const;
    /// No commands, nothing on its way; flags keep their values.
    void clear();

    const EngineState& state() const { return state_; }
    /// SnapshotError unless such a state fits this chip, and the events of `queue` fit the state.
    void check_state(const EngineState& state, const EventQueue& queue) const;
    /// Take over a checked state.
    void adopt(EngineState&& state);

private:
    enum Action : std::uint32_t { arrive, read, land };  // what an event is for
    static constexpr std::uint32_t actions = 4;

    /// One end of the command under way: its memory, and the bus or port that its bursts take.
    struct End {
        std::byte* memory = nullptr;
        Moment* free = nullptr;
        Rate rate;
        DramBank* bank = nullptr;  ///< either this
        MemoryPorts* ports = nullptr;
    };
    /// A command that streams, as its bursts need it.
    struct Way {
        End from, to;
        std::uint64_t bytes = 0;
    };
    /// In a cycle what was on its way lands first, and then engines go by their numbers, so that
    /// their order does not depend on who was asked when.
    std::uint64_t place_in_cycle(std::uint32_t number, Action action) const {
        return action == land ? number : turns_.size() + number;
    }
    /// When an event is due, in the order of the queue.
    struct Due {
        std::uint64_t cycle = ~std::uint64_t{0};
        std::uint64_t sequence = ~std::uint64_t{0};
        bool operator<(const Due& other) const {
            return cycle < other.cycle || (cycle == other.cycle && sequence < other.sequence);
        }
    };
    /// An engine while run() lasts.
    struct Turn {
        Due step;  ///< the beginning of its next burst or pass
        Action action = arrive;
        bool known = false;  ///< it has a command, whose place among the others is known
        /// The bytes of its bursts stay where they are until settle(): no other command that is
        /// under way touches them, but to read where it reads.
        bool deferred = false;
        std::uint64_t settled = 0;  ///< of the command's bytes, if so
        std::uint32_t rivals = 0;   ///< other commands under way whose bursts take a link of its
        /// It has no rivals, and its links are free: its bursts follow one another until the
        /// command ends at `ends`, and are counted when somebody wants to know (catch_up()).
        bool solo = false;
        Due ends;
    };
    std::uint32_t number(EngineId id) const;
    EngineId id_of(std::uint32_t number) const;
    std::uint32_t port(MemoryKind kind, std::uint32_t index) const {
        return first_port_[static_cast<std::uint32_t>(kind)] + index;
    }
    /// Make the plan of the first command, and what follows from it.
    void take_up(std::uint32_t number);
    End end_of(const Side& side, bool write);
    void count_access(const Side& side, const End& end, bool write, std::uint64_t from,
                      std::uint64_t bytes, std::uint64_t& latency);
    void schedule(EventQueue& queue, std::uint32_t number, Action action, std::uint64_t cycle);
    void begin(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    std::optional<std::uint64_t> act(EventQueue& queue, std::uint32_t number, Action action,
                                     std::uint64_t cycle);
    void reserve_burst(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    void read_burst(EventQueue& queue, std::uint32_t number);
    void begin_pass(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    void land_pass(std::uint32_t number, std::uint64_t cycle);
    void check_passes(const Engine& engine, std::uint64_t arrivals) const;
    ArrayShape array_shape() const { return {config_.systolic_rows, config_.systolic_columns}; }
    bool met(const FlagWait& wait) const {
        return wait.flag == EngineCommand::no_flag || state_.flags[wait.flag] >= wait.value;
    }
    bool met(const EngineCommand& c) const {
        return met({c.wait_flag, c.wait_value}) && met(c.more_waits[0]) && met(c.more_waits[1]);
    }
    /// The first flag that the command waits for and that is not there yet.
    std::optional<FlagWait> unmet(const EngineCommand& command) const;
    std::optional<std::uint64_t> land_burst(EventQueue& queue, std::uint32_t number,
                                            std::uint64_t cycle);
    std::optional<std::uint64_t> end(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    std::uint64_t burst_bytes(const Engine& engine, const Way& way) const;
    void gather(const Side& side, std::uint64_t from, std::span<std::byte> data);
    void publish(const Side& side, std::uint64_t from, std::span<const std::byte> data,
                 std::uint64_t cycle);

    // While run() lasts (engine/fast_forward.cpp)
    void take_events(EventQueue& queue);
    void give_back_events(EventQueue& queue, const Due& before);
    void refresh(std::uint32_t number);
    void decide_deferral(std::uint32_t number);
    void land_before(std::uint32_t number, const Due& due);
    void settle(std::uint32_t number, const Due& before);
    void move(std::uint32_t number, std::uint64_t from, std::uint64_t bytes, std::uint64_t cycle);
    bool rivals(std::uint32_t a, std::uint32_t b) const;
    bool go_solo(std::uint32_t number);
    void catch_up(std::uint32_t number, const Due& before);
    void leave_solo(std::uint32_t number, const Due& before);
    void forget_command(std::uint32_t number);

    const ChipConfig& config_;
    const AddressMap& map_;
    EngineEndpoints& endpoints_;
    std::uint32_t component_;
    Rate host_rate_;
    Rate sram_rate_;
    DramTiming dram_timing_;
    std::array<std::uint32_t, engine_kind_count + 1> first_{};  // numbers of the kinds' engines
    std::array<std::uint32_t, memory_kind_count + 1> first_port_{};
    EngineState state_;
    std::vector<Plan> plans_;             // of the commands under way; derived
    std::vector<Way> ways_;               // of those that stream; derived
    MultiplyScratch scratch_;             // means nothing between two passes
    std::uint32_t busy_ = 0;              // derived
    std::vector<std::uint64_t> waiting_;  // a bit for each engine in that phase; derived

    bool alone_ = false;  // run() lasts
    std::vector<Turn> turns_;
    FirstOf<Due> first_due_;     // of each engine the next event
    Due now_;                    // the event that is being handled
    std::uint32_t current_ = 0;  // and whose it is
};

}  // namespace tilewright
