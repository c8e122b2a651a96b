#include "tilewright/memory/shadow.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tilewright {
namespace {

TEST(Shadow, NothingIsWrittenAtFirst) {
    const Shadow shadow;
    EXPECT_FALSE(shadow.any_written(0, 1));
    EXPECT_FALSE(shadow.any_written(0, 1 << 20));
}

TEST(Shadow, TellsWhatWasWrittenToTheByte) {
    Shadow shadow;
    shadow.mark_written(4095, 2);  // across chunks
    EXPECT_FALSE(shadow.any_written(4000, 95));
    EXPECT_TRUE(shadow.any_written(4095, 1));
    EXPECT_TRUE(shadow.any_written(4096, 1));
    EXPECT_FALSE(shadow.any_written(4097, 100));
    EXPECT_FALSE(shadow.any_written(4095, 0));
    shadow.mark_unwritten(4095, 1);
    EXPECT_FALSE(shadow.any_written(4000, 96));
    EXPECT_TRUE(shadow.any_written(4000, 97));
}

TEST(Shadow, AllIsWrittenWhereItWasSaidToBe) {
    Shadow shadow(true);
    EXPECT_TRUE(shadow.any_written(1 << 20, 1));
    shadow.mark_unwritten(100, 20);
    EXPECT_FALSE(shadow.any_written(100, 20));
    EXPECT_TRUE(shadow.any_written(100, 21));
    shadow.mark_written(110, 1);
    EXPECT_TRUE(shadow.any_written(105, 6));
    EXPECT_FALSE(shadow.any_written(111, 9));
}

TEST(Shadow, AgreesWithAByteForEachByte) {
    constexpr std::uint64_t size = 20'000;
    std::mt19937 random(7);
    std::vector<bool> expected(size, false);
    Shadow shadow;
    for (int step = 0; step < 2'000; ++step) {
        const std::uint64_t at = random() % size;
        const std::uint64_t bytes = random() % std::min<std::uint64_t>(300, size - at + 1);
        const auto first = expected.begin() + static_cast<std::ptrdiff_t>(at);
        const auto last = first + static_cast<std::ptrdiff_t>(bytes);
        switch (random() % 3) {
            case 0:
                shadow.mark_written(at, bytes);
                std::fill(first, last, true);
                break;
            case 1:
                shadow.mark_unwritten(at, bytes);
                std::fill(first, last, false);
                break;
            default:
                ASSERT_EQ(shadow.any_written(at, bytes),
                          std::any_of(first, last, [](bool b) { return b; }));
        }
    }
}

}  // namespace
}  // namespace tilewright
