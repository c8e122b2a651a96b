// What happens next, in one total order: (cycle, component, sequence).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tilewright {

struct ScheduledEvent {
    std::uint64_t cycle = 0;
    std::uint64_t sequence = 0;   ///< order of scheduling; decides between equals
    std::uint32_t component = 0;  ///< whose event it is; lower ones go first in a cycle
    std::uint32_t data = 0;       ///< for the component
};

struct Later {
    bool operator()(const ScheduledEvent& a, const ScheduledEvent& b) const {
        if (a.cycle != b.cycle) return a.cycle > b.cycle;
        if (a.component != b.component) return a.component > b.component;
        return a.sequence > b.sequence;
    }
};

template <class Archive>
void fields(Archive& archive, ScheduledEvent& e) {
    archive(e.cycle, e.sequence, e.component, e.data);
}

class EventQueue {
public:
    bool empty() const { return heap_.empty(); }
    const ScheduledEvent& top() const { return heap_.front(); }
    /// Returns the event's sequence number, by which its owner knows it again.
    std::uint64_t push(std::uint64_t cycle, std::uint32_t component, std::uint32_t data) {
        const std::uint64_t sequence = next_sequence_++;
        put_back({cycle, sequence, component, data});
        return sequence;
    }
    ScheduledEvent pop() {
        std::pop_heap(heap_.begin(), heap_.end(), Later{});
        const ScheduledEvent event = heap_.back();
        heap_.pop_back();
        return event;
    }

    /// For a component that keeps its own events for a while: all of them, in their order. In the
    /// end it puts back what is left.
    std::vector<ScheduledEvent> take_all_of(std::uint32_t component) {
        const auto rest = std::partition(
            heap_.begin(), heap_.end(),
            [&](const ScheduledEvent& event) { return event.component != component; });
        std::vector<ScheduledEvent> taken(rest, heap_.end());
        heap_.erase(rest, heap_.end());
        std::make_heap(heap_.begin(), heap_.end(), Later{});
        std::sort(taken.begin(), taken.end(),
                  [](const auto& a, const auto& b) { return Later{}(b, a); });
        return taken;
    }
    /// An event that was taken, or one of a component that gives its events their order in a cycle
    /// itself.
    void put_back(const ScheduledEvent& event) {
        heap_.push_back(event);
        std::push_heap(heap_.begin(), heap_.end(), Later{});
    }

    void clear() { heap_.clear(); }

    template <class Archive>
    friend void fields(Archive& archive, EventQueue& q) {
        // In their order, however they came: that is a heap too.
        std::sort(q.heap_.begin(), q.heap_.end(),
                  [](const auto& a, const auto& b) { return Later{}(b, a); });
        archive(q.heap_, q.next_sequence_);
        std::make_heap(q.heap_.begin(), q.heap_.end(), Later{});
    }
    const std::vector<ScheduledEvent>& events() const { return heap_; }

private:
    std::vector<ScheduledEvent> heap_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace tilewright
