// Every instruction against values worked out by hand from the manual.
#include <gtest/gtest.h>

#include <bitset>
#include <vector>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {
namespace {

/// Runs the program in a fresh machine until it stops.
struct Ran {
    explicit Ran(const Program& program, const std::function<void(FlatMachine&)>& prepare = {})
        : code(program.bytes(), text_base, everything(), {}) {
        machine.start();
        if (prepare) prepare(machine);
        stop = machine.run(code);
    }
    Word x(Word r) const { return machine.hart.x[r]; }

    Code code;
    FlatMachine machine;
    Stop stop = Stop::fault;
};

struct Case {
    Op op;
    Word a;  ///< rs1
    Word b;  ///< rs2 or the immediate
    Word result;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> list = {
        {Op::lui, 0, 0xABCD'E000, 0xABCD'E000},
        {Op::auipc, 0, 0xFFFF'F000, text_base + 16 - 0x1000},
        {Op::addi, 5, ~0u, 4},
        {Op::addi, 0x7FFF'FFFF, 1, 0x8000'0000},
        {Op::slti, ~0u, 0, 1},
        {Op::slti, 0, ~0u, 0},
        {Op::slti, 3, 3, 0},
        {Op::sltiu, 1, ~0u, 1},
        {Op::sltiu, ~0u, 1, 0},
        {Op::xori, 0xFF, ~0u, 0xFFFF'FF00},
        {Op::ori, 0xF0, 0xF, 0xFF},
        {Op::andi, 0x1234'5678, 0xFFFF'FFF0, 0x1234'5670},
        {Op::slli, 1, 31, 0x8000'0000},
        {Op::srli, 0x8000'0000, 31, 1},
        {Op::srai, 0x8000'0000, 31, ~0u},
        {Op::add, ~0u, 2, 1},
        {Op::sub, 1, 2, ~0u},
        {Op::sll, 3, 33, 6},
        {Op::slt, 0x8000'0000, 0x7FFF'FFFF, 1},
        {Op::slt, 0x7FFF'FFFF, 0x8000'0000, 0},
        {Op::sltu, 0x8000'0000, 0x7FFF'FFFF, 0},
        {Op::sltu, 1, 2, 1},
        {Op::xor_, 0xFF00, 0x0FF0, 0xF0F0},
        {Op::srl, 0x8000'0000, 32 + 4, 0x0800'0000},
        {Op::sra, 0x8000'0000, 32 + 4, 0xF800'0000},
        {Op::or_, 0xFF00, 0x0FF0, 0xFFF0},
        {Op::and_, 0xFF00, 0x0FF0, 0x0F00},
        {Op::mul, 0x1'0001, 0x1'0001, 0x0002'0001},
        {Op::mul, ~0u, ~0u, 1},
        {Op::mulh, ~0u, ~0u, 0},
        {Op::mulh, 0x8000'0000, 0x8000'0000, 0x4000'0000},
        {Op::mulh, 0x8000'0000, 2, ~0u},
        {Op::mulhsu, ~0u, ~0u, ~0u},
        {Op::mulhsu, 2, 0x8000'0000, 1},
        {Op::mulhu, ~0u, ~0u, 0xFFFF'FFFE},
        {Op::div, 7, 0xFFFF'FFFE, 0xFFFF'FFFD},
        {Op::div, 0xFFFF'FFF9, 2, 0xFFFF'FFFD},
        {Op::div, 7, 0, ~0u},
        {Op::div, 0x8000'0000, ~0u, 0x8000'0000},
        {Op::divu, 0xFFFF'FFF9, 2, 0x7FFF'FFFC},
        {Op::divu, 7, 0, ~0u},
        {Op::divu, 0x8000'0000, ~0u, 0},
        {Op::rem, 0xFFFF'FFF9, 2, ~0u},
        {Op::rem, 7, 0xFFFF'FFFE, 1},
        {Op::rem, 7, 0, 7},
        {Op::rem, 0x8000'0000, ~0u, 0},
        {Op::remu, 0xFFFF'FFF9, 2, 1},
        {Op::remu, 7, 0, 7},
        {Op::remu, 0x8000'0000, ~0u, 0x8000'0000},
        {Op::sh1add, 3, 100, 106},
        {Op::sh2add, 3, 100, 112},
        {Op::sh3add, 0x8000'0001, 100, 108},
        {Op::andn, 0xFF, 0x0F, 0xF0},
        {Op::orn, 0, 0xFFFF'FFFE, 1},
        {Op::xnor, 0xFF, 0x0F, 0xFFFF'FF0F},
        {Op::clz, 0, 0, 32},
        {Op::clz, 1, 0, 31},
        {Op::clz, ~0u, 0, 0},
        {Op::ctz, 0, 0, 32},
        {Op::ctz, 0x8000'0000, 0, 31},
        {Op::cpop, 0xF0F0'0001, 0, 9},
        {Op::sext_b, 0x1280, 0, 0xFFFF'FF80},
        {Op::sext_b, 0xFF7F, 0, 0x7F},
        {Op::sext_h, 0x1'8000, 0, 0xFFFF'8000},
        {Op::sext_h, 0xFFFF'7FFF, 0, 0x7FFF},
        {Op::zext_h, 0xFFFF'8000, 0, 0x8000},
        {Op::min, ~0u, 1, ~0u},
        {Op::min, 1, ~0u, ~0u},
        {Op::minu, ~0u, 1, 1},
        {Op::max, ~0u, 1, 1},
        {Op::max, 5, 1, 5},
        {Op::maxu, ~0u, 1, ~0u},
        {Op::maxu, 1, 2, 2},
        {Op::rol, 0x8000'0001, 33, 3},
        {Op::rol, 0x1234'5678, 0, 0x1234'5678},
        {Op::ror, 0x8000'0001, 33, 0xC000'0000},
        {Op::rori, 0x1234'5678, 8, 0x7812'3456},
        {Op::orc_b, 0x0100'8000, 0, 0xFF00'FF00},
        {Op::orc_b, 0x0010'0204, 0, 0x00FF'FFFF},
        {Op::rev8, 0x1234'5678, 0, 0x7856'3412},
    };
    return list;
}

TEST(Execute, Values) {
    for (const Case& c : cases()) {
        const Format format = row(c.op).format;
        Program p;
        p.li(5, c.a).li(6, c.b);
        p.add(c.op, {.rd = 7, .rs1 = 5, .rs2 = 6, .imm = static_cast<std::int32_t>(c.b)});
        // The same with rd = rs1, and into x0.
        p.add(c.op, {.rd = 0, .rs1 = 5, .rs2 = 6, .imm = static_cast<std::int32_t>(c.b)});
        if (format != Format::upper) {
            p.add(c.op, {.rd = 5, .rs1 = 5, .rs2 = 6, .imm = static_cast<std::int32_t>(c.b)});
        }
        p.ecall();
        const Ran ran(p);
        ASSERT_EQ(ran.stop, Stop::environment);
        EXPECT_EQ(ran.x(7), c.result) << row(c.op).mnemonic << " of " << c.a << " and " << c.b;
        EXPECT_EQ(ran.x(0), 0u) << row(c.op).mnemonic;
        if (format != Format::upper) {
            EXPECT_EQ(ran.x(5), c.result) << row(c.op).mnemonic;
        }
    }
}

TEST(Execute, EveryArithmeticInstructionHasAValue) {
    std::bitset<instruction_count> seen;
    for (const Case& c : cases()) seen.set(static_cast<std::size_t>(c.op));
    for (std::size_t i = 0; i < instruction_count; ++i) {
        const Unit unit = rows[i].unit;
        if (unit == Unit::alu || unit == Unit::multiply || unit == Unit::divide) {
            EXPECT_TRUE(seen.test(i)) << rows[i].mnemonic;
        }
    }
}

TEST(Execute, Branches) {
    struct {
        Op op;
        Word a, b;
        bool taken;
    } const branches[] = {
        {Op::beq, 1, 1, true},   {Op::beq, 1, 2, false},    {Op::bne, 1, 1, false},
        {Op::bne, 1, 2, true},   {Op::blt, ~0u, 0, true},   {Op::blt, 0, ~0u, false},
        {Op::blt, 4, 4, false},  {Op::bge, ~0u, 0, false},  {Op::bge, 0, ~0u, true},
        {Op::bge, 4, 4, true},   {Op::bltu, ~0u, 0, false}, {Op::bltu, 0, ~0u, true},
        {Op::bltu, 4, 4, false}, {Op::bgeu, ~0u, 0, true},  {Op::bgeu, 0, ~0u, false},
        {Op::bgeu, 4, 4, true},
    };
    for (const auto& b : branches) {
        Program p;
        p.li(5, b.a).li(6, b.b);
        p.add(b.op, {.rs1 = 5, .rs2 = 6, .imm = 8});
        p.addi(7, 7, 1);
        p.addi(7, 7, 2);
        p.ecall();
        const Ran ran(p);
        EXPECT_EQ(ran.x(7), b.taken ? 2u : 3u) << row(b.op).mnemonic << ' ' << b.a << ' ' << b.b;
    }
}

TEST(Execute, Jumps) {
    Program p;
    p.add(Op::jal, {.rd = 1, .imm = 12});  // over two instructions
    p.addi(7, 7, 1);                       // at 4: the way back
    p.add(Op::jal, {.rd = 0, .imm = 12});  // to the end
    p.add(Op::jalr, {.rd = 1, .rs1 = 1});  // rd is rs1: back to 4
    p.addi(7, 7, 64);                      // never
    p.ecall();
    const Ran ran(p);
    EXPECT_EQ(ran.x(7), 1u);
    EXPECT_EQ(ran.x(1), text_base + 16);
    EXPECT_EQ(ran.machine.hart.retired, 5u);
}

TEST(Execute, LoadsAndStores) {
    for (const Word base : {near_base, far_base}) {
        Program p;
        p.li(5, base + 16).li(6, 0x8182'F384);
        p.add(Op::sw, {.rs1 = 5, .rs2 = 6, .imm = -16});
        p.add(Op::sh, {.rs1 = 5, .rs2 = 6, .imm = -10});
        p.add(Op::sb, {.rs1 = 5, .rs2 = 6, .imm = -5});
        p.add(Op::lw, {.rd = 10, .rs1 = 5, .imm = -16});
        p.add(Op::lh, {.rd = 11, .rs1 = 5, .imm = -16});
        p.add(Op::lhu, {.rd = 12, .rs1 = 5, .imm = -16});
        p.add(Op::lb, {.rd = 13, .rs1 = 5, .imm = -16});
        p.add(Op::lbu, {.rd = 14, .rs1 = 5, .imm = -16});
        p.add(Op::lw, {.rd = 15, .rs1 = 5, .imm = -12});
        p.add(Op::lw, {.rd = 16, .rs1 = 5, .imm = -8});
        p.add(Op::lw, {.rd = 0, .rs1 = 5, .imm = -16});
        p.ecall();
        const Ran ran(p);
        EXPECT_EQ(ran.x(10), 0x8182'F384u);
        EXPECT_EQ(ran.x(11), 0xFFFF'F384u);
        EXPECT_EQ(ran.x(12), 0xF384u);
        EXPECT_EQ(ran.x(13), 0xFFFF'FF84u);
        EXPECT_EQ(ran.x(14), 0x84u);
        EXPECT_EQ(ran.x(15), 0xF384'0000u);
        EXPECT_EQ(ran.x(16), 0x8400'0000u);
        EXPECT_EQ(ran.x(0), 0u);
    }
}

TEST(Execute, AtomicsInNearAndFarMemory) {
    struct {
        Op op;
        Word result;  ///< of memory 0xFFFFFFF0 and operand 0x14
    } const atomics[] = {
        {Op::amoswap_w, 0x14}, {Op::amoadd_w, 4},          {Op::amoxor_w, 0xFFFF'FFE4},
        {Op::amoand_w, 0x10},  {Op::amoor_w, 0xFFFF'FFF4}, {Op::amomin_w, 0xFFFF'FFF0},
        {Op::amomax_w, 0x14},  {Op::amominu_w, 0x14},      {Op::amomaxu_w, 0xFFFF'FFF0},
    };
    for (const Word base : {near_base, far_base}) {
        for (const auto& a : atomics) {
            Program p;
            p.li(5, base + 4).li(6, 0xFFFF'FFF0).li(7, 0x14);
            p.add(Op::sw, {.rs1 = 5, .rs2 = 6});
            p.add(a.op, {.rd = 8, .rs1 = 5, .rs2 = 7});
            p.add(Op::lw, {.rd = 9, .rs1 = 5});
            p.add(a.op, {.rd = 0, .rs1 = 5, .rs2 = 7});
            p.ecall();
            const Ran ran(p);
            EXPECT_EQ(ran.x(8), 0xFFFF'FFF0u) << row(a.op).mnemonic;
            EXPECT_EQ(ran.x(9), a.result) << row(a.op).mnemonic;
            EXPECT_EQ(ran.x(0), 0u);
        }
    }
}

TEST(Execute, ControlRegisters) {
    constexpr int mscratch = 0x340;
    constexpr int mhartid = 0xF14;
    Program p;
    p.li(5, 0xF0);
    p.add(Op::csrrw, {.rd = 6, .rs1 = 5, .imm = mscratch});
    p.add(Op::csrrsi, {.rd = 7, .rs1 = 0xF, .imm = mscratch});
    p.add(Op::csrrci, {.rd = 8, .rs1 = 0x11, .imm = mscratch});
    p.add(Op::csrrs, {.rd = 9, .rs1 = 5, .imm = mscratch});
    p.add(Op::csrrc, {.rd = 10, .rs1 = 5, .imm = mscratch});
    p.add(Op::csrrwi, {.rd = 11, .rs1 = 3, .imm = mscratch});
    p.add(Op::csrrs, {.rd = 12, .rs1 = 0, .imm = mhartid});
    p.ecall();
    const Ran ran(p, [](FlatMachine& m) {
        m.hart.scratch = 1;
        m.hart.hart_id = 77;
    });
    ASSERT_EQ(ran.stop, Stop::environment);
    EXPECT_EQ(ran.x(6), 1u);
    EXPECT_EQ(ran.x(7), 0xF0u);
    EXPECT_EQ(ran.x(8), 0xFFu);
    EXPECT_EQ(ran.x(9), 0xEEu);
    EXPECT_EQ(ran.x(10), 0xFEu);
    EXPECT_EQ(ran.x(11), 0x0Eu);
    EXPECT_EQ(ran.x(12), 77u);
    EXPECT_EQ(ran.machine.hart.scratch, 3u);
}

TEST(Execute, CountersReadTheExactMoment) {
    Program p;
    p.addi(5, 5, 1).addi(5, 5, 1).addi(5, 5, 1);
    for (int i = 0; i < 3; ++i) {
        p.add(Op::csrrs, {.rd = static_cast<Word>(6 + i), .imm = 0xC00 + i});
        p.add(Op::csrrs, {.rd = static_cast<Word>(9 + i), .imm = 0xC80 + i});
    }
    p.ecall();
    const Ran ran(p, [](FlatMachine& m) {
        m.hart.cycles = 0x5'0000'0000;
        m.hart.retired = 0x3'0000'0000;
    });
    EXPECT_EQ(ran.x(6), 3u);   // cycle
    EXPECT_EQ(ran.x(9), 5u);   // cycleh
    EXPECT_EQ(ran.x(7), 5u);   // time
    EXPECT_EQ(ran.x(10), 5u);  // timeh
    EXPECT_EQ(ran.x(8), 7u);   // instret
    EXPECT_EQ(ran.x(11), 3u);  // instreth
}

TEST(Execute, UnknownOrReadOnlyControlRegistersAreIllegal) {
    const struct {
        Op op;
        With with;
    } bad[] = {
        {Op::csrrs, {.rd = 5, .imm = 0x123}},
        {Op::csrrw, {.rd = 5, .rs1 = 0, .imm = 0xC00}},
        {Op::csrrs, {.rd = 5, .rs1 = 6, .imm = 0xC00}},
        {Op::csrrci, {.rd = 5, .rs1 = 1, .imm = 0xF14}},
    };
    for (const auto& b : bad) {
        Program p;
        p.addi(6, 0, 1);
        p.add(b.op, b.with);
        const Ran ran(p);
        EXPECT_EQ(ran.stop, Stop::fault);
        EXPECT_EQ(ran.machine.fault.cause, Cause::illegal_instruction);
        EXPECT_EQ(ran.machine.fault.pc, text_base + 4);
        EXPECT_EQ(ran.machine.fault.instruction, p.words[1]);
        EXPECT_EQ(ran.x(5), 0u);
    }
}

TEST(Execute, InstructionsOfMissingExtensionsAreIllegal) {
    Program p;
    p.add(Op::mul, {.rd = 5, .rs1 = 5, .rs2 = 5});
    const Code code(p.bytes(), text_base, parse_isa("rv32i"), {});
    FlatMachine machine;
    machine.start();
    EXPECT_EQ(machine.run(code), Stop::fault);
    EXPECT_EQ(machine.fault.cause, Cause::illegal_instruction);
}

}  // namespace
}  // namespace tilewright::riscv::test
