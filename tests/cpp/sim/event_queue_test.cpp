// The event queue: one total order, whatever the order of pushing.
#include "tilewright/sim/event_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace tilewright {
namespace {

TEST(EventQueue, OrdersByCycleThenComponentThenSequence) {
    EventQueue queue;
    std::mt19937 random(1);
    for (std::uint32_t i = 0; i < 1000; ++i) queue.push(random() % 20, random() % 5, i);
    std::tuple<std::uint64_t, std::uint32_t, std::uint64_t> last{0, 0, 0};
    for (int i = 0; i < 1000; ++i) {
        const ScheduledEvent e = queue.pop();
        const std::tuple now{e.cycle, e.component, e.sequence};
        if (i > 0) {
            EXPECT_LT(last, now);
        }
        last = now;
    }
    EXPECT_TRUE(queue.empty());
}

// What is looked at is what is popped then, as far as the wheel reaches.
TEST(EventQueue, LooksAheadInOrder) {
    std::mt19937 random(3);
    for (const std::uint64_t start : {0u, 200u, 1000u}) {
        EventQueue queue;
        for (std::uint32_t i = 0; i < 300; ++i) queue.push(start + random() % 400, random() % 5, i);
        while (!queue.empty()) {
            const std::uint64_t first = queue.top().cycle;
            std::vector<std::uint64_t> seen;
            queue.look_ahead([&](const ScheduledEvent& event) {
                seen.push_back(event.sequence);
                return event.cycle < first + 100;
            });
            std::size_t next = 0;
            for (const ScheduledEvent& event : queue.events()) {
                if (next == seen.size()) {
                    EXPECT_GE(event.cycle, first + 100);
                    break;
                }
                ASSERT_EQ(event.sequence, seen[next++]);
            }
            for (int i = 0; i < 7 && !queue.empty(); ++i) queue.pop();
        }
    }
}

struct Earlier {
    bool operator()(const ScheduledEvent& a, const ScheduledEvent& b) const {
        return Later{}(b, a);
    }
};

std::vector<std::uint64_t> sequences(const auto& events) {
    std::vector<std::uint64_t> all;
    for (const ScheduledEvent& event : events) all.push_back(event.sequence);
    return all;
}

// Near events, far ones, some before all others, several in one cycle, and equal ones, against an
// ordered set.
TEST(EventQueue, HoldsWhatAnOrderedSetHolds) {
    std::mt19937_64 random(2);
    const auto below = [&](std::uint64_t bound) { return random() % bound; };
    for (const std::uint64_t start : {std::uint64_t{0}, ~std::uint64_t{0} - 100'000}) {
        EventQueue queue;
        std::multiset<ScheduledEvent, Earlier> expected;
        std::uint64_t now = start;
        for (int step = 0; step < 50'000; ++step) {
            const std::uint64_t what = below(1000);
            if (what < 520) {
                const std::uint64_t far = below(20) == 0 ? below(3000) : below(40);
                const auto component = static_cast<std::uint32_t>(below(4));
                const bool behind = below(100) == 0 && now > start + 50;
                const std::uint64_t cycle = behind ? now - below(50) : now + far;
                const std::uint64_t sequence = queue.push(cycle, component, 7);
                expected.insert({cycle, sequence, component, 7});
                if (below(10) == 0) {  // components may have equal ones
                    queue.put_back({cycle, sequence, component, 7});
                    expected.insert({cycle, sequence, component, 7});
                }
            } else if (what < 999) {
                ASSERT_EQ(queue.empty(), expected.empty());
                if (expected.empty()) continue;
                EXPECT_EQ(queue.top().sequence, expected.begin()->sequence);
                const ScheduledEvent event = queue.pop();
                ASSERT_EQ(event.sequence, expected.begin()->sequence) << step;
                EXPECT_EQ(event.cycle, expected.begin()->cycle);
                expected.erase(expected.begin());
                now = event.cycle;
            } else {
                ASSERT_EQ(sequences(queue.events()), sequences(expected));
                std::vector<ScheduledEvent> taken = queue.take_all_of(2);
                std::vector<std::uint64_t> of_two;
                for (const ScheduledEvent& event : expected) {
                    if (event.component == 2) of_two.push_back(event.sequence);
                }
                EXPECT_EQ(sequences(taken), of_two);
                std::shuffle(taken.begin(), taken.end(), random);
                for (const ScheduledEvent& event : taken) queue.put_back(event);
            }
        }
        while (!expected.empty()) {
            ASSERT_EQ(queue.pop().sequence, expected.begin()->sequence);
            expected.erase(expected.begin());
        }
        EXPECT_TRUE(queue.empty());
    }
}

}  // namespace
}  // namespace tilewright
