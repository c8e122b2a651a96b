// The instruction table: rows exclude each other, words decode to what they were made of, and the
// disassembler writes what an assembler that is not ours reads as the same word.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "flat_machine.hpp"
#include "tilewright/riscv/disassemble.hpp"

namespace tilewright::riscv::test {
namespace {

/// Random operands that the format can hold.
With random_operands(Format format, std::mt19937& random) {
    const auto number = [&](Word n) { return static_cast<Word>(random() % n); };
    With w;
    if (writes_rd(format)) w.rd = number(32);
    if (reads_rs1(format) || format == Format::csr_immediate) w.rs1 = number(32);
    if (reads_rs2(format)) w.rs2 = number(32);
    if (format == Format::float_fused) w.rs3 = number(32);
    switch (format) {
        case Format::float_fused:
        case Format::float_arithmetic:
        case Format::float_root:
        case Format::float_to_integer:
        case Format::integer_to_float:
            w.imm = static_cast<int>(std::array{0u, 1u, 2u, 3u, 4u, 7u}[number(6)]);
            break;
        case Format::float_indexed:
        case Format::float_store:
        case Format::immediate:
        case Format::indexed:
        case Format::store:
            w.imm = static_cast<int>(number(4096)) - 2048;
            break;
        case Format::shift:
            w.imm = static_cast<int>(number(32));
            break;
        case Format::branch:
            w.imm = static_cast<int>(number(4096) * 2) - 4096;
            break;
        case Format::jump:
            w.imm = static_cast<int>(number(1 << 20) * 2) - (1 << 20);
            break;
        case Format::upper:
            w.imm = static_cast<int>(number(1 << 20) << 12);
            break;
        case Format::csr:
        case Format::csr_immediate:
            w.imm = static_cast<int>(number(4096));
            break;
        default:
            break;
    }
    return w;
}

TEST(Table, RowsExcludeEachOther) {
    for (std::size_t i = 0; i < instruction_count; ++i) {
        EXPECT_EQ(rows[i].match & ~rows[i].mask, 0u) << rows[i].mnemonic;
        for (std::size_t j = i + 1; j < instruction_count; ++j) {
            const Word differ = (rows[i].match ^ rows[j].match) & rows[i].mask & rows[j].mask;
            EXPECT_NE(differ, 0u) << rows[i].mnemonic << " and " << rows[j].mnemonic;
        }
    }
}

TEST(Table, WordsDecodeToWhatTheyWereMadeOf) {
    std::mt19937 random(1);
    for (std::size_t i = 0; i < instruction_count; ++i) {
        const auto op = static_cast<Op>(i);
        if (rows[i].format == Format::word) continue;
        for (int n = 0; n < 200; ++n) {
            const With w = random_operands(rows[i].format, random);
            const Word word = encode(op, w);
            const Decoded d = decode(word, everything());
            ASSERT_EQ(d.op, op) << rows[i].mnemonic;
            const Format f = rows[i].format;
            EXPECT_EQ(d.operands.rd, w.rd + (rd_is_float(f) ? first_float : 0)) << rows[i].mnemonic;
            EXPECT_EQ(d.operands.rs1, w.rs1 + (rs1_is_float(f) ? first_float : 0))
                << rows[i].mnemonic;
            EXPECT_EQ(d.operands.rs2, w.rs2 + (rs2_is_float(f) ? first_float : 0))
                << rows[i].mnemonic;
            EXPECT_EQ(d.operands.rs3, f == Format::float_fused ? w.rs3 + first_float : 0)
                << rows[i].mnemonic;
            EXPECT_EQ(d.operands.imm, w.imm) << rows[i].mnemonic;
        }
    }
}

TEST(Table, WordsOfACoprocessorLieRotatedInTheStream) {
    Isa isa = everything();
    isa.add(Extension::xtttensix);
    for (const Word word : {0u, 0x1234'5678u, 0x66c0'ffeeu, 0xb6ff'ffffu}) {
        const Word in_stream = word << 2 | word >> 30;
        const Decoded d = decode(in_stream, isa);
        ASSERT_NE(d.op, Op::illegal) << std::hex << word;
        EXPECT_EQ(static_cast<Word>(d.operands.imm), word);
        EXPECT_EQ(d.bytes, 4u);
        EXPECT_EQ(disassemble(in_stream, 0, everything()).substr(0, 5), ".word");
    }
    EXPECT_EQ(disassemble(0x48d1'59e0, 0, isa), ".ttinsn 0x12345678");
    EXPECT_EQ(disassemble(0x0015'0513, 0, isa), "addi a0, a0, 1");
    EXPECT_EQ(identify(~0u, isa), Op::illegal);
}

TEST(Table, AnInstructionNeedsItsExtension) {
    const Isa base = parse_isa("rv32i");
    for (std::size_t i = 0; i < instruction_count; ++i) {
        const auto op = static_cast<Op>(i);
        const bool in_base = rows[i].extension == Extension::i;
        EXPECT_EQ(identify(encode(op), base), in_base ? op : Op::illegal) << rows[i].mnemonic;
    }
}

TEST(Table, WordsThatAreNoInstruction) {
    const Isa isa = everything();
    for (const Word word : {0u, ~0u, 0x0000'5053u /* fadd.s, rm = 5 */, 0x3020'0073u /* mret */,
                            0x0200'1013u /* slli by 32 */, 0x0000'3003u /* ld */,
                            0x0000'3023u /* sd */, 0x0000'2063u, 0x1010'202Fu /* lr, rs2 = 1 */}) {
        EXPECT_EQ(identify(word, isa), Op::illegal) << std::hex << word;
        EXPECT_EQ(disassemble(word, 0, isa).substr(0, 5), ".word");
    }
}

TEST(Disassembler, Examples) {
    const Isa isa = everything();
    EXPECT_EQ(disassemble(0x0015'0513, 0, isa), "addi a0, a0, 1");
    EXPECT_EQ(disassemble(0xFE62'9CE3, 0x1008, isa), "bne t0, t1, 0x1000");
    EXPECT_EQ(disassemble(0x0000'8067, 0, isa), "jalr zero, 0(ra)");
    EXPECT_EQ(disassemble(0xC000'2573, 0, isa), "csrrs a0, cycle, zero");
    EXPECT_EQ(disassemble(0x06B5'252F, 0, isa), "amoadd.w.aqrl a0, a1, (a0)");
    EXPECT_EQ(disassemble(0x0330'000F, 0, isa), "fence rw, rw");
    EXPECT_EQ(disassemble(0x00D0'0073, 0, isa), "wrs.nto");
    EXPECT_EQ(disassemble(0xFFFF'F537, 0, isa), "lui a0, 0xfffff");
    EXPECT_EQ(disassemble(0, 0, isa), ".word 0x00000000");
}

/// The words of the first section with code in a 32-bit ELF object.
std::vector<Word> words_of_object(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> file((std::istreambuf_iterator<char>(in)), {});
    const auto word = [&](std::size_t at) {
        Word value = 0;
        std::memcpy(&value, file.data() + at, 4);
        return value;
    };
    constexpr Word executable_flag = 4;
    constexpr std::size_t section_bytes = 40;
    const std::size_t sections = word(0x20);
    for (std::size_t s = sections; s + section_bytes <= file.size(); s += section_bytes) {
        if ((word(s + 8) & executable_flag) == 0 || word(s + 20) == 0) continue;
        std::vector<Word> words(word(s + 20) / 4);
        std::memcpy(words.data(), file.data() + word(s + 16), words.size() * 4);
        return words;
    }
    return {};
}

TEST(Disassembler, AnAssemblerReadsTheSameWords) {
    std::mt19937 random(2);
    std::vector<Word> words;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < instruction_count; ++i) {
        if (rows[i].format == Format::word) continue;  // no assembler of RISC-V's knows them
        for (int n = 0; n < 20; ++n) {
            Word word = encode(static_cast<Op>(i), random_operands(rows[i].format, random));
            const Format format = rows[i].format;
            const auto number = [&](Word below) { return static_cast<Word>(random() % below); };
            if (format == Format::atomic || format == Format::reserve) word |= number(4) << 25;
            if (format == Format::fence) word |= (1 + number(15)) << 24 | (1 + number(15)) << 20;
            const auto pc = static_cast<Word>(4 * words.size());
            std::string line = disassemble(word, pc, everything());
            if (format == Format::branch || format == Format::jump) {
                // Assemblers take a plain number as a distance; say what we mean by it.
                const std::size_t at = line.rfind("0x");
                const auto target = static_cast<Word>(std::stoul(line.substr(at), nullptr, 16));
                line = line.substr(0, at) + ". + " +
                       std::to_string(static_cast<std::int32_t>(target - pc));
            }
            words.push_back(word);
            lines.push_back(line);
        }
    }
    const std::filesystem::path stem = std::filesystem::temp_directory_path() /
                                       ("tilewright-disassembly-" + std::to_string(getpid()));
    const std::string source = stem.string() + ".s";
    const std::string object = stem.string() + ".o";
    {
        std::ofstream out(source);
        out << ".option norelax\n";
        for (const std::string& line : lines) out << line << "\n";
    }
    const std::string command =
        std::string(TILEWRIGHT_TEST_ZIG) +
        " cc -target riscv32-linux-musl"
        " -mcpu=generic_rv32+m+zicsr+zaamo+zalrsc+zawrs+zba+zbb+f+zifencei-c-d -c '" +
        source + "' -o '" + object + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const std::vector<Word> assembled = words_of_object(object);
    std::filesystem::remove(source);
    std::filesystem::remove(object);
    ASSERT_EQ(assembled.size(), words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(assembled[i], words[i]) << lines[i];
    }
}

}  // namespace
}  // namespace tilewright::riscv::test
