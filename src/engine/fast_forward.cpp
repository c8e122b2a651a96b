// Engines while nobody else is at work on the chip.
//
// Every burst takes its place on the links at the same cycle and in the same order as ever. But its
// event does not go through the chip's queue, and its bytes are deferred: as long as no other
// command under way touches them, nobody can tell whether they move burst by burst or together. A
// command whose links no other one uses is fast-forwarded: when its bursts start is known, and they
// need no events. Where another command comes that touches the bytes or uses a link, the deferred
// bytes are materialised, and both go on burst by burst. When run() returns, all is as if it had
// been so all the time.
#include <algorithm>
#include <cstring>

#include "tilewright/engine/engines.hpp"

namespace tilewright {
namespace {

// Rows of panels have few bytes: too few for a call.
void copy_bytes(std::byte* to, const std::byte* from, std::uint64_t bytes) {
    switch (bytes) {
        case 4:
            std::memcpy(to, from, 4);
            break;
        case 64:
            std::memcpy(to, from, 64);
            break;
        case 128:
            std::memcpy(to, from, 128);
            break;
        default:
            std::memcpy(to, from, bytes);
    }
}

bool writes_what_is_used(const Plan& writer, const Plan& other) {
    return overlap(writer.result, other.result) ||
           std::ranges::any_of(other.operands, [&](const Operand& operand) {
               return overlap(writer.result, operand);
           });
}

}  // namespace

Engines::Progress Engines::run(EventQueue& queue, std::uint64_t stop, std::uint32_t most_events) {
    Progress done;
    take_events(queue);
    std::uint64_t end = stop;
    if (!queue.empty()) {
        const ScheduledEvent& other = queue.top();
        end = std::min(end, other.cycle + (other.component > component_ ? 1 : 0));
    }
    try {
        Due before{end, 0};
        while (first_due_.least().cycle < end) {
            if (done.events == most_events || done.completion) {
                before = {now_.cycle, now_.sequence + 1};
                break;
            }
            now_ = first_due_.least();
            current_ = first_due_.first();
            Agenda& agenda = agendas_[current_];
            Action action = land;
            if (agenda.step.sequence == now_.sequence) {
                action = agenda.action;
                agenda.step = {};
            }
            done.completion = act(queue, current_, action, now_.cycle);
            done.last_cycle = now_.cycle;
            ++done.events;
            refresh(current_);
        }
        give_back_events(queue, before);
    } catch (...) {
        give_back_events(queue, now_);
        throw;
    }
    return done;
}

void Engines::take_events(EventQueue& queue) {
    alone_ = true;
    now_ = {0, 0};
    for (Agenda& agenda : agendas_) agenda = {};
    std::vector<std::uint64_t> landings(agendas_.size());
    for (const ScheduledEvent& event : queue.take_all_of(component_)) {
        const std::uint32_t n = event.data / actions;
        const auto action = static_cast<Action>(event.data % actions);
        if (action == land) {
            Burst& burst = state_.engines[n].burst(landings[n]++);
            burst.lands = event.cycle;
            burst.sequence = place_in_cycle(n, land);
        } else {
            agendas_[n].step = {event.cycle, place_in_cycle(n, action)};
            agendas_[n].action = action;
        }
    }
    for (std::uint32_t n = 0; n < agendas_.size(); ++n) {
        if (state_.engines[n].phase == Engine::Phase::running) decide_deferral(n);
    }
    for (std::uint32_t n = 0; n < agendas_.size(); ++n) refresh(n);
}

// All events before that one have been handled.
void Engines::give_back_events(EventQueue& queue, const Due& before) {
    alone_ = false;
    const auto give_back = [&](std::uint32_t n, Action action, const Due& due) {
        queue.put_back({due.cycle, due.sequence, component_, n * actions + action});
    };
    for (std::uint32_t n = 0; n < agendas_.size(); ++n) {
        if (agendas_[n].fast_forward) stop_fast_forward(n, before);
        if (agendas_[n].deferred) materialise(n, before);
        if (agendas_[n].step < Due{}) give_back(n, agendas_[n].action, agendas_[n].step);
        const Engine& engine = state_.engines[n];
        for (std::uint64_t b = 0; b < engine.flying; ++b) {
            const Burst& burst = engine.burst(b);
            give_back(n, land, {burst.lands, burst.sequence});
        }
    }
}

// When something happens next at this engine. Of a deferred command only the last landing
// counts.
void Engines::refresh(std::uint32_t n) {
    const Engine& engine = state_.engines[n];
    const Agenda& agenda = agendas_[n];
    if (agenda.fast_forward) {
        first_due_.set(n, agenda.ends);
        return;
    }
    Due due = agenda.step;
    if (engine.flying != 0 && (!agenda.deferred || engine.read == paths_[n].bytes)) {
        const std::uint64_t which = agenda.deferred ? engine.flying - 1 : 0;
        const Burst& burst = engine.burst(which);
        due = std::min(due, Due{burst.lands, burst.sequence});
    }
    first_due_.set(n, due);
}

// The engine has a command from now on, or run() begins.
void Engines::decide_deferral(std::uint32_t n) {
    const Plan& plan = plan_of(n);
    Agenda& agenda = agendas_[n];
    agenda.materialised = state_.engines[n].read;
    agenda.deferred = plan.streams && !plan.backwards && !overlap(plan.operands[0], plan.result);
    for (std::uint32_t m = 0; m < agendas_.size(); ++m) {
        Agenda& other = agendas_[m];
        if (!other.known) continue;
        const bool disturbed =
            writes_what_is_used(plan, plan_of(m)) || writes_what_is_used(plan_of(m), plan);
        const bool rival = rivals(n, m);
        if (!disturbed && !rival) continue;
        if (other.fast_forward) stop_fast_forward(m, now_);
        if (rival) {
            ++agenda.rivals;
            ++other.rivals;
        }
        if (disturbed) {
            if (other.deferred) materialise(m, now_);
            agenda.deferred = other.deferred = false;
        }
        refresh(m);
    }
    agenda.known = true;
}

// The command of this engine has ended.
void Engines::drop_command(std::uint32_t n) {
    for (std::uint32_t m = 0; m < agendas_.size(); ++m) {
        if (m != n && agendas_[m].known && rivals(n, m)) --agendas_[m].rivals;
    }
    agendas_[n] = {};
}

bool Engines::rivals(std::uint32_t a, std::uint32_t b) const {
    if (!plan_of(a).streams || !plan_of(b).streams) return false;
    const Path& x = paths_[a];
    const Path& y = paths_[b];
    return x.from.free == y.from.free || x.from.free == y.to.free || x.to.free == y.from.free ||
           x.to.free == y.to.free;
}

// The next burst is ready to go. If nothing is in the way of it and of those behind it, they need
// no events; the first burst of a command has one, which finds out the latency.
bool Engines::start_fast_forward(std::uint32_t n) {
    const Engine& engine = state_.engines[n];
    Agenda& agenda = agendas_[n];
    const Path& path = paths_[n];
    const bool free = !(engine.next < *path.from.free) && !(engine.next < *path.to.free);
    if (!agenda.deferred || agenda.rivals != 0 || engine.read == 0 || !free ||
        endpoints_.observer() != nullptr) {
        return false;
    }
    const Moment end = after(engine.next, path.bytes - engine.read, plan_of(n).rate);
    agenda.fast_forward = true;
    agenda.ends = {end.rounded_up() + engine.latency, place_in_cycle(n, land)};
    return true;
}

// The bursts of a fast-forwarded command that have started before that event take place.
void Engines::fast_forward_to(std::uint32_t n, const Due& before) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plan_of(n);
    const Path& path = paths_[n];
    land_before(n, before);
    const std::uint64_t first = engine.read;
    Moment start = engine.next;
    std::uint64_t bytes = 0;
    std::uint64_t latency = 0;
    if (path.from.bank == nullptr && path.to.bank == nullptr && engine.read < path.bytes &&
        agendas_[n].ends < before) {
        // All of them have landed, and ports do not ask how many they were: only the last counts.
        const std::uint64_t rest = path.bytes - engine.read;
        const std::uint64_t earlier = (rest - 1) / config_.burst_bytes * config_.burst_bytes;
        start = after(engine.next, earlier, plan.rate);
        bytes = rest - earlier;
        engine.next = after(start, bytes, plan.rate);
        engine.read = engine.landed = path.bytes;
    }
    while (engine.read < path.bytes && Due{engine.next.cycle, place_in_cycle(n, arrive)} < before) {
        start = engine.next;
        bytes = burst_bytes(engine, path);
        if (path.from.bank != nullptr) {
            dram_burst(*path.from.bank, memories_.dram, start, start, bytes);
            count_access(plan.operands[0], path.from, false, engine.read, bytes, latency);
        }
        if (path.to.bank != nullptr) {
            if (path.to.free != path.from.free) {
                dram_burst(*path.to.bank, memories_.dram, start, start, bytes);
            }
            count_access(plan.result, path.to, true, engine.read, bytes, latency);
        }
        engine.next = after(start, bytes, plan.rate);
        const Due lands{engine.next.rounded_up() + engine.latency, place_in_cycle(n, land)};
        if (engine.flying == 0 && lands < before) {
            engine.landed += bytes;
        } else {
            Burst& burst = engine.new_burst();
            burst.from = engine.read;
            burst.data.clear();
            burst.lands = lands.cycle;
            burst.sequence = lands.sequence;
        }
        engine.read += bytes;
    }
    if (engine.read == first) return;
    for (const Endpoint* end : {&path.from, &path.to}) {
        if (end->bank != nullptr) continue;
        (end == &path.to ? end->ports->bytes_written : end->ports->bytes_read) +=
            engine.read - first;
        *end->free = after(last_before(start, end->rate), bytes, end->rate);
    }
}

void Engines::stop_fast_forward(std::uint32_t n, const Due& before) {
    fast_forward_to(n, before);
    const Engine& engine = state_.engines[n];
    Agenda& agenda = agendas_[n];
    agenda.fast_forward = false;
    if (engine.read == paths_[n].bytes) return;
    agenda.step = {engine.next.cycle, place_in_cycle(n, arrive)};
    agenda.action = arrive;
}

void Engines::land_before(std::uint32_t n, const Due& due) {
    Engine& engine = state_.engines[n];
    const std::uint64_t most = config_.burst_bytes;
    while (engine.flying != 0) {
        const Burst& burst = engine.burst(0);
        if (!(Due{burst.lands, burst.sequence} < due)) return;
        if (burst.data.empty()) {
            engine.landed += std::min(most, paths_[n].bytes - burst.from);
        } else {
            publish(plan_of(n).result, burst.from, burst.data, burst.lands);
            engine.landed += burst.data.size();
        }
        engine.drop_oldest();
    }
}

// The deferred bytes are where they would be now.
void Engines::materialise(std::uint32_t n, const Due& before) {
    Engine& engine = state_.engines[n];
    Agenda& agenda = agendas_[n];
    if (agenda.fast_forward) fast_forward_to(n, before);
    land_before(n, before);
    if (agenda.materialised < engine.landed) {
        move(n, agenda.materialised, engine.landed - agenda.materialised, before.cycle);
    }
    for (std::uint64_t b = 0; b < engine.flying; ++b) {
        Burst& burst = engine.burst(b);
        if (!burst.data.empty()) continue;
        burst.data.resize(
            std::min<std::uint64_t>(config_.burst_bytes, paths_[n].bytes - burst.from));
        gather(plan_of(n).operands[0], burst.from, burst.data);
    }
    agenda.materialised = engine.read;
}

void Engines::move(std::uint32_t n, std::uint64_t from, std::uint64_t bytes, std::uint64_t cycle) {
    const Plan& plan = plan_of(n);
    const Path& path = paths_[n];
    for_each_run(plan.result.layout, from, bytes,
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     MemoryRef place = plan.result.place;
                     place.offset += offset;
                     endpoints_.will_write(place, count, cycle);
                     std::byte* to = path.to.memory + offset;
                     for_each_run(
                         plan.operands[0].layout, from + done, count,
                         [&](std::uint64_t at, std::uint64_t before, std::uint64_t length) {
                             copy_bytes(to + before, path.from.memory + at, length);
                         });
                 });
}

}  // namespace tilewright
