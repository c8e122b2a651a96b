// 16-bit instructions: where they may begin, what they link, what of them is reserved. What each
// computes is compared with another emulator in qemu_test.cpp.
#include <gtest/gtest.h>

#include "flat_machine.hpp"
#include "tilewright/riscv/disassemble.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word nop = 0x0001;           // c.nop
constexpr Word one_to_a0 = 0x4505;     // c.li a0, 1
constexpr Word breakpoint = 0x9002;    // c.ebreak
constexpr Word call_four_on = 0x2011;  // c.jal .+4
constexpr Word call_a1 = 0x9582;       // c.jalr a1

Word pair(Word low, Word high) {
    return low | high << 16;
}

TEST(Short, NeedsTheExtension) {
    Program p;
    p.raw(pair(nop, nop));
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::fault);
    EXPECT_EQ(machine.fault.cause, Cause::illegal_instruction);
    EXPECT_EQ(code.alignment(), 4u);
}

TEST(Short, InstructionsOfBothLengthsMix) {
    const Word add = encode(Op::addi, {.rd = 10, .rs1 = 10, .imm = 6});
    Program p;
    p.raw(pair(one_to_a0, add & 0xFFFF)).raw(pair(add >> 16, breakpoint));
    const Code code(p.bytes(), text_base, everything_short(), {});
    FlatMachine machine;
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::fault);
    EXPECT_EQ(machine.fault.cause, Cause::breakpoint);
    EXPECT_EQ(machine.fault.pc, text_base + 6);
    EXPECT_EQ(machine.fault.instruction, breakpoint);
    EXPECT_EQ(machine.hart.x[10], 7u);
    EXPECT_EQ(code.word(text_base + 2), add);
}

TEST(Short, CallsLinkTheNextInstruction) {
    Program p;
    p.raw(pair(call_four_on, breakpoint)).raw(pair(nop, call_a1));
    const Code code(p.bytes(), text_base, everything_short(), {});
    FlatMachine machine;
    machine.hart.x[11] = text_base + 3;  // the lowest bit is cleared
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::fault);
    EXPECT_EQ(machine.fault.pc, text_base + 2);
    EXPECT_EQ(machine.hart.x[1], text_base + 8);
    machine.limits.max_retired = 1;
    machine.hart = {};
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_EQ(machine.hart.x[1], text_base + 2);
    EXPECT_EQ(machine.hart.pc, text_base + 4);
}

TEST(Short, AnInstructionCutOffByTheEndOfTheTextIsNotThere) {
    Program p;
    p.raw(pair(nop, 0x0013));
    const Code code(p.bytes(), text_base, everything_short(), {});
    FlatMachine machine;
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::fault);
    EXPECT_EQ(machine.fault.cause, Cause::fetch_unmapped);
    EXPECT_EQ(machine.fault.pc, text_base + 2);
    EXPECT_EQ(machine.hart.retired, 1u);
}

TEST(Short, ReservedEncodings) {
    for (const Word half :
         {0x0000u, 0x0004u /* c.addi4spn by 0 */, 0x6001u /* c.lui by 0 */,
          0x6101u /* c.addi16sp by 0 */, 0x4002u /* c.lwsp to x0 */, 0x8002u /* c.jr x0 */,
          0x2000u /* c.fld */, 0x1002u /* shift by 32 */, 0x9C01u /* c.subw */}) {
        const Decoded d = decode(half, everything_short());
        EXPECT_EQ(d.op, Op::illegal) << std::hex << half;
        EXPECT_EQ(d.bytes, 2u);
    }
    EXPECT_EQ(disassemble(0, 0, everything_short()), ".half 0x0000");
}

TEST(Short, FloatAccessesNeedFloats) {
    constexpr Word load = 0x6108;  // c.flw fa0, 0(a0)
    EXPECT_EQ(decode(load, everything_short()).op, Op::flw);
    EXPECT_EQ(decode(load, parse_isa("rv32ic")).op, Op::illegal);
}

/// Words of the manual's tables, as GNU's and LLVM's disassemblers write them.
TEST(Short, AreWrittenAsWhatTheyStandFor) {
    const auto text = [](Word half) { return disassemble(half, 0x1000, everything_short()); };
    EXPECT_EQ(text(0x1141), "addi sp, sp, -16");
    EXPECT_EQ(text(0x7179), "addi sp, sp, -48");
    EXPECT_EQ(text(0x0808), "addi a0, sp, 16");
    EXPECT_EQ(text(0xC606), "sw ra, 12(sp)");
    EXPECT_EQ(text(0x40B2), "lw ra, 12(sp)");
    EXPECT_EQ(text(0x8082), "jalr zero, 0(ra)");
    EXPECT_EQ(text(0x852E), "add a0, zero, a1");
    EXPECT_EQ(text(0x8D0D), "sub a0, a0, a1");
    EXPECT_EQ(text(0xBFFD), "jal zero, 0xffe");
    EXPECT_EQ(text(0xDD75), "beq a0, zero, 0xffc");
    EXPECT_EQ(text(0x6505), "lui a0, 0x1");
    EXPECT_EQ(text(0x4148), "lw a0, 4(a0)");
    EXPECT_EQ(text(0xC14C), "sw a1, 4(a0)");
}

}  // namespace
}  // namespace tilewright::riscv::test
