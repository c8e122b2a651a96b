// Engines while nobody else is at work on the chip.
//
// Every burst takes its place on the links at the same cycle and in the same order as ever. But its
// event goes round the chip's queue, and its bytes wait: as long as no other command under way
// touches them, nobody can tell whether they move burst by burst or together. A command whose links
// no other one uses does not even need events: when its bursts start is known. Where another
// command comes that touches the bytes or uses a link, both go on burst by burst. At the end of the
// stretch all is as if it had been so all the time.
#include <algorithm>
#include <cstring>

#include "tilewright/engine/engines.hpp"

namespace tilewright {
namespace {

bool overlap(const Side& a, const Side& b) {
    return a.place.kind == b.place.kind && a.place.index == b.place.index &&
           a.place.offset < b.place.offset + b.layout.extent() &&
           b.place.offset < a.place.offset + a.layout.extent();
}

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
           std::ranges::any_of(other.operands,
                               [&](const Side& side) { return overlap(writer.result, side); });
}

}  // namespace

Engines::Stretch Engines::run(EventQueue& queue, std::uint64_t stop, std::uint32_t most_events) {
    Stretch done;
    take_events(queue);
    std::uint64_t end = stop;
    if (!queue.empty()) {
        const ScheduledEvent& other = queue.top();
        end = std::min(end, other.cycle + (other.component > component_ ? 1 : 0));
    }
    try {
        Due before{end, 0};
        while (first_due_.least().cycle < end) {
            if (done.events == most_events || done.notice) {
                before = {now_.cycle, now_.sequence + 1};
                break;
            }
            now_ = first_due_.least();
            current_ = first_due_.first();
            Turn& turn = turns_[current_];
            Action action = land;
            if (turn.step.sequence == now_.sequence) {
                action = turn.action;
                turn.step = {};
            }
            done.notice = act(queue, current_, action, now_.cycle);
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
    for (Turn& turn : turns_) turn = {};
    std::vector<std::uint64_t> landings(turns_.size());
    for (const ScheduledEvent& event : queue.take_all_of(component_)) {
        const std::uint32_t n = event.data / actions;
        const auto action = static_cast<Action>(event.data % actions);
        if (action == land) {
            Burst& burst = state_.engines[n].burst(landings[n]++);
            burst.lands = event.cycle;
            burst.sequence = place_in_cycle(n, land);
        } else {
            turns_[n].step = {event.cycle, place_in_cycle(n, action)};
            turns_[n].action = action;
        }
    }
    for (std::uint32_t n = 0; n < turns_.size(); ++n) {
        if (state_.engines[n].phase == Engine::Phase::running) decide_deferral(n);
    }
    for (std::uint32_t n = 0; n < turns_.size(); ++n) refresh(n);
}

// All events before that one have been handled.
void Engines::give_back_events(EventQueue& queue, const Due& before) {
    alone_ = false;
    const auto give_back = [&](std::uint32_t n, Action action, const Due& due) {
        queue.put_back({due.cycle, due.sequence, component_, n * actions + action});
    };
    for (std::uint32_t n = 0; n < turns_.size(); ++n) {
        if (turns_[n].solo) leave_solo(n, before);
        if (turns_[n].deferred) settle(n, before);
        if (turns_[n].step < Due{}) give_back(n, turns_[n].action, turns_[n].step);
        const Engine& engine = state_.engines[n];
        for (std::uint64_t b = 0; b < engine.flying; ++b) {
            const Burst& burst = engine.burst(b);
            give_back(n, land, {burst.lands, burst.sequence});
        }
    }
}

// When something happens next at this engine. Of a command whose bytes wait only the last landing
// counts.
void Engines::refresh(std::uint32_t n) {
    const Engine& engine = state_.engines[n];
    const Turn& turn = turns_[n];
    if (turn.solo) {
        first_due_.set(n, turn.ends);
        return;
    }
    Due due = turn.step;
    if (engine.flying != 0 && (!turn.deferred || engine.read == ways_[n].bytes)) {
        const std::uint64_t which = turn.deferred ? engine.flying - 1 : 0;
        const Burst& burst = engine.burst(which);
        due = std::min(due, Due{burst.lands, burst.sequence});
    }
    first_due_.set(n, due);
}

// The engine has a command from now on, or run() begins.
void Engines::decide_deferral(std::uint32_t n) {
    const Plan& plan = plans_[n];
    Turn& turn = turns_[n];
    turn.settled = state_.engines[n].read;
    turn.deferred = plan.streams && !plan.backwards && !overlap(plan.operands[0], plan.result);
    for (std::uint32_t m = 0; m < turns_.size(); ++m) {
        Turn& other = turns_[m];
        if (!other.known) continue;
        const bool disturbed =
            writes_what_is_used(plan, plans_[m]) || writes_what_is_used(plans_[m], plan);
        const bool rival = rivals(n, m);
        if (!disturbed && !rival) continue;
        if (other.solo) leave_solo(m, now_);
        if (rival) {
            ++turn.rivals;
            ++other.rivals;
        }
        if (disturbed) {
            if (other.deferred) settle(m, now_);
            turn.deferred = other.deferred = false;
        }
        refresh(m);
    }
    turn.known = true;
}

// The command of this engine has ended.
void Engines::forget_command(std::uint32_t n) {
    for (std::uint32_t m = 0; m < turns_.size(); ++m) {
        if (m != n && turns_[m].known && rivals(n, m)) --turns_[m].rivals;
    }
    turns_[n] = {};
}

bool Engines::rivals(std::uint32_t a, std::uint32_t b) const {
    if (!plans_[a].streams || !plans_[b].streams) return false;
    const Way& x = ways_[a];
    const Way& y = ways_[b];
    return x.from.free == y.from.free || x.from.free == y.to.free || x.to.free == y.from.free ||
           x.to.free == y.to.free;
}

// The next burst is ready to go. If nothing is in the way of it and of those behind it, they need
// no events; the first burst of a command has one, which finds out the latency.
bool Engines::go_solo(std::uint32_t n) {
    const Engine& engine = state_.engines[n];
    Turn& turn = turns_[n];
    const Way& way = ways_[n];
    const bool free = !(engine.next < *way.from.free) && !(engine.next < *way.to.free);
    if (!turn.deferred || turn.rivals != 0 || engine.read == 0 || !free ||
        endpoints_.observer() != nullptr) {
        return false;
    }
    const Moment end = after(engine.next, way.bytes - engine.read, plans_[n].rate);
    turn.solo = true;
    turn.ends = {end.rounded_up() + engine.latency, place_in_cycle(n, land)};
    return true;
}

// The bursts of a solo that have started before that event take place.
void Engines::catch_up(std::uint32_t n, const Due& before) {
    Engine& engine = state_.engines[n];
    const Plan& plan = plans_[n];
    const Way& way = ways_[n];
    land_before(n, before);
    const std::uint64_t first = engine.read;
    Moment start = engine.next;
    std::uint64_t bytes = 0;
    std::uint64_t latency = 0;
    if (way.from.bank == nullptr && way.to.bank == nullptr && engine.read < way.bytes &&
        turns_[n].ends < before) {
        // All of them have landed, and ports do not ask how many they were: only the last counts.
        const std::uint64_t rest = way.bytes - engine.read;
        const std::uint64_t earlier = (rest - 1) / config_.burst_bytes * config_.burst_bytes;
        start = after(engine.next, earlier, plan.rate);
        bytes = rest - earlier;
        engine.next = after(start, bytes, plan.rate);
        engine.read = engine.landed = way.bytes;
    }
    while (engine.read < way.bytes && Due{engine.next.cycle, place_in_cycle(n, arrive)} < before) {
        start = engine.next;
        bytes = burst_bytes(engine, way);
        if (way.from.bank != nullptr) {
            dram_burst(*way.from.bank, dram_timing_, start, start, bytes);
            count_access(plan.operands[0], way.from, false, engine.read, bytes, latency);
        }
        if (way.to.bank != nullptr) {
            if (way.to.free != way.from.free) {
                dram_burst(*way.to.bank, dram_timing_, start, start, bytes);
            }
            count_access(plan.result, way.to, true, engine.read, bytes, latency);
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
    for (const End* end : {&way.from, &way.to}) {
        if (end->bank != nullptr) continue;
        (end == &way.to ? end->ports->bytes_written : end->ports->bytes_read) +=
            engine.read - first;
        *end->free = after(last_before(start, end->rate), bytes, end->rate);
    }
}

void Engines::leave_solo(std::uint32_t n, const Due& before) {
    catch_up(n, before);
    const Engine& engine = state_.engines[n];
    Turn& turn = turns_[n];
    turn.solo = false;
    if (engine.read == ways_[n].bytes) return;
    turn.step = {engine.next.cycle, place_in_cycle(n, arrive)};
    turn.action = arrive;
}

void Engines::land_before(std::uint32_t n, const Due& due) {
    Engine& engine = state_.engines[n];
    const std::uint64_t most = config_.burst_bytes;
    while (engine.flying != 0) {
        const Burst& burst = engine.burst(0);
        if (!(Due{burst.lands, burst.sequence} < due)) return;
        if (burst.data.empty()) {
            engine.landed += std::min(most, ways_[n].bytes - burst.from);
        } else {
            publish(plans_[n].result, burst.from, burst.data, burst.lands);
            engine.landed += burst.data.size();
        }
        engine.drop_oldest();
    }
}

// The bytes of a command that waited are where they would be now.
void Engines::settle(std::uint32_t n, const Due& before) {
    Engine& engine = state_.engines[n];
    Turn& turn = turns_[n];
    if (turn.solo) catch_up(n, before);
    land_before(n, before);
    if (turn.settled < engine.landed) {
        move(n, turn.settled, engine.landed - turn.settled, before.cycle);
    }
    for (std::uint64_t b = 0; b < engine.flying; ++b) {
        Burst& burst = engine.burst(b);
        if (!burst.data.empty()) continue;
        burst.data.resize(
            std::min<std::uint64_t>(config_.burst_bytes, ways_[n].bytes - burst.from));
        gather(plans_[n].operands[0], burst.from, burst.data);
    }
    turn.settled = engine.read;
}

void Engines::move(std::uint32_t n, std::uint64_t from, std::uint64_t bytes, std::uint64_t cycle) {
    const Plan& plan = plans_[n];
    const Way& way = ways_[n];
    for_each_run(plan.result.layout, from, bytes,
                 [&](std::uint64_t offset, std::uint64_t done, std::uint64_t count) {
                     MemoryRef place = plan.result.place;
                     place.offset += offset;
                     endpoints_.will_write(place, count, cycle);
                     std::byte* to = way.to.memory + offset;
                     for_each_run(
                         plan.operands[0].layout, from + done, count,
                         [&](std::uint64_t at, std::uint64_t before, std::uint64_t length) {
                             copy_bytes(to + before, way.from.memory + at, length);
                         });
                 });
}

}  // namespace tilewright
