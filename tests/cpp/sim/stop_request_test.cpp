// When the host is asked whether to stop.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "tilewright/sim/clock.hpp"

namespace tilewright {
namespace {

struct Host {
    int times = 0;
    std::function<bool()> asked = [this] { return ++times, false; };
};

TEST(StopRequest, IsAskedHoweverShortTheRunsAre) {
    Host host;
    StopRequest request;
    for (int run = 0; run < 1000; ++run) {
        request.begin(host.asked);
        for (int event = 0; event < 5; ++event) EXPECT_FALSE(request.wanted());
    }
    EXPECT_GE(host.times, 3);  // once in a thousand events, but for what a batch has more
}

TEST(StopRequest, IsAskedInTimeHoweverShortTheRunsAre) {
    Host host;
    StopRequest request;
    for (int run = 0; run < 12; ++run) {
        request.begin(host.asked);
        for (int event = 0; event < 2; ++event) EXPECT_FALSE(request.wanted());
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
    EXPECT_GE(host.times, 3);
}

TEST(StopRequest, OfEachRunAnEventTakesPlace) {
    const std::function<bool()> always = [] { return true; };
    StopRequest request;
    for (int run = 0; run < 3; ++run) {
        request.begin(always);
        EXPECT_FALSE(request.wanted());
        EXPECT_FALSE(request.stopped());
        std::this_thread::sleep_for(std::chrono::milliseconds(11));
        EXPECT_TRUE(request.wanted());
        EXPECT_TRUE(request.stopped());
        std::this_thread::sleep_for(std::chrono::milliseconds(11));
    }
}

TEST(StopRequest, EventsThatWereTakenAtOnceCountToo) {
    Host host;
    StopRequest request;
    request.begin(host.asked);
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(request.wanted());
        request.skip(1000);
    }
    EXPECT_GE(host.times, 1);
}

}  // namespace
}  // namespace tilewright
