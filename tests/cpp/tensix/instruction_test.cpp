#include "tilewright/tensix/instruction.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "message_of.hpp"

namespace tilewright::tensix {
namespace {

constexpr std::array both_chips{Architecture::wormhole, Architecture::blackhole};

TEST(Instruction, OpcodesAreUnique) {
    std::array<int, 256> seen{};
    for (const Instruction& one : instructions()) EXPECT_EQ(seen[one.opcode]++, 0) << one.mnemonic;
}

TEST(Instruction, FieldsDoNotOverlap) {
    for (const Architecture chip : both_chips) {
        for (const Instruction& one : instructions()) {
            std::uint32_t taken = 0xff00'0000;
            for (const Field& field : one.fields) {
                const Bits bits = field.on(chip);
                const std::uint32_t own = bits.place(bits.mask());
                EXPECT_EQ(taken & own, 0u) << one.mnemonic << ' ' << field.name;
                taken |= own;
            }
        }
    }
}

// Words by hand, from the pictures of the vendor's documentation and from its kernels' macros.
TEST(Instruction, KnownWords) {
    const auto wormhole = Architecture::wormhole;
    const auto blackhole = Architecture::blackhole;
    EXPECT_EQ(encode(wormhole, Op::nop, {}), 0x0200'0000u);
    EXPECT_EQ(encode(wormhole, Op::mvmul, {{"dst", 8}, {"addr_mod", 3}, {"flip", 2}}),
              0x2600'0000u | 2u << 22 | 3u << 15 | 8u);
    EXPECT_EQ(encode(blackhole, Op::mvmul, {{"dst", 8}, {"addr_mod", 5}}),
              0x2600'0000u | 5u << 14 | 8u);
    EXPECT_EQ(encode(wormhole, Op::stallwait, {{"blocks", 0x40}, {"conditions", 0x4000}}),
              0xa200'0000u | 0x40u << 15 | 0x4000u);
    EXPECT_EQ(encode(wormhole, Op::seminit, {{"maximum", 2}, {"value", 1}, {"semaphores", 2}}),
              0xa300'0000u | 2u << 20 | 1u << 16 | 2u << 2);
    EXPECT_EQ(encode(blackhole, Op::sfpload, {{"vd", 3}, {"mode", 2}, {"addr_mod", 7}, {"dst", 2}}),
              0x7000'0000u | 3u << 20 | 2u << 16 | 7u << 13 | 2u);
    EXPECT_EQ(encode(wormhole, Op::setdmareg, {{"value", 0xabcd}, {"half", 5}}), 0x45ab'cd05u);
}

TEST(Instruction, WordsDecodeToWhatTheyWereMadeOf) {
    std::mt19937 random(1);
    for (const Architecture chip : both_chips) {
        for (const Instruction& one : instructions()) {
            if (!has(one.chips, chip)) continue;
            for (int i = 0; i < 20; ++i) {
                std::uint32_t word = std::uint32_t{one.opcode} << 24;
                for (const Field& field : one.fields) word |= field.on(chip).place(random());
                EXPECT_EQ(&decode(chip, word), &one);
                // The text names the fields: a word is made of it again.
                std::istringstream text(disassemble(chip, word));
                std::string piece;
                text >> piece;
                EXPECT_EQ(piece, one.mnemonic);
                std::uint32_t again = std::uint32_t{one.opcode} << 24;
                while (text >> piece) {
                    const auto equals = piece.find('=');
                    const auto value = std::stoul(piece.substr(equals + 1));
                    again |= encode(chip, one.op,
                                    {{std::string_view(piece).substr(0, equals),
                                      static_cast<std::uint32_t>(value)}});
                }
                EXPECT_EQ(again, word) << disassemble(chip, word);
            }
        }
    }
}

TEST(Instruction, OperandsAreTheFields) {
    const std::uint32_t word =
        encode(Architecture::blackhole, Op::pacr, {{"last", 1}, {"packers", 5}, {"strided", 1}});
    const auto operands = operands_of<op::pacr>(Architecture::blackhole, word);
    EXPECT_EQ(operands.last, 1u);
    EXPECT_EQ(operands.packers, 5u);
    EXPECT_EQ(operands.strided, 1u);
    EXPECT_EQ(operands_of<op::pacr>(Architecture::wormhole, word).strided, 0u);
}

TEST(Instruction, UnknownWordsAreRefusedByName) {
    const auto refusal = [](Architecture chip, std::uint32_t word) {
        return message_of<TensixFault>([&] { decode(chip, word); });
    };
    EXPECT_EQ(refusal(Architecture::blackhole, 0xff00'0001),
              "tensix word 0xff000001: opcode 0xff is no instruction that the engine carries out");
    EXPECT_EQ(refusal(Architecture::wormhole, 0x9600'0000),
              "tensix word 0x96000000: opcode 0x96 is SFPLE, which Wormhole does not have");
    EXPECT_EQ(
        refusal(Architecture::blackhole, 0x1600'0004),
        "TRNSPSRCB (0x16000004): bits 0x4 belong to no field of it on Blackhole and have to be 0");
    EXPECT_EQ(disassemble(Architecture::wormhole, 0x9600'0000), ".tensix 0x96000000");
    EXPECT_EQ(message_of<TensixFault>([] {
                  encode(Architecture::wormhole, Op::pacr, {{"strided", 1}});
              }),
              "PACR: no field 'strided' on Wormhole");
    EXPECT_EQ(message_of<TensixFault>([] {
                  encode(Architecture::wormhole, Op::mvmul, {{"addr_mod", 4}});
              }),
              "MVMUL: field 'addr_mod' is at most 0x3, not 0x4");
}

std::string cell(const Instruction& one, Architecture chip) {
    if (!has(one.chips, chip)) return "-";
    std::string text;
    for (const Field& field : one.fields) {
        const Bits bits = field.on(chip);
        if (bits.mask() == 0) continue;
        if (!text.empty()) text += ' ';
        text += std::string(field.name) + "[" + std::to_string(bits.high);
        if (bits.high != bits.low) text += ":" + std::to_string(bits.low);
        text += "]";
    }
    return text.empty() ? "no fields" : text;
}

std::string row(const Instruction& one) {
    std::ostringstream line;
    const auto cycles = [](int count) { return count == 0 ? "data" : std::to_string(count); };
    const std::string wormhole = cell(one, Architecture::wormhole);
    const std::string blackhole = cell(one, Architecture::blackhole);
    line << "| `" << one.mnemonic << "` | 0x" << std::hex << int{one.opcode} << std::dec << " | "
         << name_of(one.unit) << " | " << cycles(one.busy) << " | " << cycles(one.latency) << " | "
         << (one.source == Provenance::documented ? "documented" : "derived") << " | " << wormhole
         << " | " << (wormhole == blackhole ? "the same" : blackhole) << " |";
    return line.str();
}

// docs/tensix-instructions.md has one row for each instruction, as this prints it.
TEST(Instruction, TheDocumentHasTheTable) {
    std::ifstream file(TILEWRIGHT_SOURCE_DIR "/docs/tensix-instructions.md");
    ASSERT_TRUE(file) << "docs/tensix-instructions.md";
    std::vector<std::string> rows;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `")) rows.push_back(line);
    }
    std::vector<std::string> expected;
    std::string table;
    for (const Instruction& one : instructions()) {
        expected.push_back(row(one));
        table += expected.back() + "\n";
    }
    EXPECT_EQ(rows, expected) << "the table should be:\n" << table;
}

}  // namespace
}  // namespace tilewright::tensix
