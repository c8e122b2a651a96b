// Random numbers against the formula, computed here in another way.
#include "zmachine/random.hpp"

#include <gtest/gtest.h>

#include "player.hpp"

namespace tilewright::zmachine::test {
namespace {

TEST(Random, FollowsTheGenerator) {
    auto m = std::make_unique<Machine>();
    m->control.seed = 12;
    seed_random(*m, 0);
    unsigned long long a = 12;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint32_t range = 1 + static_cast<std::uint32_t>(i) * 7 % 32767;
        a = (a * 22695477 + 1) % (1ull << 32);
        EXPECT_EQ(zmachine::random(*m, range), (a >> 16) % 32768 % range + 1);
    }
}

TEST(Random, SeedsUnderAThousandCount) {
    auto m = std::make_unique<Machine>();
    EXPECT_EQ(zmachine::random(*m, 0x10000 - 5), 0);
    for (std::uint32_t i = 0; i < 20; ++i) {
        EXPECT_EQ(zmachine::random(*m, 100), i % 5 + 1);
    }
    EXPECT_EQ(zmachine::random(*m, 0x10000 - 5), 0);
    EXPECT_EQ(zmachine::random(*m, 3), 1);
}

TEST(Random, LargerSeedsSetTheGenerator) {
    auto m = std::make_unique<Machine>();
    EXPECT_EQ(zmachine::random(*m, 0x10000 - 1000), 0);
    const std::uint32_t a = 1000u * 0x015A4E35u + 1;
    EXPECT_EQ(zmachine::random(*m, 32767), (a >> 16 & 0x7FFF) % 32767 + 1);
}

TEST(Random, ZeroGoesBackToTheSeedOfTheHost) {
    auto m = std::make_unique<Machine>();
    m->control.seed = 77;
    seed_random(*m, 0);
    const std::uint32_t first = zmachine::random(*m, 30'000);
    zmachine::random(*m, 30'000);
    EXPECT_EQ(zmachine::random(*m, 0), 0);
    EXPECT_EQ(zmachine::random(*m, 30'000), first);
}

}  // namespace
}  // namespace tilewright::zmachine::test
