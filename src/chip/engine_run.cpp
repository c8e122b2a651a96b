// Engines while nobody else is at work on the chip.
//
// Every burst takes its place on the links at the same cycle and in the same order as ever. But its
// event goes round the chip's queue, and its bytes wait: as long as no other command under way
// touches them, nobody can tell whether they move burst by burst or together. Where one does, both
// go on burst by burst. At the end of the stretch all is as if it had been so all the time.
#include <algorithm>
#include <cstring>

#include "tilewright/chip/engines.hpp"

namespace tilewright {
namespace {

bool overlap(const Side& a, const Side& b) {
    return a.place.kind == b.place.kind && a.place.index == b.place.index &&
           a.place.offset < b.place.offset + b.layout.extent() &&
           b.place.offset < a.place.offset + a.layout.extent();
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
            burst.sequence = event.sequence;
        } else {
            turns_[n].step = {event.cycle, event.sequence};
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
        if (m == n || state_.engines[m].phase != Engine::Phase::running) continue;
        if (!writes_what_is_used(plan, plans_[m]) && !writes_what_is_used(plans_[m], plan)) {
            continue;
        }
        turn.deferred = false;
        if (!turns_[m].deferred) continue;
        settle(m, now_);
        turns_[m].deferred = false;
        refresh(m);
    }
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
                     MemoryLocation place = plan.result.place;
                     place.offset += offset;
                     endpoints_.will_write(place, count, cycle);
                     std::byte* to = way.to.memory + offset;
                     for_each_run(
                         plan.operands[0].layout, from + done, count,
                         [&](std::uint64_t at, std::uint64_t before, std::uint64_t length) {
                             std::memcpy(to + before, way.from.memory + at, length);
                         });
                 });
}

}  // namespace tilewright
