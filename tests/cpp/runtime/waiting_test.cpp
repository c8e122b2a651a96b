// Who waits while others run: what is told of it at once, at the cycle limit and when a run is
// stopped.
#include <gtest/gtest.h>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

/// A circle of two cores, each of which waits for the other, beside one that computes for ever.
struct Circle {
    Circle() : bell(device.semaphore()), door(device.doorbell()) {
        const Kernel computes = precompiled([] {  // that it never ends nobody can tell
            return make_kernel("computes", "",
                               "for (std::uint32_t i = 0;; ++i) asm volatile(\"\" ::\"r\"(i));");
        });
        const Kernel late = precompiled([] {
            return make_kernel("late", "Semaphore bell",
                               "const std::uint32_t start = cycles();\n"
                               "while (cycles() - start < 2000) {}\nbell.wait_min(1);");
        });
        const Kernel polls = precompiled([] {
            return make_kernel("polls", "",
                               "while (*l1<volatile std::uint32_t>(l1_user_base) == 0) {}");
        });
        const Launch launches[] = {{late, {{{0, 0}, 0}}, {bell}},
                                   {polls, {{{1, 0}, 0}}, {}},
                                   {computes, {{{1, 1}, 0}}, {}}};
        device.launch(launches);
    }
    Device device{"tiny"};
    Semaphore bell;
    Semaphore door;
};

TEST(Waiting, TellsWhoSinceWhenWhereAndForWhat) {
    Circle circle;
    EXPECT_TRUE(circle.device.waiting().empty());
    circle.device.advance_to(Cycle{1000});
    ASSERT_EQ(circle.device.waiting().size(), 1u);
    circle.device.advance_to(Cycle{50'000});
    const std::vector<CoreWait> waiting = circle.device.waiting();
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_EQ(waiting[0].core, (CoreId{{1, 0}, 0}));
    EXPECT_LT(count(waiting[0].since), 1000u);
    EXPECT_NE(waiting[0].place.find("polls.cpp:5"), std::string::npos) << waiting[0].place;
    EXPECT_NE(waiting[0].what.find("waits for the word at 0x20000 of its L1 to be >= 1 (it is 0)"),
              std::string::npos)
        << waiting[0].what;
    EXPECT_EQ(waiting[1].core, (CoreId{{0, 0}, 0}));
    EXPECT_GT(count(waiting[1].since), 2000u);
    EXPECT_LT(count(waiting[1].since), 3000u);
    EXPECT_NE(waiting[1].what.find("waits for semaphore 0"), std::string::npos) << waiting[1].what;
    // A copy elsewhere knows it, too.
    Device copy("tiny");
    copy.restore(circle.device.snapshot());
    ASSERT_EQ(copy.waiting().size(), 2u);
    EXPECT_EQ(copy.waiting()[1].since, waiting[1].since);
    // The one that waits is woken and the other one waits on.
    const std::uint32_t one = 1;
    circle.device.write_l1({1, 0}, abi::l1_user_base, std::as_bytes(std::span(&one, 1)));
    circle.device.advance_to(Cycle{60'000});
    ASSERT_EQ(circle.device.waiting().size(), 1u);
    EXPECT_EQ(circle.device.waiting()[0].core, (CoreId{{0, 0}, 0}));
}

TEST(Waiting, TheCycleLimitNamesThoseThatWaitLongestFirst) {
    Circle circle;
    const std::string text = message_of<CycleLimitError>(
        [&] { circle.device.finish({.cycle_limit = 100'000, .stop_requested = {}}); });
    const std::size_t running = text.find("still running:\n  core (1, 1, 0) at computes");
    const std::size_t first = text.find("still waiting, the longest first:\n  core (1, 0, 0)");
    const std::size_t second = text.find("\n  core (0, 0, 0) at ");
    ASSERT_NE(running, std::string::npos) << text;
    ASSERT_NE(first, std::string::npos) << text;
    ASSERT_NE(second, std::string::npos) << text;
    EXPECT_LT(running, first);
    EXPECT_LT(first, second);
    EXPECT_NE(text.find("; waiting since cycle ", second), std::string::npos) << text;
    EXPECT_FALSE(circle.device.busy());
    EXPECT_TRUE(circle.device.waiting().empty());
}

TEST(Waiting, ThoseThatWaitAlikeAreOneLine) {
    Device device("blackhole");
    const Semaphore bell = device.semaphore();
    std::vector<CoreId> cores;
    for (std::uint16_t x = 0; x < 14; ++x) cores.push_back({{x, 3}, 0});
    const Launch launches[] = {
        {Kernel::builtin("wait_forever"), cores, {bell, number(1)}},
        {precompiled([] { return make_kernel("computes", "", "for (;;) asm volatile(\"\");"); }),
         {{{0, 0}, 0}},
         {}}};
    device.launch(launches);
    const std::string text = message_of<CycleLimitError>(
        [&] { device.finish({.cycle_limit = 50'000, .stop_requested = {}}); });
    EXPECT_NE(text.find("\n  14 cores, (0, 3, 0) to (13, 3, 0), each at wait_forever.cpp:12"),
              std::string::npos)
        << text;
}

TEST(Waiting, AStoppedRunAndOneThatWaitsForTheHostSayWhoWaits) {
    Circle circle;
    circle.device.advance_to(Cycle{10'000});
    const std::string stopped = message_of<Interrupted>([&] {
        circle.device.finish({.cycle_limit = ~0ull, .stop_requested = [] { return true; }});
    });
    EXPECT_NE(stopped.find("still waiting, the longest first:\n  core (1, 0, 0)"),
              std::string::npos)
        << stopped;
    circle.device.abort();

    const Launch waits{Kernel::builtin("wait_forever"), {{{0, 1}, 2}}, {circle.door, number(1)}};
    circle.device.launch({&waits, 1});
    const std::string host = message_of<Error>([&] { circle.device.finish(); });
    EXPECT_NE(host.find("core (0, 1, 2)"), std::string::npos) << host;
    EXPECT_NE(host.find("waits for semaphore 1"), std::string::npos) << host;
}

}  // namespace
}  // namespace tilewright
