#include "tilewright/engine/engines.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tilewright/engine/registers.hpp"

namespace tilewright {
namespace {

// Commands that have ended are forgotten when there are many of them.
constexpr std::uint64_t forget_at = 256;

void pop_command(Engine& engine) {
    ++engine.first;
    if (engine.first == engine.queue.size()) {
        engine.queue.clear();
        engine.first = 0;
    } else if (engine.first >= forget_at && engine.first * 2 >= engine.queue.size()) {
        engine.queue.erase(engine.queue.begin(),
                           engine.queue.begin() + static_cast<std::ptrdiff_t>(engine.first));
        engine.first = 0;
    }
}

// First byte of a burst, counted in its command.
std::uint64_t burst_from(const Plan& plan, std::uint64_t read, std::uint64_t bytes) {
    return plan.backwards ? plan.result.layout.bytes() - read - bytes : read;
}

}  // namespace

void Engine::straighten() {
    std::rotate(bursts.begin(), bursts.begin() + static_cast<std::ptrdiff_t>(oldest), bursts.end());
    oldest = 0;
    bursts.resize(flying);
}

Burst& Engine::new_burst() {
    if (flying == bursts.size()) {  // all of the ring is in use
        straighten();
        bursts.emplace_back();
    }
    return burst(flying++);
}

Engines::Engines(const ChipConfig& config, const AddressMap& map, EngineEndpoints& endpoints,
                 std::uint32_t component)
    : config_(config),
      map_(map),
      endpoints_(endpoints),
      component_(component),
      sram_rate_{config.sram_bytes_per_cycle, 1},
      dram_timing_{.rate = rate_of(config.dram_bytes_per_cycle),
                   .row_bytes = config.dram_row_bytes,
                   .open_rows = config.dram_open_rows,
                   .row_hit_cycles = config.dram_row_hit_cycles,
                   .row_miss_cycles = config.dram_row_miss_cycles} {
    if (config.host_memory_region_count != 0) {
        host_rate_ = rate_of(config.host_memory_bytes_per_cycle);
    }
    const std::array<std::uint32_t, engine_kind_count> counts = {
        config.dma_engine_count, config.block_mover_count, config.streamer_count,
        config.systolic_array_count};
    for (std::uint32_t k = 0; k < engine_kind_count; ++k) first_[k + 1] = first_[k] + counts[k];
    for (std::uint32_t k = 0; k < memory_kind_count; ++k) {
        first_port_[k + 1] = first_port_[k] + map.window(static_cast<MemoryKind>(k)).count;
    }
    state_.engines.resize(first_.back());
    state_.flags.resize(abi::engine_flag_count);
    state_.ports.resize(first_port_.back());
    plans_.resize(first_.back());
    ways_.resize(first_.back());
    turns_.resize(first_.back());
    waiting_.resize(first_.back() / 64 + 1);
    first_due_ = FirstOf<Due>(std::max(1U, first_.back()));
}

// --- Names --------------------------------------------------------------------------------------

std::uint32_t Engines::count(EngineKind kind) const {
    const auto k = static_cast<std::uint32_t>(kind);
    return first_[k + 1] - first_[k];
}

std::uint32_t Engines::number(EngineId id) const {
    if (static_cast<std::uint32_t>(id.kind) >= engine_kind_count) {
        throw AddressError("no engines of kind " +
                           std::to_string(static_cast<std::uint32_t>(id.kind)));
    }
    if (id.index >= count(id.kind)) {
        throw AddressError("no " + engine_name(id) + "; there are " +
                           std::to_string(count(id.kind)));
    }
    return first_[static_cast<std::uint32_t>(id.kind)] + id.index;
}

EngineId Engines::id_of(std::uint32_t number) const {
    std::uint32_t kind = 0;
    while (number >= first_[kind + 1]) ++kind;
    return {static_cast<EngineKind>(kind), number - first_[kind]};
}

// --- Commands -----------------------------------------------------------------------------------

void Engines::check(EngineId id, const EngineCommand& command) const {
    number(id);
    if (kind_of(command.work) != id.kind) {
        throw ArgumentError(engine_name(id) + " cannot do this: " + describe(command.work));
    }
    for (const std::uint32_t flag : {command.wait_flag, command.more_waits[0].flag,
                                     command.more_waits[1].flag, command.done_flag}) {
        if (flag != EngineCommand::no_flag && flag >= state_.flags.size()) {
            throw AddressError(engine_name(id) + ": no flag " + std::to_string(flag) +
                               "; there are " + std::to_string(state_.flags.size()));
        }
    }
    make_plan(command.work, map_, config_);
}

void Engines::submit(EventQueue& queue, EngineId id, EngineCommand command, std::uint64_t cycle) {
    const std::uint32_t n = number(id);
    Engine& engine = state_.engines[n];
    engine.queue.push_back(std::move(command));
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
    const EngineCommand& command = engine.command();
    if (engine.phase != Engine::Phase::waiting) engine.since = cycle;
    const std::uint64_t bit = std::uint64_t{1} << (n % 64);
    if (!met(command)) {
        engine.phase = Engine::Phase::waiting;
        waiting_[n / 64] |= bit;
        return;
    }
    waiting_[n / 64] &= ~bit;
    engine.counters.waiting_cycles += cycle - engine.since;
    engine.phase = Engine::Phase::running;
    engine.started = cycle;
    engine.latency = 0;
    engine.read = 0;
    engine.landed = 0;
    engine.array.passes_begun = 0;
    take_up(n);
    if (alone_) decide_deferral(n);
    const std::uint64_t first = cycle + plans_[n].setup_cycles;
    engine.next = {first, 0, plans_[n].rate.bytes};
    schedule(queue, n, arrive, first);
}

void Engines::take_up(std::uint32_t n) {
    plans_[n] = make_plan(state_.engines[n].command().work, map_, config_);
    const Plan& plan = plans_[n];
    if (!plan.streams) return;
    ways_[n] = {end_of(plan.operands[0], false), end_of(plan.result, true),
                plan.result.layout.bytes()};
}

void Engines::schedule(EventQueue& queue, std::uint32_t n, Action action, std::uint64_t cycle) {
    const Due due{cycle, place_in_cycle(n, action)};
    if (!alone_) {
        queue.put_back({due.cycle, due.sequence, component_, n * actions + action});
        return;
    }
    if (action == land) {
        Engine& engine = state_.engines[n];
        Burst& newest = engine.burst(engine.flying - 1);
        newest.lands = due.cycle;
        newest.sequence = due.sequence;
    } else {
        turns_[n].step = due;
        turns_[n].action = action;
    }
    if (n != current_) refresh(n);
}

std::optional<std::uint64_t> Engines::act(EventQueue& queue, std::uint32_t n, Action action,
                                          std::uint64_t cycle) {
    switch (action) {
        case arrive:
            if (!plans_[n].streams) {
                begin_pass(queue, n, cycle);
            } else if (!alone_ || !go_solo(n)) {
                reserve_burst(queue, n, cycle);
            }
            return std::nullopt;
        case read:
            read_burst(queue, n);
            return std::nullopt;
        case land:
            break;
    }
    return land_burst(queue, n, cycle);
}

// --- Bursts -------------------------------------------------------------------------------------

std::uint64_t Engines::burst_bytes(const Engine& engine, const Way& way) const {
    return std::min<std::uint64_t>(config_.burst_bytes, way.bytes - engine.read);
}

Engines::End Engines::end_of(const Side& side, bool write) {
    const MemoryRef& place = side.place;
    std::byte* memory = endpoints_.memory(place.kind, place.index) + place.offset;
    if (place.kind == MemoryKind::dram) {
        DramBank& bank = endpoints_.dram_bank(place.index);
        return {memory, &bank.free, dram_timing_.rate, &bank, nullptr};
    }
    MemoryPorts& ports = state_.ports[port(place.kind, place.index)];
    return {memory, write ? &ports.write_free : &ports.read_free,
            place.kind == MemoryKind::host ? host_rate_ : sram_rate_, nullptr, &ports};
}

// The next burst is ready to go: take its place on the links at both ends, behind those that came
// before. It starts when both have come to it.
void Engines::reserve_burst(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plans_[n];
    const Way& way = ways_[n];
    const std::uint64_t bytes = burst_bytes(engine, way);

    const Moment asked = engine.next;
    const Moment start =
        first_after(later_of(asked, later_of(*way.from.free, *way.to.free)), plan.rate);
    const auto take = [&](const End& end) {
        if (end.bank != nullptr) {
            dram_burst(*end.bank, dram_timing_, asked, start, bytes);
        } else {
            *end.free = after(last_before(start, end.rate), bytes, end.rate);
        }
    };
    take(way.from);
    // A copy inside one DRAM bank holds the bus once: its bytes come and go at the bank's rate.
    if (way.to.free != way.from.free) take(way.to);
    engine.next = start;
    engine.counters.stalled_cycles += start.cycle - cycle;
    if (start.cycle > cycle) {
        schedule(queue, n, read, start.cycle);
    } else {
        read_burst(queue, n);
    }
}

void Engines::count_access(const Side& side, const End& end, bool write, std::uint64_t from,
                           std::uint64_t bytes, std::uint64_t& latency) {
    if (end.bank == nullptr) {
        (write ? end.ports->bytes_written : end.ports->bytes_read) += bytes;
        return;
    }
    if (bytes == 0) latency = std::max<std::uint64_t>(latency, dram_timing_.row_hit_cycles);
    for_each_run(
        side.layout, from, bytes, [&](std::uint64_t offset, std::uint64_t, std::uint64_t count) {
            const std::uint32_t rows =
                dram_rows(*end.bank, dram_timing_, side.place.offset + offset, count, write);
            latency = std::max<std::uint64_t>(latency, rows);
        });
}

// A burst starts: its bytes are read now.
void Engines::read_burst(EventQueue& queue, std::uint32_t n) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plans_[n];
    const Way& way = ways_[n];
    const std::uint64_t bytes = burst_bytes(engine, way);
    const bool deferred = alone_ && turns_[n].deferred;
    if (deferred) land_before(n, now_);
    Burst& burst = engine.new_burst();
    burst.from = burst_from(plan, engine.read, bytes);
    if (deferred) {
        burst.data.clear();
    } else {
        burst.data.resize(bytes);
        gather(plan.operands[0], burst.from, burst.data);
    }

    const Moment start = engine.next;
    std::uint64_t latency = 0;
    count_access(plan.operands[0], way.from, false, burst.from, bytes, latency);
    count_access(plan.result, way.to, true, burst.from, bytes, latency);
    // Rows that later bursts open hide behind the bursts before them.
    if (engine.read == 0) {
        const bool host = plan.operands[0].place.kind == MemoryKind::host ||
                          plan.result.place.kind == MemoryKind::host;
        engine.latency = latency + (host ? config_.host_memory_latency_cycles : 0);
    }
    if (Observer* observer = endpoints_.observer()) {
        for (const auto& [side, write] :
             {std::pair(plan.operands[0], false), std::pair(plan.result, true)}) {
            if (side.place.kind != MemoryKind::dram || bytes == 0) continue;
            observer->on_dram(
                {.bank = side.place.index,
                 .write = write,
                 .address = side.place.offset + run_at(side.layout, burst.from).offset,
                 .bytes = static_cast<std::uint32_t>(bytes),
                 .start = Cycle{start.cycle},
                 .busy_cycles = after({0, 0, dram_timing_.rate.bytes}, bytes, dram_timing_.rate)
                                    .rounded_up()});
        }
    }
    engine.read += bytes;
    engine.next = after(start, bytes, plan.rate);
    schedule(queue, n, land, engine.next.rounded_up() + engine.latency);
    if (engine.read < way.bytes) schedule(queue, n, arrive, engine.next.cycle);
}

std::optional<std::uint64_t> Engines::land_burst(EventQueue& queue, std::uint32_t n,
                                                 std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plans_[n];
    if (alone_ && turns_[n].deferred) {  // the last one, and with it all
        settle(n, {now_.cycle, now_.sequence + 1});
        return end(queue, n, cycle);
    }
    const Burst& burst = engine.burst(0);
    if (plan.streams) {
        publish(plan.result, burst.from, burst.data, cycle);
    } else {
        land_pass(n, cycle);
    }
    engine.landed += burst.data.size();
    engine.drop_oldest();
    if (engine.landed < plan.result.layout.bytes()) return std::nullopt;
    return end(queue, n, cycle);
}

std::optional<std::uint64_t> Engines::end(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const EngineCommand& command = engine.command();
    ++engine.counters.commands;
    engine.counters.bytes += engine.landed;
    engine.counters.busy_cycles += cycle - engine.started;
    if (Observer* observer = endpoints_.observer()) {
        const auto [source, destination] = ends_of(command.work);
        observer->on_engine({.engine = id_of(n),
                             .what = verb_of(command.work),
                             .source = source,
                             .destination = destination,
                             .bytes = engine.landed,
                             .waited = Cycle{engine.since},
                             .start = Cycle{engine.started},
                             .end = Cycle{cycle}});
    }
    const std::uint32_t flag = command.done_flag;
    const std::uint32_t increment = command.done_increment;
    const std::uint64_t notice = command.notice;
    engine.phase = Engine::Phase::idle;
    if (alone_) forget_command(n);
    pop_command(engine);
    if (engine.queue.empty()) {
        --busy_;
    } else {
        begin(queue, n, cycle);
    }
    if (flag != EngineCommand::no_flag) add_to_flag(queue, flag, increment, cycle);
    endpoints_.command_ended(cycle);
    return notice == 0 ? std::nullopt : std::optional(notice);
}

void Engines::gather(const Side& side, std::uint64_t from, std::span<std::byte> data) {
    const std::byte* memory =
        endpoints_.memory(side.place.kind, side.place.index) + side.place.offset;
    for_each_run(side.layout, from, data.size(),
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     std::memcpy(data.data() + done, memory + offset, count);
                 });
}

void Engines::publish(const Side& side, std::uint64_t from, std::span<const std::byte> data,
                      std::uint64_t cycle) {
    std::byte* memory = endpoints_.memory(side.place.kind, side.place.index);
    for_each_run(side.layout, from, data.size(),
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     MemoryRef place = side.place;
                     place.offset += offset;
                     endpoints_.will_write(place, count, cycle);
                     std::memcpy(memory + place.offset, data.data() + done, count);
                 });
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

// --- Looking ------------------------------------------------------------------------------------

std::string Engines::describe_waiting() const {
    std::string lines;
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const Engine& engine = state_.engines[n];
        if (engine.phase != Engine::Phase::waiting) continue;
        const FlagWait wait = *unmet(engine.command());
        lines += "\n  " + engine_name(id_of(n)) + " waits for flag " + std::to_string(wait.flag) +
                 " to be at least " + std::to_string(wait.value) + " (it is " +
                 std::to_string(state_.flags[wait.flag]) + ") before its " +
                 describe(engine.command().work);
    }
    return lines;
}

std::string Engines::describe_busy() const {
    std::string lines;
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const Engine& engine = state_.engines[n];
        if (engine.idle()) continue;
        lines += "\n  " + engine_name(id_of(n)) + ": " + describe(engine.command().work);
        if (engine.queued() > 1) {
            lines += " and " + std::to_string(engine.queued() - 1) + " more commands";
        }
    }
    return lines;
}

bool Engines::notices_pending() const {
    return std::ranges::any_of(state_.engines, [](const Engine& engine) {
        return std::any_of(engine.queue.begin() + static_cast<std::ptrdiff_t>(engine.first),
                           engine.queue.end(),
                           [](const EngineCommand& c) { return c.notice != 0; });
    });
}

void Engines::clear() {
    for (Engine& engine : state_.engines) {
        engine.phase = Engine::Phase::idle;
        engine.queue.clear();
        engine.first = engine.read = engine.landed = engine.oldest = engine.flying = 0;
    }
    for (MemoryPorts& ports : state_.ports) ports.read_free = ports.write_free = {};
    std::ranges::fill(waiting_, 0);
    busy_ = 0;
}

// --- Snapshots ----------------------------------------------------------------------------------

void Engines::check_state(const EngineState& state, const EventQueue& queue) const {
    const auto expect = [](bool good, const char* what) {
        if (!good) throw SnapshotError(std::string("snapshot: engines: ") + what);
    };
    const auto good = [](const Moment& m) { return m.of != 0 && m.part < m.of; };
    expect(state.engines.size() == state_.engines.size(), "wrong number of them");
    expect(state.flags.size() == state_.flags.size(), "wrong number of flags");
    expect(state.ports.size() == state_.ports.size(), "wrong number of memories");
    for (const MemoryPorts& ports : state.ports) {
        expect(good(ports.read_free) && good(ports.write_free), "a time that cannot be");
    }
    std::vector<std::uint64_t> arrivals(state.engines.size());
    std::vector<std::uint64_t> landings(state.engines.size());
    std::vector<std::uint64_t> reads(state.engines.size());  // of the arrivals
    for (const ScheduledEvent& event : queue.events()) {
        if (event.component != component_) continue;
        const std::uint32_t n = event.data / actions;
        expect(n < state.engines.size() && event.data % actions <= land,
               "an event of none of them");
        (event.data % actions == land ? landings : arrivals)[n] += 1;
        reads[n] += event.data % actions == read ? 1 : 0;
    }
    for (std::uint32_t n = 0; n < state.engines.size(); ++n) {
        const Engine& e = state.engines[n];
        expect(good(e.next), "a time that cannot be");
        expect(e.idle() == e.queue.empty() && (e.idle() || e.first < e.queue.size()),
               "a queue that cannot be");
        const bool running = e.phase == Engine::Phase::running;
        for (std::uint64_t c = e.first; c < e.queue.size(); ++c) {
            try {
                check(id_of(n), e.queue[c]);
            } catch (const Error& error) {
                throw SnapshotError(std::string("snapshot: ") + error.what());
            }
        }
        expect(e.flying <= e.bursts.size() && (e.bursts.empty() || e.oldest < e.bursts.size()),
               "bursts that cannot be");
        expect(running || e.flying == 0, "bursts of no command");
        expect(landings[n] == e.flying, "a burst that does not land");
        if (!running) {
            expect(arrivals[n] == 0, "an event of no command");
            continue;
        }
        const Plan plan = make_plan(e.command().work, map_, config_);
        if (!plan.streams) {
            expect(reads[n] == 0, "a burst of an array");
            check_passes(e, arrivals[n]);
            continue;
        }
        const std::uint64_t total = plan.result.layout.bytes();
        expect(e.read <= total && e.landed <= e.read, "more bytes than there are");
        const bool begun = e.flying != 0 || e.read != 0;
        expect(arrivals[n] == (e.read < total || !begun ? 1u : 0u), "a burst that does not start");
        expect(e.next.of == plan.rate.bytes, "a rate that cannot be");
        std::uint64_t bytes = 0;
        for (std::uint64_t b = 0; b < e.flying; ++b) {
            const Burst& burst = e.burst(b);
            const std::uint64_t size = burst.data.size();
            bytes += size;
            expect(size <= total && burst.from <= total - size, "a burst past the end");
            expect(size != 0 || total == 0, "a burst without bytes");
        }
        expect(bytes == e.read - e.landed, "bursts that do not add up");
    }
}

void Engines::adopt(EngineState&& state) {
    state_ = std::move(state);
    busy_ = 0;
    std::ranges::fill(waiting_, 0);
    for (std::uint32_t n = 0; n < state_.engines.size(); ++n) {
        const Engine& engine = state_.engines[n];
        busy_ += engine.idle() ? 0 : 1;
        if (engine.phase == Engine::Phase::waiting) {
            waiting_[n / 64] |= std::uint64_t{1} << (n % 64);
        }
        if (engine.phase == Engine::Phase::running) take_up(n);
    }
}

}  // namespace tilewright
