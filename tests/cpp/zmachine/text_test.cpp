// Text both ways: decoding, and the dictionary words that typed text becomes.
#include <gtest/gtest.h>

#include "player.hpp"
#include "tiny_story.hpp"
#include "zmachine/reading.hpp"

namespace tilewright::zmachine::test {
namespace {

constexpr unsigned version = 3;

/// Packs Z-characters, three a word; 5 fills the last one up.
std::vector<std::uint8_t> packed(std::vector<std::uint32_t> z) {
    while (z.size() % 3 != 0) z.push_back(5);
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < z.size(); i += 3) {
        std::uint32_t word = z[i] << 10 | z[i + 1] << 5 | z[i + 2];
        if (i + 3 == z.size()) word |= 0x8000;
        emit(bytes, {word >> 8, word & 0xFF});
    }
    return bytes;
}

/// What a string of these Z-characters prints. Abbreviation 1,0 is "the "; 2,31 is "A".
std::string printed(const std::vector<std::uint32_t>& z) {
    auto story = tiny_story({op_quit});
    const auto put = [&](std::uint32_t at, const std::vector<std::uint8_t>& bytes) {
        std::copy(bytes.begin(), bytes.end(), story.begin() + at);
    };
    set_word(story, tiny_static + 2 * 0, 0x1000 / 2);
    set_word(story, tiny_static + 2 * 63, 0x1010 / 2);
    put(0x1000, packed({25, 13, 10, 0}));
    put(0x1010, packed({4, 6}));
    put(0x1100, packed(z));
    // The abbreviations overlap the dictionary of the tiny story, which this test does not use.
    const auto m = open(story);
    print_string<version>(*m, m->memory + 0x1100);
    EXPECT_EQ(m->control.error, Error::none);
    return {reinterpret_cast<const char*>(m->output.bytes), m->output.length};
}

TEST(Text, HasThreeAlphabets) {
    EXPECT_EQ(printed({6, 7, 31}), "abz");
    EXPECT_EQ(printed({4, 6, 7, 4, 31}), "AbZ");
    EXPECT_EQ(printed({5, 8, 5, 31, 0, 5, 7, 5, 18}), "0) \n.");
}

TEST(Text, SpellsOutOtherCharacters) {
    EXPECT_EQ(printed({5, 6, '@' >> 5, '@' & 31, 6}), "@a");
    // ZSCII 155 is a with diaeresis; the host gets UTF-8.
    EXPECT_EQ(printed({5, 6, 155 >> 5, 155 & 31}), "\xC3\xA4");
}

TEST(Text, ExpandsAbbreviations) {
    EXPECT_EQ(printed({1, 0, 17, 6, 18, 21}), "the lamp");
    EXPECT_EQ(printed({2, 31, 0, 2, 31}), "A A");
}

TEST(Text, ForgetsWhatIsIncompleteAtItsEnd) {
    EXPECT_EQ(printed({6, 4}), "a");
    EXPECT_EQ(printed({6, 7, 1}), "ab");
    EXPECT_EQ(printed({6, 7, 8, 5, 6, 2}), "abc");
}

TEST(Text, WithoutAnEndIsAnError) {
    auto story = tiny_story({op_quit});
    for (std::size_t i = 0x1100; i < story.size(); ++i) story[i] = 0x11;
    const auto m = open(story);
    print_string<version>(*m, m->memory + 0x1100);
    EXPECT_EQ(m->control.error, Error::text_outside_story);
}

TEST(Text, ThatFindsNoRoomIsCounted) {
    const auto m = open(tiny_story({op_quit}));
    m->output.length = output_bytes - 20;
    const auto bytes = packed({6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6});
    std::copy(bytes.begin(), bytes.end(), m->memory + 0x1100);
    print_string<version>(*m, m->memory + 0x1100);
    EXPECT_EQ(m->output.length + m->control.dropped_output, output_bytes - 20 + 12);
    EXPECT_GT(m->control.dropped_output, 0);
    EXPECT_LE(m->output.length, output_bytes);
}

/// Every word of a published dictionary, decoded and typed again, is found where it stands.
TEST(Dictionary, FindsTheWordsOfPublishedStories) {
    for (const auto* name : {"zork1.z3", "zork2.z3", "zork3.z3"}) {
        const auto path = published_story(name);
        if (!path) GTEST_SKIP() << "TILEWRIGHT_STORIES names no folder with " << name;
        const auto m = open(read_file(*path));
        const std::uint32_t dictionary = m->control.dictionary;
        const std::uint32_t at = dictionary + 1 + load_byte(*m, dictionary);
        const std::uint32_t count = load_word(*m, at + 1);
        ASSERT_GT(count, 500);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t entry = at + 3 + i * load_byte(*m, at);
            m->output.length = 0;
            print_string<version>(*m, m->memory + entry);
            const Packed word = pack<version>(*m, m->output.bytes, m->output.length);
            EXPECT_EQ(look_up<version>(*m, word, dictionary), entry)
                << std::string(reinterpret_cast<const char*>(m->output.bytes), m->output.length);
        }
    }
}

TEST(Dictionary, DoesNotFindWhatIsNotThere) {
    const auto m = open(read_file(own_story()));
    const auto find = [&](std::string_view word) {
        const auto* text = reinterpret_cast<const std::uint8_t*>(word.data());
        return look_up<version>(*m, pack<version>(*m, text, static_cast<u32>(word.size())),
                                m->control.dictionary);
    };
    EXPECT_NE(find("lamp"), 0);
    EXPECT_NE(find("inventory"), 0);
    EXPECT_EQ(find("inventory"), find("invent"));
    EXPECT_EQ(find("zork"), 0);
    EXPECT_EQ(find(""), 0);
    EXPECT_EQ(find("~~~~~~"), 0);
}

TEST(Tokenise, CutsALineIntoWords) {
    const auto m = open(read_file(own_story()));
    const std::uint32_t text = 0x40;
    const std::uint32_t parse = 0xC0;
    m->memory[text] = 100;
    m->memory[parse] = 4;
    type(*m, "Take  LAMP,go frobnicate now");
    read_line<version>(*m, text, parse);
    ASSERT_EQ(m->control.error, Error::none);
    EXPECT_EQ(m->control.input_ready, 0);
    EXPECT_STREQ(reinterpret_cast<const char*>(m->memory + text + 1),
                 "take  lamp,go frobnicate now");
    EXPECT_EQ(m->memory[parse + 1], 4) << "no more than there is room for";
    const std::vector<std::pair<int, int>> expected = {{4, 1}, {4, 7}, {1, 11}, {2, 12}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(m->memory[parse + 4 + 4 * i], expected[i].first);
        EXPECT_EQ(m->memory[parse + 5 + 4 * i], expected[i].second);
        EXPECT_NE(load_word(*m, parse + 2 + 4 * static_cast<u32>(i)), 0) << "word " << i;
    }
}

TEST(Read, CutsALongLineToItsBuffer) {
    const auto m = open(read_file(own_story()));
    m->memory[0x40] = 5;
    m->memory[0x47] = 0xEE;
    type(*m, "inventory");
    read_line<version>(*m, 0x40, 0);
    EXPECT_STREQ(reinterpret_cast<const char*>(m->memory + 0x41), "inve");
    EXPECT_EQ(m->memory[0x47], 0xEE);
}

TEST(Streams, TablesNestAndTakeTextFromTheScreen) {
    const auto m = open(tiny_story({op_quit}));
    constexpr std::uint32_t minus_three = 0xFFFD;
    select_stream(*m, 3, 0x400);
    print_ascii(*m, "ab");
    select_stream(*m, 3, 0x500);
    print_ascii(*m, "c\n");
    print_zscii(*m, 155);
    select_stream(*m, minus_three, 0);
    print_ascii(*m, "d");
    select_stream(*m, minus_three, 0);
    print_ascii(*m, "e");
    EXPECT_EQ(load_word(*m, 0x400), 3);
    EXPECT_EQ(m->memory[0x402], 'a');
    EXPECT_EQ(m->memory[0x404], 'd');
    EXPECT_EQ(load_word(*m, 0x500), 3);
    EXPECT_EQ(m->memory[0x503], 13);
    EXPECT_EQ(m->memory[0x504], 155);
    EXPECT_EQ(m->output.length, 1);
    EXPECT_EQ(m->output.bytes[0], 'e');
    for (std::uint32_t i = 0; i <= max_redirections; ++i) select_stream(*m, 3, 0x400);
    EXPECT_EQ(m->control.error, Error::redirection_too_deep);
}

}  // namespace
}  // namespace tilewright::zmachine::test
