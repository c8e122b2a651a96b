// The event queue: one total order, whatever the order of pushing.
#include "tilewright/sim/event_queue.hpp"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

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

}  // namespace
}  // namespace tilewright
