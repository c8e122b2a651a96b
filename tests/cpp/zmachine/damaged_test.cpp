// Stories that are damaged: refused with a reason, or stopped with an error, and never more than
// that. Meant to be run with the sanitizers on as well.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "intact.hpp"
#include "player.hpp"
#include "tiny_story.hpp"

namespace tilewright::zmachine::test {
namespace {

Error refusal(const Bytes& story) {
    const auto m = open(story);
    EXPECT_EQ(m->control.status == Status::error, m->control.error != Error::none);
    EXPECT_EQ(run(*m, 10), "") << "a story that is refused does not run";
    return m->control.error;
}

TEST(Story, ThatCannotBePlayedIsRefusedWithTheReason) {
    const Bytes good = tiny_story({op_quit});
    EXPECT_EQ(refusal(good), Error::none);
    EXPECT_EQ(refusal({}), Error::story_too_short);
    EXPECT_EQ(refusal(Bytes(good.begin(), good.begin() + 63)), Error::story_too_short);
    EXPECT_EQ(refusal(Bytes(good.begin(), good.end() - 1)), Error::story_too_short);
    EXPECT_EQ(refusal(Bytes(max_story_bytes + 1, 3)), Error::story_too_long);
    for (const int version : {0, 6, 9, 255}) {
        Bytes other = good;
        other[0] = static_cast<std::uint8_t>(version);
        EXPECT_EQ(refusal(other), Error::unsupported_version) << version;
        EXPECT_EQ(open(other)->control.version, static_cast<std::uint32_t>(version));
    }
    // Start, dictionary, objects, globals, end of dynamic memory.
    for (const std::uint32_t field : {0x06u, 0x08u, 0x0Au, 0x0Cu, 0x0Eu}) {
        Bytes other = good;
        set_word(other, field, 0xFFFE);
        EXPECT_EQ(refusal(other), Error::damaged_header) << field;
    }
}

TEST(Story, MayBeFollowedByPadding) {
    Bytes padded = tiny_story({op_quit});
    padded.resize(padded.size() + 512, 0xFF);
    EXPECT_EQ(refusal(padded), Error::none);
    EXPECT_EQ(open(padded)->memory[tiny_bytes], 0) << "padding is no part of the story";
}

void fuzz(const Bytes& original, unsigned rounds, unsigned seed) {
    std::mt19937 draw(seed);
    for (unsigned round = 0; round < rounds; ++round) {
        Bytes story = original;
        const unsigned changes = 1 + draw() % 60;
        for (unsigned i = 0; i < changes; ++i) {
            // Often in the header and the tables behind it, where a byte moves much.
            const std::size_t range = draw() % 4 == 0 ? 0x40 : story.size();
            story[draw() % range] = static_cast<std::uint8_t>(draw());
        }
        if (draw() % 8 != 0) story[0] = original[0];
        const auto m = open(story);
        const auto fresh = std::make_unique<Machine>(*m);
        for (const char* line : {"open locker", "take all", "go down", "look", "again"}) {
            run(*m, 20'000);
            if (m->control.status == Status::error || m->control.status == Status::finished) break;
            m->control.time_passed = draw() % 20;
            m->control.answer = draw() % 3;
            if (draw() % 4 != 0) type(*m, line);
        }
        EXPECT_EQ(damage(*m, *fresh), "");
        if (testing::Test::HasFailure()) {
            FAIL() << "round " << round << " of seed " << seed;
        }
    }
}

TEST(Fuzz, OwnStory) {
    fuzz(read_file(own_story()), 400, 1);
}

TEST(Fuzz, RandomCode) {
    std::mt19937 draw(9);
    constexpr std::uint8_t versions[] = {1, 2, 3, 4, 5, 7, 8};
    const char* wanted = std::getenv("TILEWRIGHT_RANDOM_PROGRAMS");
    const int rounds = wanted != nullptr ? std::atoi(wanted) : 1400;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::uint8_t> code(0x800);
        for (auto& byte : code) byte = static_cast<std::uint8_t>(draw());
        // Extended instructions would be too rare otherwise.
        for (int i = 0; i < 100; ++i) {
            const std::size_t at = draw() % (code.size() - 1);
            code[at] = 0xBE;
            code[at + 1] = static_cast<std::uint8_t>(draw() % 16);
        }
        const auto m = open(tiny_story(code, versions[round % 7]));
        const auto fresh = std::make_unique<Machine>(*m);
        run(*m, 5'000);
        EXPECT_EQ(damage(*m, *fresh), "");
    }
}

TEST(Fuzz, PublishedStory) {
    const auto path = published_story("zork1.z3");
    if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with zork1.z3";
    fuzz(read_file(*path), 100, 2);
}

TEST(Fuzz, LaterVersions) {
    for (const char* name : {"czech.z4", "czech.z5", "czech.z8"}) {
        const auto path = published_story(name);
        if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with " << name;
        fuzz(read_file(*path), 200, 3);
    }
}

}  // namespace
}  // namespace tilewright::zmachine::test
