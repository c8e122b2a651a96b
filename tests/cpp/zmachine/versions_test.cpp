// What differs between the versions, on random operands, against Frotz: text in three alphabets
// with their shifts, shifts of numbers, tables, encoded words, Unicode, undo, catch and throw.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "player.hpp"
#include "tiny_story.hpp"

namespace tilewright::zmachine::test {
namespace {

using Code = std::vector<std::uint8_t>;

constexpr std::uint32_t scratch = 0x900;         // dynamic memory that nothing else uses
constexpr std::uint32_t abbreviations = 0x1500;  // 96 words
constexpr std::uint32_t strings = 0x1600;

/// Random numbers of 32 bits.
struct Draw {
    explicit Draw(unsigned seed) : engine(seed) {}
    std::uint32_t operator()() { return static_cast<std::uint32_t>(engine()); }
    std::mt19937 engine;
};

void large(Code& code, std::uint32_t value) {
    emit(code, {value >> 8 & 0xFF, value & 0xFF});
}
void print_global(Code& code, std::uint32_t variable) {
    emit(code, {0xE6, 0xBF, variable, 0xE5, 0x7F, ' '});
}
void print_bytes(Code& code, std::uint32_t address, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        emit(code, {0xD0, 0x1F});  // loadb address i -> 16
        large(code, address);
        emit(code, {i, 16});
        print_global(code, 16);
    }
}

std::optional<std::string> frotz(const Bytes& story, const std::vector<std::string>& lines) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("tilewright-story-" + std::to_string(std::random_device{}()) + ".z");
    {
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(story.data()),
                   static_cast<std::streamsize>(story.size()));
    }
    auto theirs = play_dfrotz(path, lines);
    std::filesystem::remove(path);
    return theirs;
}

void expect_like_frotz(const Bytes& story) {
    const auto theirs = frotz(story, {});
    if (!theirs) GTEST_SKIP() << "dfrotz is not installed";
    const Played ours = play(story, {});
    EXPECT_EQ(ours.status, Status::finished);
    EXPECT_FALSE(without_white_space(*theirs).empty());
    EXPECT_EQ(without_white_space(ours.text), without_white_space(*theirs));
}

class Version : public testing::TestWithParam<int> {
protected:
    std::uint8_t version() const { return static_cast<std::uint8_t>(GetParam()); }
};

TEST_P(Version, DecodesRandomTextLikeFrotz) {
    Draw draw(static_cast<unsigned>(GetParam()));
    const auto words = [&](Bytes& story, std::uint32_t at, unsigned count, unsigned least) {
        for (unsigned i = 0; i < count; ++i) {
            std::uint32_t word = 0;
            for (int z = 0; z < 3; ++z) word = word << 5 | (least + draw() % (32 - least));
            set_word(story, at + 2 * i, word | (i + 1 == count ? 0x8000u : 0));
        }
    };
    Code code;
    for (std::uint32_t i = 0; i < 40; ++i) {
        emit(code, {0x87});  // print_addr
        large(code, strings + 8 * i);
        emit(code, {0xBB});  // new_line
    }
    emit(code, {op_quit});
    Bytes story = tiny_story(code, version());
    set_word(story, 0x18, abbreviations);
    // Abbreviations all stand for one word of plain letters.
    for (std::uint32_t i = 0; i < 96; ++i) {
        set_word(story, abbreviations + 2 * i, (strings + 8 * 40) / 2);
    }
    words(story, strings + 8 * 40, 2, 8);
    for (std::uint32_t i = 0; i < 40; ++i) {
        words(story, strings + 8 * i, 4, 0);
        // Escapes would need care about what they may spell: 6 in the third alphabet becomes 7.
        for (std::uint32_t w = 0; w < 4; ++w) {
            const std::uint32_t at = strings + 8 * i + 2 * w;
            std::uint32_t word = static_cast<std::uint32_t>(story[at] << 8 | story[at + 1]);
            for (const unsigned shift : {0u, 5u, 10u}) {
                if ((word >> shift & 31) == 6) word += 1u << shift;
            }
            set_word(story, at, word);
        }
    }
    expect_like_frotz(story);
}

INSTANTIATE_TEST_SUITE_P(All, Version, testing::Values(1, 2, 3, 4, 5, 7, 8));

class Later : public Version {};

TEST_P(Later, ShiftsLikeFrotz) {
    Draw draw(1);
    Code code;
    for (int i = 0; i < 60; ++i) {
        for (const std::uint32_t opcode : {2u, 3u}) {
            emit(code, {0xBE, opcode, 0x0F});
            large(code, draw());
            large(code, draw() % 31 - 15);
            emit(code, {16});
            print_global(code, 16);
        }
    }
    emit(code, {op_quit});
    expect_like_frotz(tiny_story(code, version()));
}

TEST_P(Later, CopiesScansAndPrintsTablesLikeFrotz) {
    Draw draw(2);
    Code code;
    for (std::uint32_t i = 0; i < 24; ++i) {
        emit(code, {0xE2, 0x17});  // storeb scratch i letter
        large(code, scratch);
        emit(code, {i, 'a' + draw() % 26});
    }
    for (int i = 0; i < 12; ++i) {
        const std::uint32_t size = 1 + draw() % 12;
        emit(code, {0xFD, 0x03});  // copy_table
        large(code, scratch + draw() % 12);
        large(code, draw() % 6 == 0 ? 0 : scratch + draw() % 12);
        large(code, draw() % 2 == 0 ? size : 0x10000 - size);
        print_bytes(code, scratch, 4);
        for (const std::uint32_t form : {0x82u, 0x01u, 0x03u, 0x84u}) {
            emit(code, {0xF7, 0x45, 'a' + draw() % 26});  // scan_table x table len form -> 16 ?+2
            large(code, scratch);
            emit(code, {24u / (form & 0x7F), form, 16, 0xC2});
            print_global(code, 16);
        }
    }
    for (std::uint32_t i = 0; i < 24; ++i) {
        emit(code, {0xE2, 0x17});
        large(code, scratch);
        emit(code, {i, 'A' + i});
    }
    emit(code, {0xFE, 0x15});  // print_table scratch 5 3 2
    large(code, scratch);
    emit(code, {5, 3, 2, op_quit});
    expect_like_frotz(tiny_story(code, version()));
}

TEST_P(Later, EncodesWordsLikeFrotz) {
    Draw draw(3);
    Code code;
    const std::string letters = "abcxyz019.,-'/ ^~@#";
    for (int i = 0; i < 12; ++i) {
        for (std::uint32_t k = 0; k < 9; ++k) {
            emit(code, {0xE2, 0x17});
            large(code, scratch);
            emit(code, {k, static_cast<std::uint8_t>(letters[draw() % letters.size()])});
        }
        emit(code, {0xFC, 0x14});  // encode_text scratch n from target
        large(code, scratch);
        emit(code, {1 + draw() % 8, draw() % 2});
        large(code, scratch + 0x20);
        print_bytes(code, scratch + 0x20, 6);
    }
    emit(code, {op_quit});
    expect_like_frotz(tiny_story(code, version()));
}

TEST_P(Later, ReadsAndTokenisesLikeFrotz) {
    Code code;
    emit(code, {0xE2, 0x17});  // room for 20 characters, 6 words
    large(code, scratch);
    emit(code, {0, 20, 0xE2, 0x17});
    large(code, scratch + 0x40);
    emit(code, {0, 6, 0xE4, 0x0F});  // read -> 16
    large(code, scratch);
    large(code, scratch + 0x40);
    emit(code, {16, 0xE5, 0x7F, '~'});
    print_global(code, 16);
    print_bytes(code, scratch, 22);
    print_bytes(code, scratch + 0x40, 2 + 4 * 4);
    emit(code, {op_quit});
    Bytes story = tiny_story(code, version());
    // A dictionary of the words "b" and "take", with a comma as separator: Frotz expects one.
    const Code dictionary = {1, ',', 9, 0, 2};
    std::copy(dictionary.begin(), dictionary.end(), story.begin() + abbreviations);
    set_word(story, abbreviations + 5, 7 << 10 | 5 << 5 | 5);
    set_word(story, abbreviations + 7, 0x14A5);
    set_word(story, abbreviations + 9, 0x94A5);
    set_word(story, abbreviations + 14, 25 << 10 | 6 << 5 | 16);
    set_word(story, abbreviations + 16, 10 << 10 | 5 << 5 | 5);
    set_word(story, abbreviations + 18, 0x94A5);
    set_word(story, 0x08, abbreviations);
    // Frotz shows the line as well.
    const auto behind_line = [](const std::string& text) {
        return without_white_space(text.substr(std::min(text.find('~'), text.size())));
    };
    for (const char* line :
         {"take  LAMP", "b", "a b,c d", ",", "", "abcdefghijklmnopqrst", "a b c d e f g"}) {
        const auto theirs = frotz(story, {line});
        if (!theirs) GTEST_SKIP() << "dfrotz is not installed";
        ASSERT_NE(theirs->find('~'), std::string::npos);
        EXPECT_EQ(behind_line(play(story, {line}).text), behind_line(*theirs)) << line;
    }
}

TEST_P(Later, UndoesLikeFrotz) {
    Code code;
    emit(code, {0xBE, 0x0A, 0xFF, 16});  // restore_undo: there is nothing yet
    print_global(code, 16);
    emit(code, {0x0D, 17, 1});
    emit(code, {0xE8, 0x7F, 42});        // push 42
    emit(code, {0xBE, 0x09, 0xFF, 16});  // save_undo
    print_global(code, 16);
    print_global(code, 17);
    emit(code, {0xC1, 0x9F, 16, 2, 0xCA});  // je g16 2 ?over the next two
    emit(code, {0x0D, 17, 9, 0xBE, 0x0A, 0xFF, 16, 0xB4});
    print_global(code, 17);
    emit(code, {0xE6, 0xBF, 0, op_quit});  // print_num sp
    expect_like_frotz(tiny_story(code, version()));
}

TEST_P(Later, PrintsUnicodeLikeFrotz) {
    Code code;
    for (const std::uint32_t c : {0x41u, 0xE4u, 0x153u, 0x3B1u, 0x2603u}) {
        emit(code, {0xBE, 0x0B, 0x3F});
        large(code, c);
    }
    for (std::uint32_t c = 155; c <= 223; ++c) {
        emit(code, {0xE5, 0x7F, c});
        if (c % 20 == 0) emit(code, {0xBB});
    }
    emit(code, {op_quit});
    expect_like_frotz(tiny_story(code, version()));
}

INSTANTIATE_TEST_SUITE_P(All, Later, testing::Values(5, 7, 8));

}  // namespace
}  // namespace tilewright::zmachine::test
