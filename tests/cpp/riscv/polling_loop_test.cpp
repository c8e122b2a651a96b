// Which loops are polling loops, by the text alone, and where blocks begin in them.
#include <gtest/gtest.h>

#include "riscv/assembler.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {
namespace {

using test::Program;
using test::With;
using test::Word;

constexpr std::uint32_t base = 0x1000;

Code code_of(const Program& program) {
    return Code(program.bytes(), base, parse_isa("rv32imaf_zicsr"), Timing{});
}

/// "first-end" of the loop that pc belongs to, counted in instructions.
std::string loop_at(const Code& code, std::uint32_t instruction) {
    const PollingLoop* loop = code.polling_loop(base + 4 * instruction);
    if (loop == nullptr) return "none";
    return std::to_string((loop->first - base) / 4) + "-" + std::to_string((loop->end - base) / 4);
}

With load(Word rd, Word rs1) {
    return {.rd = rd, .rs1 = rs1};
}
With branch(Word rs1, Word rs2, std::int32_t instructions) {
    return {.rs1 = rs1, .rs2 = rs2, .imm = 4 * instructions};
}

TEST(PollingLoop, WaitsForWords) {
    Program one;
    one.addi(1, 0, 64).add(Op::lw, load(5, 1)).add(Op::bne, branch(5, 2, -1)).ecall();
    const Code code = code_of(one);
    EXPECT_EQ(loop_at(code, 0), "none");
    EXPECT_EQ(loop_at(code, 1), "1-3");
    EXPECT_EQ(loop_at(code, 2), "1-3");
    EXPECT_EQ(loop_at(code, 3), "none");

    Program two;  // while (*a != x || *b != y) fence();
    two.add(Op::fence).add(Op::lbu, load(5, 1)).add(Op::bne, branch(5, 2, -2));
    two.add(Op::lhu, load(5, 3)).add(Op::bne, branch(5, 4, -4)).ecall();
    EXPECT_EQ(loop_at(code_of(two), 0), "0-5");

    Program inner;  // a way out, a way round, an address worked out in the loop, a jump back
    inner.li(1, 0xFFB20000).add(Op::lw, load(5, 1)).add(Op::beq, branch(5, 0, 5));
    inner.add(Op::blt, branch(5, 2, 2)).addi(6, 5, 1).add(Op::div, {.rd = 7, .rs1 = 5, .rs2 = 2});
    inner.add(Op::jal, {.imm = -7 * 4}).ecall();
    EXPECT_EQ(loop_at(code_of(inner), 3), "0-8");
}

TEST(PollingLoop, IsNothingElse) {
    const auto none = [](const Program& program) {
        const Code code = code_of(program);
        for (std::uint32_t i = 0; i * 4 < code.bytes(); ++i) EXPECT_EQ(loop_at(code, i), "none");
    };
    none(Program().addi(1, 1, 4).add(Op::lw, load(5, 1)).add(Op::bne, branch(5, 2, -2)));
    none(Program().add(Op::lw, load(1, 1)).add(Op::bne, branch(1, 0, -1)));  // a list
    none(Program().add(Op::lw, load(5, 1)).addi(3, 3, -1).add(Op::bne, branch(3, 5, -2)));
    none(Program().addi(5, 1, 1).add(Op::bne, branch(5, 2, -1)));  // loads nothing
    none(Program().add(Op::lw, load(5, 1)).add(Op::sw, {.rs1 = 1}).add(Op::bne, branch(5, 2, -2)));
    none(Program().add(Op::lw, load(5, 1)).add(Op::jal, {.rd = 1, .imm = -4}));
    none(Program().add(Op::flw, load(5, 1)).add(Op::bne, branch(5, 2, -1)));
    none(Program().add(Op::amoadd_w, load(5, 1)).add(Op::bne, branch(5, 2, -1)));
    none(Program()
             .add(Op::lw, load(5, 1))
             .add(Op::csrrs, {.rd = 6, .imm = 0xC00})  // a time-out
             .add(Op::bne, branch(5, 6, -2)));
    // Written on one path only, and read on the other one.
    none(Program()
             .add(Op::lw, load(5, 1))
             .add(Op::beq, branch(5, 0, 2))
             .addi(6, 5, 1)
             .add(Op::bne, branch(6, 2, -3)));
    Program too_long;
    too_long.add(Op::lw, load(5, 1));
    for (std::uint32_t i = 0; i < PollingLoop::longest - 1; ++i) too_long.addi(6, 5, 1);
    none(too_long.add(Op::bne, branch(5, 2, -static_cast<std::int32_t>(PollingLoop::longest))));
}

TEST(PollingLoop, TheInnermostCounts) {
    Program nested;
    nested.add(Op::lw, load(5, 1)).add(Op::lw, load(6, 2)).add(Op::bne, branch(6, 3, -1));
    nested.add(Op::bne, branch(5, 3, -3)).ecall();
    const Code code = code_of(nested);
    EXPECT_EQ(loop_at(code, 0), "none");
    EXPECT_EQ(loop_at(code, 1), "1-3");
    EXPECT_EQ(loop_at(code, 3), "none");
}

}  // namespace
}  // namespace tilewright::riscv
