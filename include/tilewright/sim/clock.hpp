// Time on a chip: what happens next, how far things have come, and whose event is being handled.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "tilewright/sim/event_queue.hpp"

namespace tilewright {

/// Asks the host whether to stop. That costs more than an event: once in so many is often enough.
class StopRequest {
public:
    void begin(const std::function<bool()>& asked) {
        asked_ = &asked;
        left_ = interval;
        stopped_ = false;
    }
    bool wanted() {
        if (left_-- != 0) return false;
        left_ = interval;
        stopped_ = stopped_ || (*asked_ && (*asked_)());
        return stopped_;
    }
    bool stopped() const { return stopped_; }
    /// Events until the host is asked, and so many of them are over.
    std::uint32_t left() const { return left_; }
    void skip(std::uint32_t events) { left_ -= std::min(left_, events); }

private:
    static constexpr std::uint32_t interval = 1000;
    const std::function<bool()>* asked_ = nullptr;
    std::uint32_t left_ = 0;
    bool stopped_ = false;
};

struct SimClock {
    EventQueue queue;
    StopRequest stop_request;  ///< while the chip runs
    std::uint64_t now = 0;     ///< the last cycle in which something happened
    std::uint64_t stop = 0;  ///< while the chip runs: what is due then or later does not happen yet
    std::uint32_t acting = 0;  ///< component of the event that was handled last, or is now
    std::uint64_t events = 0;  ///< handled since the chip was made

    /// Operations of this component that others can see are allowed before this cycle.
    std::uint64_t horizon(std::uint32_t component) const {
        if (queue.empty()) return stop;
        const ScheduledEvent& next = queue.top();
        return std::min(stop, next.cycle + (next.component > component ? 1 : 0));
    }
    void reach(std::uint64_t cycle) { now = std::max(now, cycle); }
};

/// Windows in which cores run ahead end at fixed points in time.
constexpr std::uint64_t end_of_window(std::uint64_t cycle, std::uint32_t quantum) {
    return (cycle / quantum + 1) * quantum;
}

}  // namespace tilewright
