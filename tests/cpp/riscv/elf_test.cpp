// The ELF reader: what it takes from a good file, and that a bad one is refused by naming why.
#include "tilewright/riscv/elf.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

#include "riscv/elf_builder.hpp"

namespace tilewright::riscv {
namespace {

using test::ElfFile;

std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Elf, GivesSegmentsSectionsAndFunctions) {
    const ElfFile file;
    const ElfImage image = parse_elf(file.span(), "good.elf");
    EXPECT_EQ(image.name, "good.elf");
    EXPECT_EQ(image.entry, ElfFile::code_address + 4);
    ASSERT_EQ(image.segments.size(), 2u);
    EXPECT_EQ(image.segments[0].address, ElfFile::code_address);
    EXPECT_TRUE(image.segments[0].executable);
    EXPECT_FALSE(image.segments[0].writable);
    EXPECT_EQ(text(image.segments[0].bytes), file.bytes.substr(ElfFile::code, ElfFile::code_bytes));
    EXPECT_EQ(image.segments[1].address, ElfFile::data_address);
    EXPECT_EQ(image.segments[1].load_address, ElfFile::code_address + ElfFile::code_bytes);
    EXPECT_EQ(image.segments[1].memory_bytes, 100u);
    EXPECT_EQ(image.segments[1].bytes.size(), ElfFile::data_bytes);
    EXPECT_FALSE(image.segments[1].executable);
    EXPECT_TRUE(image.segments[1].writable);
    ASSERT_TRUE(image.section(".own").has_value());
    EXPECT_EQ(text(*image.section(".own")), "note");
    EXPECT_FALSE(image.section(".absent").has_value());
    EXPECT_EQ(text(image.bytes), file.bytes);

    ASSERT_EQ(image.functions.size(), 3u);
    EXPECT_EQ(image.functions[0].name, "scale(int)");
    EXPECT_EQ(image.functions[1].name, "plain");
    EXPECT_EQ(image.functions[2].name, "sizeless");
}

TEST(Elf, ASegmentThatHoldsTheEntryIsCodeWhateverItsFlags) {
    for (const std::uint32_t flags : {0u, 4u, 6u}) {
        ElfFile file;
        file.put_word(ElfFile::program_headers + 24, flags);
        const ElfImage image = parse_elf(file.span(), "flagless.elf");
        EXPECT_TRUE(image.segments[0].executable) << flags;
        EXPECT_EQ(image.segments[0].writable, flags == 6) << flags;
        EXPECT_FALSE(image.segments[1].executable) << flags;
    }
}

TEST(Elf, FindsTheFunctionOfAnAddress) {
    const ElfFile file;
    const ElfImage image = parse_elf(file.span(), "good.elf");
    const auto name = [&](std::uint32_t offset) -> std::string {
        const ElfFunction* function = image.function_at(ElfFile::code_address + offset);
        return function == nullptr ? "" : function->name;
    };
    EXPECT_EQ(name(0), "");
    EXPECT_EQ(name(4), "scale(int)");
    EXPECT_EQ(name(31), "scale(int)");
    EXPECT_EQ(name(32), "plain");
    EXPECT_EQ(name(47), "plain");
    EXPECT_EQ(name(60), "");
    EXPECT_EQ(image.function_at(0), nullptr);
    EXPECT_EQ(image.function_at(~0u), nullptr);
}

TEST(Elf, CopiesOutliveTheInput) {
    ElfImage copy;
    {
        const ElfFile file;
        const ElfImage image = parse_elf(file.span(), "good.elf");
        copy = image;
    }
    EXPECT_EQ(text(*copy.section(".own")), "note");
    EXPECT_EQ(copy.segments[0].bytes.size(), ElfFile::code_bytes);
}

TEST(Elf, LaysSegmentsOutByLoadAddress) {
    const ElfFile file;
    const ElfImage image = parse_elf(file.span(), "good.elf");
    const auto bytes = image_bytes(image, ElfFile::code_address, 0x1000);
    EXPECT_EQ(text(bytes),
              file.bytes.substr(ElfFile::code, ElfFile::code_bytes + ElfFile::data_bytes));
    EXPECT_THROW(image_bytes(image, ElfFile::code_address, 71), ElfError);
    EXPECT_THROW(image_bytes(image, ElfFile::code_address + 4, 0x1000), ElfError);
    EXPECT_NO_THROW(image_bytes(image, ElfFile::code_address, 72));
}

TEST(Elf, AFileCutShortIsRefusedWhereverItEnds) {
    const ElfFile file;
    for (std::uint32_t length = 0; length < file.size(); ++length)
        EXPECT_THROW(parse_elf(file.span().first(length), "cut.elf"), ElfError) << length;
}

struct Damage {
    const char* name;
    std::function<void(ElfFile&)> make;
    const char* message;  ///< a part of the error's text
};

class DamagedElf : public testing::TestWithParam<Damage> {};

TEST_P(DamagedElf, IsRefusedByName) {
    ElfFile file;
    GetParam().make(file);
    try {
        parse_elf(file.span(), "bad.elf");
        FAIL() << "it was taken for good";
    } catch (const ElfError& error) {
        const std::string message = error.what();
        EXPECT_TRUE(message.starts_with("bad.elf: ")) << message;
        EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
    }
}

constexpr std::uint32_t first_segment = ElfFile::program_headers;
constexpr std::uint32_t second_segment = ElfFile::program_headers + 32;

INSTANTIATE_TEST_SUITE_P(
    All, DamagedElf,
    testing::Values(
        Damage{"Magic", [](ElfFile& f) { f.bytes[0] = 'X'; }, "magic"},
        Damage{"Class", [](ElfFile& f) { f.bytes[4] = 2; }, "class is 2, expected 1 (32-bit)"},
        Damage{"ByteOrder", [](ElfFile& f) { f.bytes[5] = 2; }, "byte order is 2"},
        Damage{"Type", [](ElfFile& f) { f.put_half(16, 3); }, "file type is 3"},
        Damage{"Machine", [](ElfFile& f) { f.put_half(18, 62); }, "machine is 62, expected 243"},
        Damage{"Entry", [](ElfFile& f) { f.put_word(24, 0x1000); }, "entry point 0x1000"},
        Damage{"EntryBehindData",
               [](ElfFile& f) { f.put_word(24, ElfFile::data_address + ElfFile::data_bytes); },
               "entry point"},
        Damage{"SegmentTable", [](ElfFile& f) { f.put_word(28, ~0u); }, "program headers"},
        Damage{"SegmentHeaderSize", [](ElfFile& f) { f.put_half(42, 56); }, "program header is 56"},
        Damage{"SegmentCount", [](ElfFile& f) { f.put_half(44, 0xFFFF); }, "program headers"},
        Damage{"NoSegments", [](ElfFile& f) { f.put_half(44, 0); }, "no segment to load"},
        Damage{"SegmentOffset", [](ElfFile& f) { f.put_word(first_segment + 4, 0xFFFFFFF0); },
               "segment 0 at 0xfffffff0"},
        Damage{"SegmentSize", [](ElfFile& f) { f.put_word(first_segment + 16, ~0u); },
               "segment 0 at"},
        Damage{"SegmentMemory", [](ElfFile& f) { f.put_word(second_segment + 20, 4); },
               "segment 1 holds 8 bytes for 4"},
        Damage{"SegmentWraps", [](ElfFile& f) { f.put_word(second_segment + 20, ~0u); },
               "32-bit address space"},
        Damage{"SegmentsOverlap",
               [](ElfFile& f) { f.put_word(second_segment + 12, ElfFile::code_address + 60); },
               "loaded over one another"},
        Damage{"SectionTable", [](ElfFile& f) { f.put_word(32, f.size() - 10); },
               "section headers"},
        Damage{"SectionHeaderSize", [](ElfFile& f) { f.put_half(46, 64); }, "section header is 64"},
        Damage{"SectionNames", [](ElfFile& f) { f.put_half(50, 6); }, "section 6 of 6"},
        Damage{"SectionName", [](ElfFile& f) { f.put_word(f.section_headers + 40, 1000); },
               "section 1 has a name"},
        Damage{"SectionBytes", [](ElfFile& f) { f.put_word(f.section_headers + 40 + 20, ~0u); },
               "section 1 at"},
        Damage{"UnfinishedName",
               [](ElfFile& f) { f.put_word(f.section_headers + 5 * 40 + 20, 37); },
               "section 5 has a name"},
        Damage{"SymbolTableSize",
               [](ElfFile& f) { f.put_word(f.section_headers + 2 * 40 + 20, 17); },
               "symbol table has 17 bytes"},
        Damage{"SymbolNames", [](ElfFile& f) { f.put_word(f.section_headers + 2 * 40 + 24, 9); },
               "symbol names are in section 9"},
        Damage{"SymbolName", [](ElfFile& f) { f.put_word(f.symbols + 16, 35); },
               "a symbol has a name"}),
    [](const testing::TestParamInfo<Damage>& info) { return info.param.name; });

}  // namespace
}  // namespace tilewright::riscv
