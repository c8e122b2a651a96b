// A shadow against a list of touches for each byte.
#include "tilewright/race/shadow.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>

namespace tilewright::race {
namespace {

struct Byte {
    std::optional<std::uint64_t> write;    // by cycle, of which each touch has its own
    std::map<Agent, std::uint64_t> reads;  // the last one of each agent
};

// Everything is in order; the shadow is asked by a write that is in order with nothing.
TEST(Shadow, KnowsForEachByteTheLastWriteAndTheReadsSince) {
    std::mt19937 random(3);
    Shadow shadow;
    std::map<std::uint64_t, Byte> bytes;
    std::uint64_t at = 0;
    for (std::uint64_t step = 1; step < 4000; ++step) {
        constexpr std::uint64_t lengths[] = {1, 2, 4, 4, 4, 16, 64, 256, 600};
        const std::uint64_t length = lengths[random() % std::size(lengths)];
        const std::uint64_t unit = length < 4 ? length : random() % 2 == 0 ? 4 : 64;
        const std::uint64_t offset = random() % (2000 / unit) * unit;
        if (random() % 20 == 0) {
            shadow.forget(offset, length);
            for (std::uint64_t b = offset; b < offset + length; ++b) bytes.erase(b);
            continue;
        }
        Touch touch;
        touch.number = step;
        touch.cycle = step;
        touch.agent = random() % 3;
        touch.kind = random() % 2 == 0 ? Touch::Kind::load : Touch::Kind::word_store;
        // Reads of others stay beside each other, as nothing orders those.
        const auto before = [&](const Touch& other) { return other.writes() || touch.writes(); };
        ASSERT_EQ(shadow.touch(offset, length, touch, before, at), nullptr);
        for (std::uint64_t b = offset; b < offset + length; ++b) {
            if (touch.writes()) {
                bytes[b] = {.write = step, .reads = {}};
            } else {
                bytes[b].reads[touch.agent] = step;
            }
        }
    }
    for (std::uint64_t b = 0; b < 2700; ++b) {
        std::set<std::uint64_t> seen;
        Touch probe;
        probe.number = 1;
        probe.kind = Touch::Kind::store;
        const Touch* const last = shadow.last_write(b);
        std::optional<std::uint64_t> write;
        if (last != nullptr) write = last->cycle;
        shadow.touch(
            b, 1, probe,
            [&](const Touch& other) {
                if (!other.writes()) seen.insert(other.cycle);
                return true;
            },
            at);
        std::set<std::uint64_t> reads;
        for (const auto& [agent, cycle] : bytes[b].reads) reads.insert(cycle);
        ASSERT_EQ(seen, reads) << b;
        ASSERT_EQ(write, bytes[b].write) << b;
    }
}

TEST(Shadow, AWordThatSynchronisesIsNotNoted) {
    Shadow shadow;
    std::uint64_t at = 0;
    Touch touch;
    touch.number = 1;
    touch.kind = Touch::Kind::word_store;
    const auto never = [](const Touch&) { return false; };
    shadow.touch(0, 256, touch, never, at);
    shadow.synchronise(8);
    EXPECT_EQ(shadow.touch(8, 4, touch, never, at), nullptr);
    EXPECT_NE(shadow.touch(4, 16, touch, never, at), nullptr);
    EXPECT_EQ(at, 4u);
    EXPECT_EQ(shadow.touch(9, 1, touch, never, at), nullptr);
    shadow.forget(0, 256);
    EXPECT_EQ(shadow.word(8), nullptr);
}

}  // namespace
}  // namespace tilewright::race
