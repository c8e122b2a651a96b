// Batches: however a run is cut, the game is the same to the last byte.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "player.hpp"
#include "tiny_story.hpp"

namespace tilewright::zmachine::test {
namespace {

/// Everything but the text of the last batch, and its status.
void expect_same(const Machine& a, const Machine& b) {
    EXPECT_EQ(a.control.instructions, b.control.instructions);
    EXPECT_EQ(std::memcmp(&a.control.pc, &b.control.pc, sizeof(Control) - offsetof(Control, pc)),
              0);
    EXPECT_EQ(std::memcmp(a.memory, b.memory, sizeof a.memory), 0);
    EXPECT_EQ(std::memcmp(a.stack, b.stack, sizeof a.stack), 0);
    EXPECT_EQ(std::memcmp(a.frames, b.frames, sizeof a.frames), 0);
    EXPECT_EQ(std::memcmp(a.input, b.input, sizeof a.input), 0);
}

TEST(Batch, RunsExactlyWhatIsAskedFor) {
    const auto m = open(read_file(own_story()));
    for (const std::uint32_t n : {1u, 2u, 10u, 50u}) {
        const auto before = m->control.instructions;
        run(*m, n);
        EXPECT_EQ(m->control.instructions, before + n);
        EXPECT_EQ(m->control.status, Status::ready);
    }
    const auto before = m->control.instructions;
    EXPECT_EQ(run(*m, 0), "");
    EXPECT_EQ(m->control.instructions, before);
}

TEST(Batch, CutAnywhereGivesTheSameGame) {
    const Bytes story = read_file(own_story());
    const auto lines =
        read_lines(source_folder() / "python/tilewright/stories/darksilicon.walkthrough");
    std::mt19937 draw(3);
    for (int round = 0; round < 5; ++round) {
        const auto whole = open(story);
        const auto cut = open(story);
        for (std::size_t i = 0; i <= lines.size(); ++i) {
            const std::string expected = run_to_prompt(*whole);
            std::string text;
            do {
                text += run(*cut, 1 + draw() % 700);
            } while (cut->control.status == Status::ready);
            EXPECT_EQ(text, expected);
            expect_same(*whole, *cut);
            if (i == lines.size()) break;
            type(*whole, lines[i]);
            type(*cut, lines[i]);
        }
        EXPECT_EQ(whole->control.status, Status::finished);
    }
}

TEST(Batch, OneInstructionAtATimeGivesTheSameGame) {
    const Bytes story = read_file(own_story());
    const auto whole = open(story);
    const auto cut = open(story);
    for (const auto* line : {"open locker", "take all", "d", "in", "charge lamp"}) {
        const std::string expected = run_to_prompt(*whole);
        std::string text;
        while (cut->control.status != Status::waiting_for_line) text += run(*cut, 1);
        EXPECT_EQ(text, expected);
        expect_same(*whole, *cut);
        type(*whole, line);
        type(*cut, line);
        cut->control.status = Status::ready;
    }
}

TEST(Batch, WaitsAtARead) {
    const auto m = open(read_file(own_story()));
    run_to_prompt(*m);
    ASSERT_EQ(m->control.status, Status::waiting_for_line);
    const auto instructions = m->control.instructions;
    const auto pc = m->control.pc;
    const auto sp = m->control.sp;
    EXPECT_EQ(run(*m, 50), "");
    EXPECT_EQ(m->control.status, Status::waiting_for_line);
    EXPECT_EQ(m->control.instructions, instructions) << "the read that waits counts once";
    EXPECT_EQ(m->control.pc, pc);
    EXPECT_EQ(m->control.sp, sp);
    run(*m, 0);
    EXPECT_EQ(m->control.status, Status::waiting_for_line);
    type(*m, "inventory");
    run(*m, 1);
    EXPECT_EQ(m->control.instructions, instructions + 1);
    EXPECT_NE(m->control.pc, pc);
}

TEST(Batch, ZorkTakesFourHundredAndSevenInstructionsToItsPrompt) {
    const auto path = published_story("zork1.z3");
    if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with zork1.z3";
    const auto m = open(read_file(*path));
    run_to_prompt(*m);
    EXPECT_EQ(m->control.instructions, 407);
}

TEST(Batch, EndsEarlyWhenMuchTextWaits) {
    // print_num 12345; jump back to it
    const auto story = tiny_story({0xE6, 0x3F, 0x30, 0x39, 0x8C, 0xFF, 0xFB});
    const auto m = open(story);
    const std::string first = run(*m, 1'000'000);
    EXPECT_EQ(m->control.status, Status::output_full);
    EXPECT_GE(first.size(), output_high_water);
    EXPECT_LT(first.size(), output_high_water + 5);
    EXPECT_EQ(m->control.instructions, 2 * (first.size() / 5) - 1);
    EXPECT_EQ(m->control.dropped_output, 0);
    EXPECT_EQ(run(*m, 4).substr(0, 10), "1234512345");
}

TEST(Batch, AfterTheEndDoesNothing) {
    const auto m = open(tiny_story({op_quit}));
    run(*m, 10);
    EXPECT_EQ(m->control.status, Status::finished);
    EXPECT_EQ(m->control.instructions, 1);
    run(*m, 10);
    EXPECT_EQ(m->control.instructions, 1);
}

TEST(Restart, BeginsAgainWithTheSameRandomNumbers) {
    // random 1000 -> 16; print_num 16; restart
    const auto story = tiny_story({0xE7, 0x3F, 0x03, 0xE8, 16, 0xE6, 0xBF, 16, 0xB7});
    const auto m = open(story);
    const std::string first = run(*m, 3);
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(run(*m, 3), first);
}

}  // namespace
}  // namespace tilewright::zmachine::test
