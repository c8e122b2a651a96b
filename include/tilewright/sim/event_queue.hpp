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

constexpr bool later(const ScheduledEvent& a, const ScheduledEvent& b) {
    if (a.cycle != b.cycle) return a.cycle > b.cycle;
    if (a.component != b.component) return a.component > b.component;
    return a.sequence > b.sequence;
}

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
        heap_.push_back({cycle, next_sequence_, component, data});
        std::push_heap(heap_.begin(), heap_.end(), later);
        return next_sequence_++;
    }
    ScheduledEvent pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const ScheduledEvent event = heap_.back();
        heap_.pop_back();
        return event;
    }
    void clear() { heap_.clear(); }

    template <class Archive>
    friend void fields(Archive& archive, EventQueue& q) {
        archive(q.heap_, q.next_sequence_);
        std::make_heap(q.heap_.begin(), q.heap_.end(), later);
    }
    const std::vector<ScheduledEvent>& events() const { return heap_; }

private:
    std::vector<ScheduledEvent> heap_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace tilewright
