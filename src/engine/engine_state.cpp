// State of engines out of a snapshot: whether it can be, and what follows from it.
#include <algorithm>

#include "tilewright/base/error.hpp"
#include "tilewright/engine/engines.hpp"

namespace tilewright {
namespace {

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: engines: ") + what);
}

bool good(const Moment& m) {
    return m.of != 0 && m.part < m.of;
}

}  // namespace

void Engines::check_state(EngineState& state, const EventQueue& queue) const {
    expect(state.engines.size() == state_.engines.size(), "wrong number of them");
    expect(state.arrays.size() == state_.arrays.size(), "wrong number of systolic arrays");
    expect(state.flags.size() == state_.flags.size(), "wrong number of flags");
    expect(state.ports.size() == state_.ports.size(), "wrong number of memories");
    for (const MemoryPorts& ports : state.ports) {
        expect(good(ports.read_free) && good(ports.write_free), "a time that cannot be");
    }
    std::vector<Pending> pending(state.engines.size());
    for (const ScheduledEvent& event : queue.events()) {
        if (event.component != component_) continue;
        const std::uint32_t n = event.data / actions;
        expect(n < state.engines.size() && event.data % actions <= land,
               "an event of none of them");
        Pending& p = pending[n];
        if (event.data % actions == land) {
            ++p.landings;
            p.last_landing = std::max(p.last_landing, event.cycle);
        } else {
            ++p.arrivals;
            p.reads += event.data % actions == read ? 1 : 0;
        }
    }
    for (std::uint32_t n = 0; n < state.engines.size(); ++n) {
        Engine& e = state.engines[n];
        expect(e.idle() == e.queue.empty() && (e.idle() || e.first < e.queue.size()),
               "a queue that cannot be");
        for (std::uint64_t c = e.first; c < e.queue.size(); ++c) {
            try {
                e.queue[c] = plan(id_of(n), e.queue[c].command);
            } catch (const Error& error) {
                throw SnapshotError(std::string("snapshot: ") + error.what());
            }
        }
        check_engine(e, pending[n]);
        if (e.phase == Engine::Phase::running && !e.plan().streams) {
            check_passes(e, state.arrays[array_index(n)], pending[n].arrivals);
        }
    }
}

void Engines::check_engine(const Engine& e, const Pending& pending) const {
    expect(good(e.next), "a time that cannot be");
    expect(e.flying <= e.bursts.size() && (e.bursts.empty() || e.oldest < e.bursts.size()),
           "bursts that cannot be");
    const bool running = e.phase == Engine::Phase::running;
    expect(running || e.flying == 0, "bursts of no command");
    expect(pending.landings == e.flying, "a burst that does not land");
    if (!running) {
        expect(pending.arrivals == 0, "an event of no command");
        return;
    }
    const Plan& plan = e.plan();
    if (!plan.streams) {
        expect(pending.reads == 0, "a burst of an array");
        return;
    }
    const std::uint64_t total = plan.result.layout.bytes();
    expect(e.read <= total && e.landed <= e.read, "more bytes than there are");
    expect(total != 0 || e.flying <= 1, "bursts of nothing");  // each would end the command
    const bool begun = e.flying != 0 || e.read != 0;
    expect(pending.arrivals == (e.read < total || !begun ? 1u : 0u), "a burst that does not start");
    // Bursts land in the order in which they start: what starts later finds the others landed.
    const std::uint64_t next = e.next.rounded_up();
    expect(pending.last_landing <= next || pending.last_landing - next <= e.latency,
           "a burst that lands too late");
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
        if (engine.phase == Engine::Phase::running && engine.plan().streams) find_path(n);
    }
}

}  // namespace tilewright
