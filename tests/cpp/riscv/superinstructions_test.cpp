// Superinstructions do what their two instructions do, one by one.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "flat_machine.hpp"
#include "riscv/execute.hpp"

namespace tilewright::riscv {
namespace {

using test::encode;
using test::FlatMachine;
using test::With;
using test::Word;

struct Superinstruction {
    Op first;
    Op second;
    std::string name;
};
const Superinstruction superinstructions[] = {
#define TILEWRIGHT_SUPERINSTRUCTION(first, second) {Op::first, Op::second, #first " " #second},
#include "riscv/superinstructions.def"
#undef TILEWRIGHT_SUPERINSTRUCTION
};

constexpr std::uint32_t near = test::near_base;
constexpr std::uint32_t far = test::far_base;
constexpr std::uint32_t device = test::device_base;

struct Made {
    Op op;
    With operands;
};

/// Operands among x10 to x15; loads and stores at x8, branches and jumps forward by 8, jumps to x9.
Made random_instruction(Op way, std::mt19937& random) {
    const bool keeps_none = way == Op::j || way == Op::jr;
    const Op op = way == Op::j ? Op::jal : way == Op::jr ? Op::jalr : way;
    const auto any = [&] { return static_cast<Word>(10 + random() % 6); };
    With w{
        .rd = any(), .rs1 = any(), .rs2 = any(), .imm = static_cast<std::int32_t>(random() % 32)};
    if (keeps_none || random() % 8 == 0) w.rd = 0;
    switch (row(op).unit) {
        case Unit::load:
        case Unit::store:
            w.rs1 = 8;
            w.imm = static_cast<std::int32_t>(random() % 4) * (random() % 16 == 0 ? 1 : 4);
            break;
        case Unit::branch:
        case Unit::jump:
            w.imm = 8;
            break;
        case Unit::jump_register:
            w.rs1 = 9;
            w.imm = static_cast<std::int32_t>(random() % 2);
            break;
        default:
            break;
    }
    return {op, w};
}

/// Two instructions; in each third round the second one reads what the first one has made, or would
/// if it made anything, as its first operand, and in each third as its second one.
std::array<Word, 2> two_instructions(const Superinstruction& both, int round,
                                     std::mt19937& random) {
    Made first = random_instruction(both.first, random);
    const Made second = random_instruction(both.second, random);
    if (round % 3 == 1) first.operands.rd = second.operands.rs1;
    if (round % 3 == 2) first.operands.rd = second.operands.rs2;
    if (round % 3 == 1 && row(first.op).unit == Unit::alu && random() % 2 == 0) {
        first.operands.rs1 = second.operands.rs1;  // an address stays near what it was
        first.operands.imm &= ~3;
    }
    return {encode(first.op, first.operands), encode(second.op, second.operands)};
}

TEST(Superinstructions, DoWhatTheirInstructionsDoOneByOne) {
    std::mt19937 random(1);
    for (const Superinstruction& both : superinstructions) {
        ASSERT_NE(superinstruction_handler(both.first, both.second, Forwarded::none, false),
                  nullptr);
        for (int round = 0; round < 36; ++round) {
            test::Program program;
            for (const Word word : two_instructions(both, round, random)) program.raw(word);
            for (int i = 0; i < 4; ++i) program.addi(10, 10, 1);
            program.ecall();
            const Code code(program.bytes(), test::text_base, test::everything(), Timing{});
            FlatMachine together;
            for (Word reg = 10; reg < 16; ++reg) {
                together.hart.x[reg] = random() % 3 == 0 ? static_cast<Word>(random() % 3)
                                                         : static_cast<Word>(random());
            }
            together.hart.x[9] = random() % 8 == 0 ? random() % 64 : test::text_base + 12;
            together.hart.x[8] = std::array{near, far, device, 0u}[random() % 4] + 16;
            FlatMachine alone;
            alone.hart.x = together.hart.x;
            for (std::size_t i = 0; i < together.near.size(); ++i) {
                together.near[i] = alone.near[i] = static_cast<std::byte>(random());
                together.far[i] = alone.far[i] = static_cast<std::byte>(random());
            }
            together.start();
            alone.start();
            const Stop expected = together.run(code);
            Stop stop = Stop::limit;
            for (alone.limits.max_retired = 1; stop == Stop::limit; ++alone.limits.max_retired) {
                stop = alone.run(code);
            }
            const std::string& name = both.name;
            EXPECT_EQ(stop, expected) << name;
            EXPECT_EQ(alone.hart, together.hart) << name;
            EXPECT_EQ(alone.near, together.near) << name;
            EXPECT_EQ(alone.far, together.far) << name;
            EXPECT_EQ(alone.device, together.device) << name;
        }
    }
}

}  // namespace
}  // namespace tilewright::riscv
