// Whole games against Frotz, an interpreter that we did not write: word for word, white space
// apart.
#include <gtest/gtest.h>

#include <random>

#include "player.hpp"

namespace tilewright::zmachine::test {
namespace {

/// Where two texts part, with what stands around it.
testing::AssertionResult same_text(const std::string& ours, const std::string& theirs) {
    const std::string a = without_white_space(ours);
    const std::string b = without_white_space(theirs);
    if (a == b) return testing::AssertionSuccess();
    const auto length = std::min(a.size(), b.size());
    std::size_t at = 0;
    while (at < length && a[at] == b[at]) ++at;
    const std::size_t from = at < 100 ? 0 : at - 100;
    return testing::AssertionFailure()
           << "at character " << at << "\nours:   " << a.substr(from, 160)
           << "\ndfrotz: " << b.substr(from, 160);
}

void compare(const std::filesystem::path& story, const std::vector<std::string>& lines) {
    const auto theirs = play_dfrotz(story, lines);
    if (!theirs) GTEST_SKIP() << "dfrotz is not installed";
    ASSERT_FALSE(theirs->empty());
    const Played ours = play(read_file(story), lines);
    if (ours.status == Status::error) {
        // Some stories have faults of their own. Frotz stops there too, but loses what it has not
        // yet shown of that turn.
        const std::string shown = without_white_space(*theirs);
        EXPECT_EQ(without_white_space(ours.text).substr(0, shown.size()), shown);
        return;
    }
    EXPECT_TRUE(same_text(ours.text, *theirs));
}

class PublishedStory : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        path_ = published_story(std::string(GetParam()) + ".z3");
        if (!path_) {
            GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with " << GetParam() << ".z3";
        }
    }
    std::optional<std::filesystem::path> path_;
};

TEST_P(PublishedStory, PlaysAScriptLikeFrotz) {
    const auto script = std::string("tests/cpp/zmachine/scripts/") + GetParam() + ".txt";
    const auto lines = read_lines(source_folder() / script);
    ASSERT_GE(lines.size(), 150);
    compare(*path_, lines);
}

TEST_P(PublishedStory, PlaysRandomCommandsLikeFrotz) {
    const std::vector<std::string> verbs = {"take",  "drop", "open",   "examine", "kill", "enter",
                                            "climb", "read", "put on", "look at", "turn", "push"};
    const std::vector<std::string> nouns = {"lamp", "sword", "door", "it",  "all",  "mailbox",
                                            "rug",  "troll", "rock", "egg", "sack", "grue?"};
    const std::vector<std::string> others = {"n",
                                             "s",
                                             "e",
                                             "w",
                                             "u",
                                             "d",
                                             "in",
                                             "out",
                                             "ne",
                                             "sw",
                                             "look",
                                             "inventory",
                                             "score",
                                             "diagnose",
                                             "wait",
                                             "g",
                                             "verbose",
                                             "xyzzy",
                                             "take all. drop all"};
    for (const unsigned seed : {1u, 2u, 3u}) {
        std::mt19937 draw(seed);
        const auto one_of = [&](const auto& list) { return list[draw() % list.size()]; };
        std::vector<std::string> lines;
        for (int i = 0; i < 120; ++i) {
            // One statement a draw: the order inside an expression is up to the compiler.
            std::string line = draw() % 2 == 0 ? "" : one_of(verbs) + " ";
            line += line.empty() ? one_of(others) : one_of(nouns);
            lines.push_back(line);
        }
        compare(*path_, lines);
    }
}

INSTANTIATE_TEST_SUITE_P(Zork, PublishedStory, testing::Values("zork1", "zork2", "zork3"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Zork1, IsWonWithAllPointsLikeFrotz) {
    const auto path = published_story("zork1.z3");
    if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with zork1.z3";
    const auto lines = read_lines(source_folder() / "tests/cpp/zmachine/scripts/zork1_won.txt");
    const Played game = play(read_file(*path), lines);
    EXPECT_EQ(game.status, Status::finished);
    const std::string text = without_white_space(game.text);
    for (const char* said : {"Inside the Barrow", "You have mastered the first part of the ZORK",
                             "Your score is 350 (total of 350 points), in 340 moves."}) {
        EXPECT_NE(text.find(without_white_space(said)), std::string::npos) << said;
    }
    compare(*path, lines);
}

/// The comprehensive Z-machine emulation checker: tests with a result, and texts to compare.
struct Checker {
    const char* story;
    int passed;
};

class Czech : public testing::TestWithParam<Checker> {};

TEST_P(Czech, PassesAndReadsLikeFrotz) {
    const auto [story, passed] = GetParam();
    const auto path = published_story(story);
    if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with " << story;
    const std::string expected = "Passed: " + std::to_string(passed) + ", Failed: 0";
    EXPECT_NE(play(read_file(*path), {}).text.find(expected), std::string::npos);
    compare(*path, {});
}

INSTANTIATE_TEST_SUITE_P(Versions, Czech,
                         testing::Values(Checker{"czech.z3", 349}, Checker{"czech.z4", 367},
                                         Checker{"czech.z5", 406}, Checker{"czech.z8", 406}),
                         [](const auto& info) {
                             return std::string("Version") + (info.param.story + 7);
                         });

TEST(OwnStory, PlaysLikeFrotz) {
    compare(own_story(),
            read_lines(source_folder() / "python/tilewright/stories/darksilicon.walkthrough"));
    compare(own_story(),
            read_lines(source_folder() / "tests/cpp/zmachine/scripts/darksilicon.txt"));
}

TEST(OwnStory, IsWonByItsWalkthroughWithAllPoints) {
    const auto lines =
        read_lines(source_folder() / "python/tilewright/stories/darksilicon.walkthrough");
    const std::string text = play(read_file(own_story()), lines).text;
    EXPECT_NE(text.find("*** The core is awake ***"), std::string::npos);
    EXPECT_NE(text.find("You have scored 50 of 50 points"), std::string::npos);
}

}  // namespace
}  // namespace tilewright::zmachine::test
