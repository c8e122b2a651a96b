// Transfers burst by burst: each takes its place on the links at both ends, is read when it starts,
// and published when it lands.
#include <algorithm>
#include <cstring>

#include "tilewright/engine/engines.hpp"

namespace tilewright {
namespace {

// First byte of a burst, counted in its command.
std::uint64_t burst_from(const Plan& plan, std::uint64_t read, std::uint64_t bytes) {
    return plan.backwards ? plan.result.layout.bytes() - read - bytes : read;
}

}  // namespace

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
        agendas_[n].step = due;
        agendas_[n].action = action;
    }
    if (n != current_) refresh(n);
}

std::optional<std::uint64_t> Engines::act(EventQueue& queue, std::uint32_t n, Action action,
                                          std::uint64_t cycle) {
    switch (action) {
        case arrive:
            if (!plan_of(n).streams) {
                begin_pass(queue, n, cycle);
            } else if (!alone_ || !start_fast_forward(n)) {
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

void Engines::find_path(std::uint32_t n) {
    const Plan& plan = plan_of(n);
    paths_[n] = {endpoint_of(plan.operands[0], false), endpoint_of(plan.result, true),
                 plan.result.layout.bytes()};
}

std::uint64_t Engines::burst_bytes(const Engine& engine, const Path& path) const {
    return std::min<std::uint64_t>(config_.burst_bytes, path.bytes - engine.read);
}

Engines::Endpoint Engines::endpoint_of(const Operand& operand, bool write) {
    const MemoryRef& place = operand.place;
    std::byte* memory = endpoints_.memory(place.kind, place.index) + place.offset;
    if (place.kind == MemoryKind::dram) {
        DramBank& bank = endpoints_.dram_bank(place.index);
        return {memory, &bank.free, memories_.dram.rate, &bank, nullptr};
    }
    MemoryPorts& ports = state_.ports[port(place.kind, place.index)];
    return {memory, write ? &ports.write_free : &ports.read_free,
            place.kind == MemoryKind::host ? memories_.host : memories_.sram, nullptr, &ports};
}

// The next burst is ready to go: take its place on the links at both ends, behind those that came
// before. It starts when both have come to it.
void Engines::reserve_burst(EventQueue& queue, std::uint32_t n, std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plan_of(n);
    const Path& path = paths_[n];
    const std::uint64_t bytes = burst_bytes(engine, path);

    const Moment asked = engine.next;
    const Moment start =
        first_after(later_of(asked, later_of(*path.from.free, *path.to.free)), plan.rate);
    const auto take = [&](const Endpoint& end) {
        if (end.bank != nullptr) {
            dram_burst(*end.bank, memories_.dram, asked, start, bytes);
        } else {
            *end.free = after(last_before(start, end.rate), bytes, end.rate);
        }
    };
    take(path.from);
    // A copy inside one DRAM bank holds the bus once: its bytes come and go at the bank's rate.
    if (path.to.free != path.from.free) take(path.to);
    engine.next = start;
    engine.counters.stalled_cycles += start.cycle - cycle;
    if (start.cycle > cycle) {
        schedule(queue, n, read, start.cycle);
    } else {
        read_burst(queue, n);
    }
}

void Engines::count_access(const Operand& operand, const Endpoint& end, bool write,
                           std::uint64_t from, std::uint64_t bytes, std::uint64_t& latency) {
    if (end.bank == nullptr) {
        (write ? end.ports->bytes_written : end.ports->bytes_read) += bytes;
        return;
    }
    if (bytes == 0) latency = std::max<std::uint64_t>(latency, memories_.dram.row_hit_cycles);
    for_each_run(
        operand.layout, from, bytes, [&](std::uint64_t offset, std::uint64_t, std::uint64_t count) {
            const std::uint32_t rows =
                dram_rows(*end.bank, memories_.dram, operand.place.offset + offset, count, write);
            latency = std::max<std::uint64_t>(latency, rows);
        });
}

// A burst starts: its bytes are read now.
void Engines::read_burst(EventQueue& queue, std::uint32_t n) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plan_of(n);
    const Path& path = paths_[n];
    const std::uint64_t bytes = burst_bytes(engine, path);
    const bool deferred = alone_ && agendas_[n].deferred;
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
    count_access(plan.operands[0], path.from, false, burst.from, bytes, latency);
    count_access(plan.result, path.to, true, burst.from, bytes, latency);
    // Rows that later bursts open hide behind the bursts before them.
    if (engine.read == 0) {
        const bool host = plan.operands[0].place.kind == MemoryKind::host ||
                          plan.result.place.kind == MemoryKind::host;
        engine.latency = latency + (host ? memories_.host_latency_cycles : 0);
    }
    if (Observer* observer = endpoints_.observer()) {
        const Rate rate = memories_.dram.rate;
        const Moment bus_free =
            after(last_before(start, rate), bytes, rate);  // as dram_burst has it
        for (const auto& [operand, write] :
             {std::pair(plan.operands[0], false), std::pair(plan.result, true)}) {
            if (operand.place.kind != MemoryKind::dram || bytes == 0) continue;
            observer->on_dram(
                {.bank = operand.place.index,
                 .write = write,
                 .address = operand.place.offset + run_at(operand.layout, burst.from).offset,
                 .bytes = static_cast<std::uint32_t>(bytes),
                 .start = Cycle{start.cycle},
                 .busy_cycles = bus_free.cycle - start.cycle});
        }
    }
    engine.read += bytes;
    engine.next = after(start, bytes, plan.rate);
    schedule(queue, n, land, engine.next.rounded_up() + engine.latency);
    if (engine.read < path.bytes) schedule(queue, n, arrive, engine.next.cycle);
}

std::optional<std::uint64_t> Engines::land_burst(EventQueue& queue, std::uint32_t n,
                                                 std::uint64_t cycle) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plan_of(n);
    if (alone_ && agendas_[n].deferred) {  // the last one, and with it all
        materialise(n, {now_.cycle, now_.sequence + 1});
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

void Engines::gather(const Operand& operand, std::uint64_t from, std::span<std::byte> data) {
    const std::byte* memory =
        endpoints_.memory(operand.place.kind, operand.place.index) + operand.place.offset;
    for_each_run(operand.layout, from, data.size(),
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     std::memcpy(data.data() + done, memory + offset, count);
                 });
}

void Engines::publish(const Operand& operand, std::uint64_t from, std::span<const std::byte> data,
                      std::uint64_t cycle) {
    std::byte* memory = endpoints_.memory(operand.place.kind, operand.place.index);
    for_each_run(operand.layout, from, data.size(),
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     MemoryRef place = operand.place;
                     place.offset += offset;
                     endpoints_.will_write(place, count, cycle);
                     std::memcpy(memory + place.offset, data.data() + done, count);
                 });
}

}  // namespace tilewright
