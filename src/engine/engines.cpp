// The queues of commands and the flags that they wait for.
#include "tilewright/engine/engines.hpp"

#include <algorithm>
#include <bit>

#include "tilewright/base/error.hpp"

namespace tilewright {

Engines::Engines(const EngineConfig& config, const EngineMemories& memories, const AddressMap& map,
                 EngineEndpoints& endpoints, std::uint32_t component)
    : config_(config),
      memories_(memories),
      map_(map),
      endpoints_(endpoints),
      component_(component) {
    const std::array<std::uint32_t, engine_kind_count> counts = {
        config.dma_engine_count, config.block_mover_count, config.streamer_count,
        config.systolic_array_count};
    for (std::uint32_t k = 0; k < engine_kind_count; ++k) first_[k + 1] = first_[k] + counts[k];
    for (std::uint32_t k = 0; k < memory_kind_count; ++k) {
        first_port_[k + 1] = first_port_[k] + map.window(static_cast<MemoryKind>(k)).count;
    }
    state_.engines.resize(first_.back());
    state_.arrays.resize(config.systolic_array_count);
    state_.flags.resize(abi::engine_flag_count);
    state_.ports.resize(first_port_.back());
    paths_.resize(first_.back());
    agendas_.resize(first_.back());
    waiting_.resize(first_.back() / 64 + 1);
    first_due_ = FirstOf<Due>(std::max(1U, first_.back()));
}

std::uint32_t Engines::engine_count(EngineKind kind) const {
    const auto k = static_cast<std::uint32_t>(kind);
    return first_[k + 1] - first_[k];
}

std::uint32_t Engines::number(EngineId id) const {
    if (static_cast<std::uint32_t>(id.kind) >= engine_kind_count) {
        throw AddressError("no engines of kind " +
                           std::to_string(static_cast<std::uint32_t>(id.kind)));
    }
    if (id.index >= engine_count(id.kind)) {
        throw AddressError("no " + engine_name(id) + "; there are " +
                           std::to_string(engine_count(id.kind)));
    }
    return first_[static_cast<std::uint32_t>(id.kind)] + id.index;
}

EngineId Engines::id_of(std::uint32_t number) const {
    std::uint32_t kind = 0;
    while (number >= first_[kind + 1]) ++kind;
    return {static_cast<EngineKind>(kind), number - first_[kind]};
}

// --- Commands -----------------------------------------------------------------------------------

PlannedCommand Engines::plan(EngineId id, const EngineCommand& command) const {
    number(id);
    if (kind_of(command.work) != id.kind) {
        throw ArgumentError(engine_name(id) +
                            " cannot do this: " + tilewright::describe(command.work));
    }
    for (const std::uint32_t flag : {command.wait_flag, command.more_waits[0].flag,
                                     command.more_waits[1].flag, command.done_flag}) {
        if (flag != EngineCommand::no_flag && flag >= state_.flags.size()) {
            throw AddressError(engine_name(id) + ": no flag " + std::to_string(flag) +
                               "; there are " + std::to_string(state_.flags.size()));
        }
    }
    return {command, make_plan(command.work, context())};
}

void Engines::submit(EventQueue& queue, EngineId id, const PlannedCommand& command,
                     std::uint64_t cycle) {
    const std::uint32_t n = number(id);
    Engine& engine = state_.engines[n];
    engine.queue.push_back(command);
    if (!engine.idle()) return;
    ++busy_;
    begin(queue, n, cycle);
}

std::optional<FlagWait> Engines::unmet(const EngineCommand& command) const {
    const FlagWait first{command.wait_flag, command.wait_value};
    if (!met(first)) return first;
    for (const FlagWait& wait : command.more_waits) {
        if (!met(wait)) return wait;
    }
    return std::nullopt;
}

// The first command of the queue: it starts now, or waits for its flags.
void Engines::begin(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    if (engine.phase != Engine::Phase::waiting) engine.since = cycle;
    const std::uint64_t bit = std::uint64_t{1} << (n % 64);
    if (!met(engine.command())) {
        engine.phase = Engine::Phase::waiting;
        waiting_[n / 64] |= bit;
        return;
    }
    waiting_[n / 64] &= ~bit;
    engine.counters.waiting_cycles += cycle - engine.since;
    engine.phase = Engine::Phase::running;
    engine.started = cycle;
    endpoints_.begun(n, engine.queue[engine.first], cycle);
    engine.latency = 0;
    engine.read = 0;
    engine.landed = 0;
    const Plan& plan = engine.plan();
    if (plan.streams) {
        find_path(n);
    } else {
        state_.arrays[array_index(n)].passes_begun = 0;
    }
    if (alone_) decide_deferral(n);
    const std::uint64_t first = cycle + plan.setup_cycles;
    engine.next = {first, 0, plan.rate.bytes};
    schedule(queue, n, arrive, first);
}

std::optional<std::uint64_t> Engines::end(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const EngineCommand& command = engine.command();
    ++engine.counters.commands;
    engine.counters.bytes += engine.landed;
    engine.counters.busy_cycles += cycle - engine.started;
    if (Observer* observer = endpoints_.observer()) {
        const auto [source, destination] = endpoints_of(command.work);
        observer->on_engine({.engine = id_of(n),
                             .what = verb_of(command.work),
                             .source = source,
                             .destination = destination,
                             .bytes = engine.landed,
                             .waited = Cycle{engine.since},
                             .start = Cycle{engine.started},
                             .end = Cycle{cycle}});
    }
    endpoints_.ended(n, command);
    const std::uint32_t flag = command.done_flag;
    const std::uint32_t increment = command.done_increment;
    const std::uint64_t completion = command.completion;
    engine.phase = Engine::Phase::idle;
    if (alone_) drop_command(n);
    engine.pop_command();
    if (engine.queue.empty()) {
        --busy_;
    } else {
        begin(queue, n, cycle);
    }
    if (flag != EngineCommand::no_flag) add_to_flag(queue, flag, increment, cycle);
    endpoints_.command_ended(cycle);
    return completion == 0 ? std::nullopt : std::optional(completion);
}

void Engines::abort() {
    for (Engine& engine : state_.engines) {
        engine.phase = Engine::Phase::idle;
        engine.queue.clear();
        engine.first = engine.read = engine.landed = engine.oldest = engine.flying = 0;
    }
    for (MemoryPorts& ports : state_.ports) ports.read_free = ports.write_free = {};
    std::ranges::fill(waiting_, 0);
    busy_ = 0;
}

// --- Flags --------------------------------------------------------------------------------------

void Engines::set_flag(EventQueue& queue, std::uint32_t flag, std::uint32_t value,
                       std::uint64_t cycle) {
    state_.flags.at(flag) = value;
    for (std::uint32_t word = 0; word < waiting_.size(); ++word) {
        for (std::uint64_t bits = waiting_[word]; bits != 0; bits &= bits - 1) {
            const std::uint32_t n = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
            if (met(state_.engines[n].command())) begin(queue, n, cycle);
        }
    }
    endpoints_.flag_changed(flag, cycle);
}

void Engines::add_to_flag(EventQueue& queue, std::uint32_t flag, std::uint32_t increment,
                          std::uint64_t cycle) {
    set_flag(queue, flag, state_.flags.at(flag) + increment, cycle);
}

}  // namespace tilewright
