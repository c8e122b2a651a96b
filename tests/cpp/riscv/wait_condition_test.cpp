// What loops wait for, found by trying: against what their text says.
#include "tilewright/riscv/wait_condition.hpp"

#include <gtest/gtest.h>

#include <map>

#include "riscv/assembler.hpp"
#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {
namespace {

using test::Program;
using Relation = WaitCondition::Relation;

constexpr std::uint32_t base = 0x1000;
constexpr std::uint32_t word = 0x100;
constexpr std::uint32_t other = 0x200;

/// Of a loop that loads the word into x6, has `middle`, and goes back as long as the branch is
/// taken; x7 to x9 are given.
std::optional<WaitCondition> found(std::uint32_t value, const Program& middle, Op branch,
                                   std::uint32_t rs1, std::uint32_t rs2,
                                   std::initializer_list<std::uint32_t> registers,
                                   Op load = Op::lw) {
    Program p;
    p.add(load, {.rd = 6, .rs1 = 5});
    for (const std::uint32_t instruction : middle.words) p.raw(instruction);
    const auto back = -4 * static_cast<std::int32_t>(p.words.size());
    p.add(branch, {.rs1 = rs1, .rs2 = rs2, .imm = back}).ecall();
    const Code code(p.bytes(), base, parse_isa("rv32im_zicsr_zaamo_zalrsc_zawrs"), Timing{});
    HartState hart;
    hart.pc = hart.block = base;
    hart.x[5] = word;
    std::uint32_t at = 7;
    for (const std::uint32_t x : registers) hart.x[at++] = x;
    const std::map<std::uint32_t, std::uint32_t> memory = {{word, value}, {other, 77}};
    const HartState before = hart;
    const auto condition = wait_condition(
        hart, code, {},
        [&](std::uint32_t address) -> std::optional<std::uint32_t> {
            const auto found = memory.find(address);
            return found == memory.end() ? std::nullopt : std::optional(found->second);
        },
        word);
    EXPECT_EQ(hart, before);
    return condition;
}

TEST(WaitCondition, IsThatOfTheBranch) {
    const Program none;
    EXPECT_EQ(found(0, none, Op::bne, 6, 7, {9}), (WaitCondition{Relation::equal, 9}));
    EXPECT_EQ(found(5, none, Op::bne, 6, 0, {}), (WaitCondition{Relation::equal, 0}));
    EXPECT_EQ(found(4, none, Op::beq, 6, 7, {4}), (WaitCondition{Relation::different, 4}));
    EXPECT_EQ(found(0, none, Op::beq, 6, 0, {}), (WaitCondition{Relation::at_least, 1}));
    EXPECT_EQ(found(0, none, Op::bltu, 6, 7, {3}), (WaitCondition{Relation::at_least, 3}));
    EXPECT_EQ(found(0, none, Op::bltu, 6, 7, {0x8000'0000}),
              (WaitCondition{Relation::equal, 0x8000'0000, 0x8000'0000}));
    EXPECT_EQ(found(2, none, Op::blt, 6, 7, {1000}), (WaitCondition{Relation::at_least, 1000}));
    EXPECT_EQ(found(9, none, Op::bgeu, 6, 7, {3}), (WaitCondition{Relation::below, 3}));
}

TEST(WaitCondition, IsThatOfWhatIsComputedFromTheWord) {
    // Pages pushed, less those popped, against a count: round 2^32, too.
    EXPECT_EQ(
        found(5, Program().add(Op::sub, {.rd = 6, .rs1 = 6, .rs2 = 7}), Op::bltu, 6, 8, {5, 3}),
        (WaitCondition{Relation::at_least, 8}));
    EXPECT_EQ(found(0xFFFF'FFFF, Program().add(Op::sub, {.rd = 6, .rs1 = 6, .rs2 = 7}), Op::bltu, 6,
                    8, {0xFFFF'FFFE, 3}),
              (WaitCondition{Relation::at_least, 1}));
    EXPECT_EQ(found(0, Program().addi(6, 6, -12), Op::bne, 6, 0, {}),
              (WaitCondition{Relation::equal, 12}));
    EXPECT_EQ(found(3, Program().add(Op::andi, {.rd = 6, .rs1 = 6, .imm = 4}), Op::beq, 6, 0, {}),
              (WaitCondition{Relation::different, 0, 4}));
    EXPECT_EQ(found(7, Program().add(Op::andi, {.rd = 6, .rs1 = 6, .imm = 6}), Op::bne, 6, 0, {}),
              (WaitCondition{Relation::equal, 0, 6}));
    EXPECT_EQ(found(0, Program{}, Op::bne, 6, 7, {0x41}, Op::lbu),
              (WaitCondition{Relation::equal, 0x41, 0xFF}));
    EXPECT_EQ(found(0, Program().add(Op::sltiu, {.rd = 6, .rs1 = 6, .imm = 20}), Op::bne, 6, 0, {}),
              (WaitCondition{Relation::at_least, 20}));
}

TEST(WaitCondition, IsNotGuessed) {
    // What is waited for is not this word; a loop that is left as it is; one that stores.
    EXPECT_EQ(found(0, Program().addi(10, 0, other).add(Op::lw, {.rd = 6, .rs1 = 10}), Op::bne, 6,
                    7, {9}),
              std::nullopt);
    EXPECT_EQ(found(9, Program{}, Op::bne, 6, 7, {9}), std::nullopt);
    EXPECT_EQ(found(0, Program().add(Op::sw, {.rs1 = 5, .rs2 = 7}), Op::bne, 6, 7, {9}),
              std::nullopt);
}

}  // namespace
}  // namespace tilewright::riscv
