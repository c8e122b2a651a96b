// Ranges that nobody may use, against a byte for each byte.
#include "tilewright/memory/closed_ranges.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tilewright {
namespace {

using Why = Closed::Why;

Closed range(std::uint64_t offset, std::uint64_t bytes, Why why, std::uint64_t buffer = 1) {
    return {{MemoryKind::dram, 0, offset}, bytes, why, buffer};
}

bool any(const Closed&) {
    return true;
}
bool was_freed(const Closed& range) {
    return range.why == Why::freed;
}

TEST(ClosedRanges, TheFirstOfAKindIsFound) {
    ClosedRanges ranges;
    ranges.close(100, range(100, 28, Why::padding));
    EXPECT_EQ(ranges.find(90, 20, was_freed), nullptr);
    ASSERT_NE(ranges.find(90, 20, any), nullptr);
    EXPECT_EQ(ranges.find(90, 10, any), nullptr);
    EXPECT_EQ(ranges.find(128, 1, any), nullptr);
}

TEST(ClosedRanges, WhatIsLeftOfOneKeepsItsPlace) {
    ClosedRanges ranges;
    ranges.close(0, range(0, 300, Why::freed, 300));
    ranges.open(100, 100);
    ASSERT_NE(ranges.find(0, 300, any), nullptr);
    EXPECT_EQ(ranges.find(0, 300, any)->bytes, 100u);
    const Closed* const back = ranges.find(150, 100, any);
    ASSERT_NE(back, nullptr);
    EXPECT_EQ(back->begin.offset, 200u);
    EXPECT_EQ(back->bytes, 100u);
    EXPECT_EQ(back->buffer_bytes, 300u);
}

TEST(ClosedRanges, AgreeWithAByteForEachByte) {
    enum Byte : std::uint8_t { open, padding, freed };
    constexpr std::uint64_t size = 2'000;
    std::mt19937 random(7);
    std::vector<Byte> expected(size, open);
    ClosedRanges ranges;
    for (int step = 0; step < 20'000; ++step) {
        const std::uint64_t at = random() % size;
        const std::uint64_t bytes = random() % std::min<std::uint64_t>(100, size - at + 1);
        const auto set = [&](Byte what) {
            for (std::uint64_t i = at; i < at + bytes; ++i) expected[i] = what;
        };
        switch (random() % 6) {
            case 0:
                ranges.close(at, range(at, bytes, Why::padding));
                set(padding);
                break;
            case 1:
                ranges.close(at, range(at, bytes, Why::freed, at));
                set(freed);
                break;
            case 2:
                ranges.open(at, bytes);
                set(open);
                break;
            case 3:
                ranges.open_freed(at, bytes, [](const Closed&) { return false; });
                for (std::uint64_t i = at; i < at + bytes; ++i) {
                    if (expected[i] == freed) expected[i] = open;
                }
                break;
            default:
                for (const bool writes : {false, true}) {
                    const Closed* const found =
                        writes ? ranges.find(at, bytes, any) : ranges.find(at, bytes, was_freed);
                    std::uint64_t first = at;
                    while (first < at + bytes &&
                           (expected[first] == open || (!writes && expected[first] == padding))) {
                        ++first;
                    }
                    ASSERT_EQ(found == nullptr, first == at + bytes);
                    if (found == nullptr) continue;
                    EXPECT_LE(found->begin.offset, first);
                    EXPECT_GT(found->begin.offset + found->bytes, first);
                    EXPECT_EQ(found->why == Why::freed, expected[first] == freed);
                }
        }
    }
}

TEST(ClosedRanges, WhatIsKeptStaysClosed) {
    ClosedRanges ranges;
    ranges.close(0, range(0, 64, Why::freed));
    ranges.close(64, range(64, 64, Why::freed));
    ranges.open_freed(0, 200, [](const Closed& c) { return c.begin.offset == 64; });
    EXPECT_EQ(ranges.find(0, 64, any), nullptr);
    EXPECT_NE(ranges.find(0, 65, any), nullptr);
}

TEST(WriteRights, AreOfAllThatWereGivenSomething) {
    WriteRights rights;
    EXPECT_TRUE(rights.may_write(1, 7));  // nothing is known of it
    rights.begin(1, {.launch = 5, .confined = true, .given = {3, 3}, .last = 9});
    rights.begin(2, {.launch = 6, .confined = false, .given = {4}, .last = 9});
    for (const std::uint64_t buffer : {3, 4, 10}) EXPECT_TRUE(rights.may_write(1, buffer));
    EXPECT_FALSE(rights.may_write(1, 7));
    EXPECT_TRUE(rights.may_write(2, 7));
    rights.end(6);
    EXPECT_FALSE(rights.may_write(1, 4));
    rights.begin(1, {.launch = 7, .confined = true, .given = {4}, .last = 9});
    rights.end(5);
    EXPECT_FALSE(rights.may_write(1, 3));
    EXPECT_TRUE(rights.may_write(1, 4));
    rights.clear();
    EXPECT_TRUE(rights.may_write(1, 3));
}

}  // namespace
}  // namespace tilewright
