// Line tables: those that clang wrote, against the sources they came from; and damaged ones.
#include "tilewright/riscv/lines.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "riscv/elf_builder.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::uint32_t ebreak = 0x00100073;

std::string slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    EXPECT_TRUE(stream) << path;
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string shipped(const std::string& kernel) {
    return slurp(std::string(TILEWRIGHT_BUILD_DIR) + "/share/tilewright/kernels/" + kernel +
                 ".elf");
}

ElfImage parsed(const std::string& bytes) {
    return parse_elf(std::as_bytes(std::span(bytes)), "kernel");
}

std::vector<std::string> source_lines(const std::string& path) {
    std::vector<std::string> lines{""};
    std::ifstream stream(std::string(TILEWRIGHT_SOURCE_DIR) + "/kernels/" + path);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// Every word of code with its location.
template <typename Visit>
void each_instruction(const ElfImage& image, const LineTable& table, Visit visit) {
    for (const ElfSegment& s : image.segments) {
        if (!s.executable) continue;
        for (std::uint32_t at = 0; at + 4 <= s.bytes.size(); at += 4) {
            std::uint32_t word = 0;
            std::memcpy(&word, s.bytes.data() + at, 4);
            visit(word, table.find(s.address + at));
        }
    }
}

TEST(Lines, BreakpointsOfChecksLieOnLinesThatCheck) {
    const ElfImage image = parsed(shipped("message"));
    const LineTable table(image);
    const auto source = source_lines("builtin/message.cpp");
    std::set<std::uint32_t> lines;
    each_instruction(image, table, [&](std::uint32_t word, const SourceLocation& location) {
        if (word == ebreak && location.file == "message.cpp") lines.insert(location.line);
    });
    ASSERT_FALSE(lines.empty());
    for (const std::uint32_t line : lines) {
        ASSERT_LT(line, source.size());
        // A transfer checks the range of its buffer.
        EXPECT_TRUE(source[line].find("check(") != std::string::npos ||
                    source[line].find(".write(") != std::string::npos)
            << line << ": " << source[line];
    }
}

TEST(Lines, LoadReservedOfAWaitLiesOnTheLineThatWaits) {
    const ElfImage image = parsed(shipped("wait_forever"));
    const LineTable table(image);
    const auto source = source_lines("builtin/wait_forever.cpp");
    int found = 0;
    each_instruction(image, table, [&](std::uint32_t word, const SourceLocation& location) {
        constexpr std::uint32_t lr = 0x1000202F;
        if ((word & 0xF9F0707F) != lr) return;
        ++found;
        EXPECT_EQ(location.file, "wait_forever.cpp");
        EXPECT_NE(source.at(location.line).find(".wait("), std::string::npos) << location.line;
        EXPECT_NE(location.function.find("wait_forever"), std::string::npos);
    });
    EXPECT_GT(found, 0);
}

TEST(Lines, ShippedKernelsNameNoFolderOfTheMachineThatBuiltThem) {
    for (const char* kernel : {"message", "scale_add", "ring", "wait_forever"}) {
        const std::string bytes = shipped(kernel);
        EXPECT_EQ(bytes.find(TILEWRIGHT_SOURCE_DIR), std::string::npos) << kernel;
        EXPECT_EQ(bytes.find(TILEWRIGHT_BUILD_DIR), std::string::npos) << kernel;
        const ElfImage image = parsed(bytes);
        const LineTable table(image);
        int known = 0;
        each_instruction(image, table, [&](std::uint32_t, const SourceLocation& location) {
            EXPECT_FALSE(location.file.starts_with('/')) << location.file;
            known += location.line != 0;
        });
        EXPECT_GT(known, 100) << kernel;
    }
}

TEST(Lines, UnknownAddressesHaveNoLocation) {
    const LineTable table(parsed(shipped("message")));
    EXPECT_EQ(table.find(0), SourceLocation{});
    EXPECT_EQ(table.find(~0u), SourceLocation{});
    const test::ElfFile bare;
    const LineTable without(parse_elf(bare.span(), "bare"));
    EXPECT_EQ(without.find(test::ElfFile::code_address), SourceLocation{});
    EXPECT_EQ(to_string(without.find(test::ElfFile::code_address + 4)), "in scale(int)");
}

TEST(Lines, TextTellsWhatIsKnown) {
    EXPECT_EQ(to_string({"a.cpp", 7, "f()"}), "a.cpp:7 in f()");
    EXPECT_EQ(to_string({"a.cpp", 0, "f()"}), "a.cpp in f()");
    EXPECT_EQ(to_string({"a.cpp", 7, ""}), "a.cpp:7");
    EXPECT_EQ(to_string({}), "");
}

/// A unit of version 5, written byte by byte from the standard: two rows in one sequence.
std::string version_5_unit() {
    using namespace std::string_literals;
    const std::string tables =
        "\x01\x01\x08"s  // directories: one field, a path as a string
        "\x02"
        "/src\0"
        "lib\0"s                 // two of them
        "\x02\x01\x08\x02\x0B"s  // files: a path, and a directory in one byte
        "\x02"
        "main.cpp\0"
        "\x00"
        "part.hpp\0"
        "\x01"s;
    const std::string after_length =
        "\x01\x01\x01\xFB\x0E\x0D\x00\x01\x01\x01\x01\x00\x00\x00\x01\x00\x00\x01"s + tables;
    const std::string program =
        "\x00\x05\x02\x00\x00\xC0\xFF"s      // set address 0xFFC00000
        "\x04\x00\x03\x09\x01"s              // file 0, line 1 + 9, a row
        "\x02\x08\x04\x01\x03\x78\x01"s      // 8 bytes on: file 1, line 10 - 8, a row
        "\x02\x08\x00\x01\x01"s;             // 8 bytes on: the end
    std::string unit = "\x05\x00\x04\x00"s;  // version 5, 4-byte addresses, no segments
    unit += static_cast<char>(after_length.size());
    unit += "\0\0\0"s + after_length + program;
    return std::string(1, static_cast<char>(unit.size())) + "\0\0\0"s + unit;
}

/// The bare file with its own section renamed, enlarged and filled.
std::string with_line_section(const std::string& content) {
    test::ElfFile file;
    // Section 4 is our own; its name becomes one that stands at the end of a longer table.
    const std::uint32_t names = file.size();
    std::string titles(".text\0", 6);
    titles += std::string(".debug_line\0", 12);
    const std::uint32_t data = names + static_cast<std::uint32_t>(titles.size());
    file.bytes += titles + content;
    const auto header = [&](std::uint32_t index) { return file.section_headers + 40 * index; };
    for (std::uint32_t i = 0; i < 6; ++i) file.put_word(header(i), 0);
    file.put_word(header(5) + 16, names);
    file.put_word(header(5) + 20, static_cast<std::uint32_t>(titles.size()));
    file.put_word(header(4), 6);
    file.put_word(header(4) + 16, data);
    file.put_word(header(4) + 20, static_cast<std::uint32_t>(content.size()));
    return file.bytes;
}

TEST(Lines, ReadsVersion5) {
    const LineTable table(parsed(with_line_section(version_5_unit())));
    EXPECT_EQ(table.find(0xFFC00000), (SourceLocation{"/src/main.cpp", 10, ""}));
    EXPECT_EQ(table.find(0xFFC00007), (SourceLocation{"/src/main.cpp", 10, "scale(int)"}));
    EXPECT_EQ(table.find(0xFFC00008), (SourceLocation{"lib/part.hpp", 2, "scale(int)"}));
    EXPECT_EQ(table.find(0xFFC0000F), (SourceLocation{"lib/part.hpp", 2, "scale(int)"}));
    EXPECT_EQ(table.find(0xFFC00010), (SourceLocation{"", 0, "scale(int)"}));
}

TEST(Lines, ADamagedUnitDoesNotHideTheNext) {
    std::string damaged = version_5_unit();
    damaged[4] = 9;  // its version
    const LineTable table(parsed(with_line_section(damaged + version_5_unit())));
    EXPECT_EQ(table.find(0xFFC00000).line, 10u);
}

TEST(Lines, DamageLeadsToIgnoranceAtWorst) {
    const std::string good = version_5_unit();
    std::mt19937 random(5);
    for (int round = 0; round < 20000; ++round) {
        std::string bad = good;
        for (int hits = 0; hits < 1 + round % 4; ++hits)
            bad[random() % bad.size()] = static_cast<char>(random());
        bad.resize(random() % 8 == 0 ? random() % bad.size() : bad.size());
        const LineTable table(parsed(with_line_section(bad)));
        for (std::uint32_t at = 0; at < 64; at += 4) table.find(0xFFC00000 + at);
    }
}

TEST(Lines, FlippedBytesOfARealKernelDoNoHarm) {
    const std::string good = shipped("scale_add");
    std::mt19937 random(6);
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string bad = good;
        bad[random() % bad.size()] = static_cast<char>(random());
        try {
            const LineTable table(parsed(bad));
            table.find(0xFFC00000 + random() % 0x1000);
        } catch (const ElfError&) {
            ++refused;
        }
    }
    EXPECT_LT(refused, 3000);
}

}  // namespace
}  // namespace tilewright::riscv
