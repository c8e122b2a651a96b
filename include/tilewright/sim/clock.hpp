// Time on a chip: what happens next, how far things have come, and whose event is being handled.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>

#include "tilewright/sim/event_queue.hpp"

namespace tilewright {

/// Asks the host whether to stop. That costs more than an event: once in so many is often enough,
/// but a hundred times a second if they take long. Only that depends on the host's clock.
class StopRequest {
public:
    /// A run begins, of which one event at least takes place. What went by since the host was asked
    /// counts on, so that it is asked however short its runs are.
    void begin(const std::function<bool()>& asked) {
        asked_ = &asked;
        last_look_ = Clock::now();
        if (last_asked_ == Clock::time_point()) last_asked_ = last_look_;
        stopped_ = false;
        events_ += batch_ - left_;
        batch_ = left_ = 1;
    }
    bool wanted() { return left_-- == 0 && look(); }
    bool stopped() const { return stopped_; }
    /// So many events are over.
    void skip(std::uint32_t events) {
        const std::uint32_t in_batch = std::min(left_, events);
        left_ -= in_batch;
        events_ += events - in_batch;
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::uint32_t interval = 1000;  // events
    static constexpr std::uint32_t longest_batch = 255;

    bool look() {
        const auto now = Clock::now();
        events_ += batch_ + 1;
        if (now - last_look_ < std::chrono::microseconds(500)) {
            batch_ = std::min(2 * batch_ + 1, longest_batch);
        } else if (now - last_look_ > std::chrono::milliseconds(2)) {
            batch_ /= 4;
        }
        last_look_ = now;
        left_ = batch_;
        if (events_ >= interval || now - last_asked_ >= std::chrono::milliseconds(10)) {
            events_ = 0;
            last_asked_ = now;
            stopped_ = stopped_ || (*asked_ && (*asked_)());
        }
        return stopped_;
    }

    const std::function<bool()>* asked_ = nullptr;
    std::uint32_t left_ = 0;
    std::uint32_t batch_ = 0;   // events between two looks
    std::uint32_t events_ = 0;  // since the host was asked
    Clock::time_point last_look_;
    Clock::time_point last_asked_;
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
