// The engines of a chip: each works through its queue of commands, one after another.
//
// A command may wait for a flag, and adds to a flag when it has ended. Data moves in bursts: a
// burst is read when it starts, which is when the engine and the memories on its path are free for
// it, and published when it lands. Alone, a command that streams n bytes takes exactly
//
//     setup + latency of the memories it touches + ceil(n / rate)
//
// cycles, where the latency of DRAM and of host memory count once each and that of memories on the
// chip is none; the rate is the least of the engine's and of the memories'. Engines that use one
// memory at a time share its rate, first come, first served, burst by burst.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/rate.hpp"
#include "tilewright/engine/engine.hpp"
#include "tilewright/engine/engine_config.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/dram_bank.hpp"
#include "tilewright/sim/event_queue.hpp"
#include "tilewright/sim/first_of.hpp"
#include "tilewright/sim/observer.hpp"

namespace tilewright {

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
    /// A command begins, as its flags are there; it has ended, just before it raises its flag.
    virtual void begun(std::uint32_t /*engine*/, const PlannedCommand& /*command*/,
                       std::uint64_t /*cycle*/) {}
    virtual void ended(std::uint32_t /*engine*/, const EngineCommand& /*command*/) {}
};

class Engines {
public:
    /// Events of the engines carry `component`.
    Engines(const EngineConfig& config, const EngineMemories& memories, const AddressMap& map,
            EngineEndpoints& endpoints, std::uint32_t component);

    std::uint32_t engine_count(EngineKind kind) const;
    /// Among all engines. AddressError if there is no such engine.
    std::uint32_t number(EngineId id) const;
    EngineId id_of(std::uint32_t number) const;
    /// AddressError if there is no such engine.
    const Engine& engine(EngineId id) const { return state_.engines[number(id)]; }
    const ArrayState& array(std::uint32_t index) const { return state_.arrays.at(index); }
    const MemoryPorts& ports(MemoryKind kind, std::uint32_t index) const {
        return state_.ports[port(kind, index)];
    }

    /// How the engine will carry out the command. AddressError or ArgumentError unless the engine
    /// exists, does such work, and the command is in order.
    PlannedCommand plan(EngineId id, const EngineCommand& command) const;
    /// Append a command at `cycle`; it begins at once if the engine is idle.
    void submit(EventQueue& queue, EngineId id, const PlannedCommand& command, std::uint64_t cycle);

    /// A flag: a 32-bit counter that commands wait for and add to.
    std::uint32_t flag(std::uint32_t number) const { return state_.flags.at(number); }
    void set_flag(EventQueue& queue, std::uint32_t number, std::uint32_t value,
                  std::uint64_t cycle);
    void add_to_flag(EventQueue& queue, std::uint32_t number, std::uint32_t increment,
                     std::uint64_t cycle);

    /// Handle an event of the engines; the number of the completion, if a command that has one has
    /// ended.
    std::optional<std::uint64_t> handle(EventQueue& queue, const ScheduledEvent& event) {
        return act(queue, event.data / actions, static_cast<Action>(event.data % actions),
                   event.cycle);
    }

    /// What run() did.
    struct Progress {
        std::uint64_t last_cycle = 0;  ///< of the events that it handled
        std::uint32_t events = 0;
        std::optional<std::uint64_t> completion;  ///< as of handle(); the last event then
    };
    /// Handle the engines' events, as handle() would one after another, up to the first of somebody
    /// else, a completion, the cycle `stop`, or so many; there must be one to begin with. Nobody
    /// may look at the memories meanwhile: no core may be at work. State and queue are the same in
    /// the end, but most bytes move once instead of twice, and many together.
    Progress run(EventQueue& queue, std::uint64_t stop, std::uint32_t most_events);

    /// Engines that have commands.
    std::uint32_t busy() const { return busy_; }
    /// Some engine waits for a flag for which `is_it(flag)`.
    template <class F>
    bool waits_for(F&& is_it) const {  // the first that is missing is what it waits for
        for (const Engine& e : state_.engines) {
            if (e.phase == Engine::Phase::waiting && is_it(unmet(e.command())->flag)) return true;
        }
        return false;
    }
    /// One line for each engine that waits for a flag.
    std::string describe() const;
    /// One line for each engine that has commands.
    std::string describe_busy() const;
    /// sink(name, unit, what it counts, value) for each counter of each engine and of each memory
    /// that has ports for them: "dma0.bytes", "l2_bank3.bytes_read".
    template <class Sink>
    void count(Sink&& sink) const;
    /// No commands, nothing on its way; flags keep their values.
    void abort();

    const EngineState& state() const { return state_; }
    /// SnapshotError unless such a state fits this chip, and the events of `queue` fit the state.
    /// Makes the plans of its commands.
    void check_state(EngineState& state, const EventQueue& queue) const;
    /// Take over a checked state.
    void adopt(EngineState&& state);

private:
    enum Action : std::uint32_t { arrive, read, land };  // what an event is for
    static constexpr std::uint32_t actions = 4;

    /// One end of the transfer under way: its memory, and the bus or port that its bursts take.
    struct Endpoint {
        std::byte* memory = nullptr;
        Moment* free = nullptr;
        Rate rate;
        DramBank* bank = nullptr;  ///< either this
        MemoryPorts* ports = nullptr;
    };
    /// A command that streams, as its bursts need it.
    struct Path {
        Endpoint from, to;
        std::uint64_t bytes = 0;
    };
    /// In a cycle what was on its way lands first, and then engines go by their numbers, so that
    /// their order does not depend on who was asked when.
    std::uint64_t place_in_cycle(std::uint32_t number, Action action) const {
        return action == land ? number : agendas_.size() + number;
    }
    /// When an event is due, in the order of the queue.
    struct Due {
        std::uint64_t cycle = ~std::uint64_t{0};
        std::uint64_t sequence = ~std::uint64_t{0};
        bool operator<(const Due& other) const {
            return cycle < other.cycle || (cycle == other.cycle && sequence < other.sequence);
        }
    };
    /// What is ahead of an engine while run() lasts.
    struct Agenda {
        Due step;  ///< the beginning of its next burst or pass
        Action action = arrive;
        bool known = false;  ///< it has a command, whose place among the others is known
        /// The bytes of its bursts stay where they are until materialise(): no other command that
        /// is under way touches them, but to read where it reads.
        bool deferred = false;
        std::uint64_t materialised = 0;  ///< of the command's bytes, if so
        std::uint32_t rivals =
            0;  ///< other commands under way whose bursts take a link of its path
        /// It has no rivals, and its links are free: its bursts follow one another until the
        /// command ends at `ends`, and are counted when somebody wants to know.
        bool fast_forward = false;
        Due ends;
    };
    std::uint32_t port(MemoryKind kind, std::uint32_t index) const {
        return first_port_[static_cast<std::uint32_t>(kind)] + index;
    }
    PlanContext context() const { return {config_, map_, memories_}; }
    /// Of the command under way.
    const Plan& plan_of(std::uint32_t number) const { return state_.engines[number].plan(); }

    // Commands and flags (engine/engines.cpp)
    void begin(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    std::optional<std::uint64_t> end(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    bool met(const FlagWait& wait) const {
        return wait.flag == EngineCommand::no_flag || state_.flags[wait.flag] >= wait.value;
    }
    bool met(const EngineCommand& c) const {
        return met({c.wait_flag, c.wait_value}) && met(c.more_waits[0]) && met(c.more_waits[1]);
    }
    /// The first flag that the command waits for and that is not there yet.
    std::optional<FlagWait> unmet(const EngineCommand& command) const;

    // Bursts (engine/streaming.cpp)
    void schedule(EventQueue& queue, std::uint32_t number, Action action, std::uint64_t cycle);
    std::optional<std::uint64_t> act(EventQueue& queue, std::uint32_t number, Action action,
                                     std::uint64_t cycle);
    /// Find the path of the first command, if it streams.
    void find_path(std::uint32_t number);
    Endpoint endpoint_of(const Operand& operand, bool write);
    void count_access(const Operand& operand, const Endpoint& endpoint, bool write,
                      std::uint64_t from, std::uint64_t bytes, std::uint64_t& latency);
    void reserve_burst(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    void read_burst(EventQueue& queue, std::uint32_t number);
    std::optional<std::uint64_t> land_burst(EventQueue& queue, std::uint32_t number,
                                            std::uint64_t cycle);
    std::uint64_t burst_bytes(const Engine& engine, const Path& path) const;
    void gather(const Operand& operand, std::uint64_t from, std::span<std::byte> data);
    void publish(const Operand& operand, std::uint64_t from, std::span<const std::byte> data,
                 std::uint64_t cycle);

    // Passes of arrays (engine/systolic/passes.cpp)
    void begin_pass(EventQueue& queue, std::uint32_t number, std::uint64_t cycle);
    void land_pass(std::uint32_t number, std::uint64_t cycle);
    void check_passes(const Engine& engine, const ArrayState& array, std::uint64_t arrivals) const;
    ArrayShape array_shape() const { return {config_.systolic_rows, config_.systolic_columns}; }
    /// Of the engine with that number, which is an array.
    std::uint32_t array_index(std::uint32_t number) const {
        return number - first_[static_cast<std::uint32_t>(EngineKind::systolic_array)];
    }

    // Snapshots (engine/engine_state.cpp)
    /// An engine's events in a queue that was read.
    struct Pending {
        std::uint64_t arrivals = 0;  ///< the beginning of a burst or pass, or its reading
        std::uint64_t reads = 0;     ///< of those, readings
        std::uint64_t landings = 0;
        std::uint64_t last_landing = 0;  ///< its cycle
    };
    void check_engine(const Engine& engine, const Pending& pending) const;

    // While run() lasts (engine/fast_forward.cpp)
    void take_events(EventQueue& queue);
    void give_back_events(EventQueue& queue, const Due& before);
    void refresh(std::uint32_t number);
    void decide_deferral(std::uint32_t number);
    void land_before(std::uint32_t number, const Due& due);
    void materialise(std::uint32_t number, const Due& before);
    void move(std::uint32_t number, std::uint64_t from, std::uint64_t bytes, std::uint64_t cycle);
    bool rivals(std::uint32_t a, std::uint32_t b) const;
    bool start_fast_forward(std::uint32_t number);
    void fast_forward_to(std::uint32_t number, const Due& before);
    void stop_fast_forward(std::uint32_t number, const Due& before);
    void drop_command(std::uint32_t number);

    const EngineConfig& config_;
    const EngineMemories memories_;
    const AddressMap& map_;
    EngineEndpoints& endpoints_;
    std::uint32_t component_;
    std::array<std::uint32_t, engine_kind_count + 1> first_{};  // numbers of the kinds' engines
    std::array<std::uint32_t, memory_kind_count + 1> first_port_{};
    EngineState state_;
    std::vector<Path> paths_;             // of the commands under way that stream; derived
    MultiplyScratch scratch_;             // means nothing between two passes
    std::uint32_t busy_ = 0;              // derived
    std::vector<std::uint64_t> waiting_;  // a bit for each engine in that phase; derived

    bool alone_ = false;  // run() lasts
    std::vector<Agenda> agendas_;
    FirstOf<Due> first_due_;     // of each engine the next event
    Due now_;                    // the event that is being handled
    std::uint32_t current_ = 0;  // and whose it is
};

template <class Sink>
void Engines::count(Sink&& sink) const {
    static constexpr std::array<const char*, engine_kind_count> kinds = {
        "dma", "block_mover", "streamer", "systolic_array"};
    const auto below = [&](const std::string& name) {
        return
            [&sink, name](const char* counter, const char* unit, const char* text,
                          std::uint64_t value) { sink(name + "." + counter, unit, text, value); };
    };
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const EngineId id = id_of(n);
        const auto of_engine =
            below(kinds[static_cast<std::size_t>(id.kind)] + std::to_string(id.index));
        tilewright::count(state_.engines[n].counters, of_engine);
        if (id.kind != EngineKind::systolic_array) continue;
        tilewright::count(state_.arrays[id.index].counters, of_engine);
    }
    constexpr std::pair<MemoryKind, const char*> memories[] = {
        {MemoryKind::host, "host_memory"},    {MemoryKind::l3, "l3_tile"},
        {MemoryKind::l2, "l2_bank"},          {MemoryKind::scratchpad, "scratchpad"},
        {MemoryKind::l1_buffer, "l1_buffer"}, {MemoryKind::page_buffer, "page_buffer"}};
    for (const auto& [kind, name] : memories) {
        for (std::uint32_t i = 0; i < map_.window(kind).count; ++i) {
            tilewright::count(ports(kind, i), below(name + std::to_string(i)));
        }
    }
}

}  // namespace tilewright
