// The loop that lets time pass.
#include <algorithm>
#include <utility>

#include "chip/parts.hpp"
#include "chip/standstill.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {
namespace {

using Outcome = Chip::Outcome;

// The event belongs to one part, which handles it.
std::optional<News> handle(Parts& parts, const ScheduledEvent& event) {
    std::optional<News> news;
    const auto try_part = [&](auto& part) {
        if (!part.owns(event.component)) return false;
        news = part.handle(event);
        return true;
    };
    std::apply([&](auto&... part) { (try_part(part) || ...); }, parts.table());
    return news;
}

Outcome tell(Parts& parts, const News& news) {
    switch (news.kind) {
        case News::Kind::command_ended:
            parts.ended_command = news.number;
            return Outcome::command_ended;
        case News::Kind::core_ended:
            parts.notice = static_cast<std::uint32_t>(news.number);
            return Outcome::core_ended;
        case News::Kind::notified:
            break;
    }
    parts.notice = static_cast<std::uint32_t>(news.number);
    return Outcome::notified;
}

// A check has found something that no instruction was stopped for.
bool raced(const Parts& parts) {
    return parts.races != nullptr && parts.races->found();
}
bool found(Parts& parts) {
    if (!parts.fault && parts.engines.misuse()) parts.fault = parts.engines.misuse();
    return parts.fault || raced(parts);
}

// However the loop is left, no turn of a core has been begun that has not come.
struct EarlyTurnsEnd {
    EarlyTurns* early;
    ~EarlyTurnsEnd() {
        if (early == nullptr) return;
        try {
            early->take_back();
        } catch (...) {  // of another thread, whose turn is taken again, and fails again
            early->take_back();
        }
    }
};

Outcome run_events(Parts& parts, bool tell_livelocks) {
    SimClock& clock = parts.clock;
    EarlyTurns* const early = parts.early.get();
    const EarlyTurnsEnd end{early};
    while (parts.tiles.busy() != 0 || parts.host.busy() != 0 || parts.engines.busy() != 0) {
        if (found(parts)) return Outcome::faulted;
        if (clock.queue.empty()) {
            parts.tiles.for_each_core([&](const Tile&, std::uint32_t, const Core& core) {
                if (core.waits()) clock.reach(core.parked_at);
            });
            clock.acting = fabric_component;
            if (waits_for_host(parts)) return Outcome::idle;
            return Outcome::deadlocked;
        }
        const ScheduledEvent& next = clock.queue.top();
        if (next.cycle >= clock.stop) {
            clock.reach(clock.stop);
            clock.acting = fabric_component;
            return Outcome::reached;
        }
        if (clock.stop_request.wanted() || clock.stop_request.stopped()) {
            clock.reach(next.cycle);
            clock.acting = fabric_component;
            return Outcome::stopped;
        }
        if (parts.suspicion.raised()) {
            if (early != nullptr) early->take_back();
            if (tell_livelocks) parts.laps = find_laps(parts);
            if (!parts.laps.empty()) {
                clock.reach(next.cycle);
                clock.acting = fabric_component;
                return Outcome::deadlocked;
            }
            parts.suspicion.dismiss(next.cycle);
        }
        if (early != nullptr) early->before(next);
        std::optional<News> news;
        if (next.component == engine_component && parts.tiles.busy() == 0) {
            news = parts.engines.run_alone();
        } else {
            const ScheduledEvent event = clock.queue.pop();
            clock.reach(event.cycle);
            clock.acting = event.component;
            ++clock.events;
            news = handle(parts, event);
        }
        if (news) return tell(parts, *news);
    }
    return found(parts) ? Outcome::faulted : Outcome::ended;
}

}  // namespace

Chip::Outcome Chip::run(std::uint64_t stop, const std::function<bool()>& stop_requested,
                        bool tell_livelocks) {
    Parts& parts = *parts_;
    if (found(parts)) return Outcome::faulted;
    if (parts.stuck_core) return Outcome::stuck;
    if (!parts.laps.empty()) return Outcome::deadlocked;
    parts.suspicion.want(tell_livelocks);
    parts.clock.stop = stop;
    // The host may look at the chip when it is asked.
    const std::function<bool()> asked_alone = [&] {
        parts.early->join();
        return stop_requested();
    };
    parts.clock.stop_request.begin(parts.early && stop_requested ? asked_alone : stop_requested);
    try {
        return run_events(parts, tell_livelocks);
    } catch (const CoreFault& fault) {
        parts.fault = fault;
        return Outcome::faulted;
    } catch (const EndlessWait& wait) {
        parts.stuck_core = wait.core;
        return raced(parts) ? Outcome::faulted : Outcome::stuck;
    } catch (...) {
        abort();
        throw;
    }
}

}  // namespace tilewright
