// What happens next, in one total order: (cycle, component, sequence).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
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

/// A timing wheel: each of the next cycles has a list of its events in their order, and a bit that
/// tells whether there are any; what is due after them waits in a heap. Most events are due soon,
/// and cost the same however many there are.
class EventQueue {
public:
    EventQueue() { lists_.fill({nobody, nobody, nobody}); }

    bool empty() const { return first_ == nobody; }
    const ScheduledEvent& top() const { return nodes_[first_].event; }
    /// Returns the event's sequence number, by which its owner knows it again.
    std::uint64_t push(std::uint64_t cycle, std::uint32_t component, std::uint32_t data) {
        const std::uint64_t sequence = next_sequence_++;
        put_back({cycle, sequence, component, data});
        return sequence;
    }
    ScheduledEvent pop() {
        Node& node = nodes_[first_];
        const ScheduledEvent event = node.event;
        const std::uint64_t slot = event.cycle % cycles;
        lists_[slot].first = node.next;
        if (lists_[slot].inserted == first_) lists_[slot].inserted = nobody;
        node.next = std::exchange(free_, first_);
        first_ = lists_[slot].first;
        if (first_ == nobody) {
            used_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
            find_first(slot);
        }
        if (event.cycle != begin_) turn(event.cycle);
        if (first_ == nobody && !later_.empty()) turn(later_.front().cycle);
        return event;
    }

    /// An event that was taken, or one of a component that gives its events their order in a cycle
    /// itself.
    void put_back(const ScheduledEvent& event) {
        if (empty()) begin_ = event.cycle;
        if (event.cycle < begin_) turn_back(event.cycle);
        if (event.cycle - begin_ < cycles) return insert(event);
        later_.push_back(event);
        std::push_heap(later_.begin(), later_.end(), Later{});
    }

    /// Calls visit(event) for those that are due within the wheel, in their order, until it returns
    /// false.
    template <class Visitor>
    void look_ahead(Visitor&& visit) const {
        if (empty()) return;
        for (std::uint64_t cycle = top().cycle; cycle - begin_ < cycles;) {
            const std::uint64_t slot = cycle % cycles;
            const std::uint64_t bits = used_[slot / 64] >> slot % 64;
            if (bits == 0) {
                cycle += 64 - slot % 64;
            } else if (const int later = std::countr_zero(bits); later != 0) {
                cycle += static_cast<std::uint64_t>(later);
            } else {
                for (std::uint32_t n = lists_[slot].first; n != nobody; n = nodes_[n].next) {
                    if (!visit(nodes_[n].event)) return;
                }
                ++cycle;
            }
        }
    }

    /// For a component that keeps its own events for a while: all of them, in their order. In the
    /// end it puts back what is left.
    std::vector<ScheduledEvent> take_all_of(std::uint32_t component) {
        std::vector<ScheduledEvent> all = events();
        const auto others = std::stable_partition(all.begin(), all.end(), [&](const auto& event) {
            return event.component == component;
        });
        if (others != all.begin()) assign({others, all.end()});
        all.erase(others, all.end());
        return all;
    }

    void clear() {
        lists_.fill({nobody, nobody, nobody});
        used_.fill(0);
        nodes_.clear();
        later_.clear();
        first_ = free_ = nobody;
    }

    /// All of them, in their order.
    std::vector<ScheduledEvent> events() const {
        std::vector<ScheduledEvent> all = later_;
        for (const List& list : lists_) {
            for (std::uint32_t n = list.first; n != nobody; n = nodes_[n].next) {
                all.push_back(nodes_[n].event);
            }
        }
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return Later{}(b, a); });
        return all;
    }

    template <class Archive>
    friend void fields(Archive& archive, EventQueue& q) {
        std::vector<ScheduledEvent> all = q.events();
        archive(all, q.next_sequence_);
        q.assign(all);
    }

private:
    static constexpr std::uint32_t nobody = ~std::uint32_t{0};
    static constexpr std::uint64_t cycles = 256;  // of the wheel
    struct Node {
        ScheduledEvent event;
        std::uint32_t next;  // in the list of its cycle, or of the free
    };
    struct List {
        std::uint32_t first;
        std::uint32_t last;      // if there is a first
        std::uint32_t inserted;  // the one that was put between others last
    };

    void insert(const ScheduledEvent& event) {
        std::uint32_t n = free_;
        if (n == nobody) {
            n = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back({event, nobody});
        } else {
            free_ = nodes_[n].next;
            nodes_[n] = {event, nobody};
        }
        List& list = lists_[event.cycle % cycles];
        if (list.first == nobody) {
            list = {n, n, nobody};
            used_[event.cycle % cycles / 64] |= std::uint64_t{1} << event.cycle % 64;
        } else if (!Later{}(nodes_[list.last].event, event)) {  // as most are
            nodes_[list.last].next = n;
            list.last = n;
        } else {
            std::uint32_t* link = &list.first;
            // Parts of one kind are due one after another, between others of that cycle.
            if (list.inserted != nobody && !Later{}(nodes_[list.inserted].event, event)) {
                link = &nodes_[list.inserted].next;
            }
            while (!Later{}(nodes_[*link].event, event)) link = &nodes_[*link].next;
            nodes_[n].next = *link;
            *link = n;
            list.inserted = n;
        }
        if (first_ == nobody || Later{}(top(), event)) first_ = n;
    }

    // After the last event of the cycle that has this place in the wheel.
    void find_first(std::uint64_t from) {
        for (std::uint64_t word = 0; word <= used_.size(); ++word) {
            const std::uint64_t at = (from / 64 + word) % used_.size();
            std::uint64_t bits = used_[at];
            if (word == 0) bits &= ~std::uint64_t{0} << from % 64;
            if (bits == 0) continue;
            first_ = lists_[64 * at + static_cast<std::uint64_t>(std::countr_zero(bits))].first;
            return;
        }
    }

    // The wheel begins at this cycle now, before which nothing is due.
    void turn(std::uint64_t cycle) {
        begin_ = cycle;
        while (!later_.empty() && later_.front().cycle - begin_ < cycles) {
            std::pop_heap(later_.begin(), later_.end(), Later{});
            insert(later_.back());
            later_.pop_back();
        }
    }

    // The wheel begins at an earlier cycle: what it has no place for any more is put off. So it is
    // where all events were far, and what happens then makes near ones.
    void turn_back(std::uint64_t cycle) {
        begin_ = cycle;
        for (std::uint64_t word = 0; word < used_.size(); ++word) {
            for (std::uint64_t bits = used_[word]; bits != 0; bits &= bits - 1) {
                const int bit = std::countr_zero(bits);
                List& list = lists_[64 * word + static_cast<std::uint64_t>(bit)];
                if (nodes_[list.first].event.cycle - begin_ >= cycles) {
                    put_off(list);
                    used_[word] &= ~(std::uint64_t{1} << bit);
                }
            }
        }
    }
    void put_off(List& list) {
        while (list.first != nobody) {
            Node& node = nodes_[list.first];
            later_.push_back(node.event);
            std::push_heap(later_.begin(), later_.end(), Later{});
            if (first_ == list.first) first_ = nobody;
            node.next = std::exchange(free_, std::exchange(list.first, node.next));
        }
    }

    void assign(const std::vector<ScheduledEvent>& all) {
        clear();
        if (all.empty()) return;
        begin_ = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
                     return a.cycle < b.cycle;
                 })->cycle;
        for (const ScheduledEvent& event : all) {
            if (event.cycle - begin_ < cycles) {
                insert(event);
            } else {
                later_.push_back(event);
            }
        }
        std::make_heap(later_.begin(), later_.end(), Later{});
    }

    std::array<List, cycles> lists_;
    std::array<std::uint64_t, cycles / 64> used_{};
    std::vector<Node> nodes_;
    std::vector<ScheduledEvent> later_;  // a heap: those due `cycles` after begin_ or after that
    std::uint64_t begin_ = 0;            // no event is due before
    std::uint32_t first_ = nobody;       // of all
    std::uint32_t free_ = nobody;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace tilewright
