// Floats: what programs see of fcsr, invalid rounding modes, latencies, and that arithmetic agrees
// with the host's in the mode that hosts have. All modes and flags: qemu_test.cpp.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "flat_machine.hpp"
#include "riscv/float_operations.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word dynamic = 7;
constexpr std::int32_t fflags = 1;
constexpr std::int32_t frm = 2;
constexpr std::int32_t fcsr = 3;

struct Ran {
    HartState hart;
    Stop stop;
    Fault fault;
};

Ran play(const Program& program, const Isa& isa = everything(), HartState hart = {}) {
    const Code code(program.bytes(), text_base, isa, {});
    FlatMachine machine;
    machine.hart = hart;
    machine.start();
    const Stop stop = machine.run(code);
    return {machine.hart, stop, machine.fault};
}

TEST(Float, TheStatusRegisterAndItsParts) {
    Program p;
    p.li(1, 0xFFFF'FFFF).add(Op::csrrw, {.rd = 2, .rs1 = 1, .imm = fcsr});
    p.add(Op::csrrwi, {.rd = 3, .rs1 = 1, .imm = frm});
    p.add(Op::csrrci, {.rd = 4, .rs1 = 16, .imm = fflags});
    p.add(Op::csrrs, {.rd = 5, .imm = fcsr}).ecall();
    const Ran r = play(p);
    ASSERT_EQ(r.stop, Stop::environment);
    EXPECT_EQ(r.hart.x[2], 0u);
    EXPECT_EQ(r.hart.x[3], 7u);
    EXPECT_EQ(r.hart.x[4], 31u);
    EXPECT_EQ(r.hart.x[5], 1u << 5 | 15u);
}

TEST(Float, WithoutTheExtensionThereIsNoStatusRegister) {
    Program p;
    p.add(Op::csrrs, {.rd = 5, .imm = fcsr}).ecall();
    const Ran r = play(p, parse_isa("rv32i_zicsr"));
    EXPECT_EQ(r.stop, Stop::fault);
    EXPECT_EQ(r.fault.cause, Cause::illegal_instruction);
}

TEST(Float, ARoundingModeThatIsNoneIsIllegalOnlyWhereItIsUsed) {
    Program p;
    p.add(Op::csrrwi, {.rs1 = 5, .imm = frm});
    p.add(Op::fadd_s, {.rd = 1, .rs1 = 2, .rs2 = 3, .imm = 0});
    p.add(Op::fsgnj_s, {.rd = 1, .rs1 = 2, .rs2 = 3});
    p.add(Op::fadd_s, {.rd = 1, .rs1 = 2, .rs2 = 3, .imm = dynamic});
    const Ran r = play(p);
    EXPECT_EQ(r.stop, Stop::fault);
    EXPECT_EQ(r.fault.cause, Cause::illegal_instruction);
    EXPECT_EQ(r.fault.pc, text_base + 12);
    EXPECT_EQ(r.hart.retired, 3u);
}

TEST(Float, ResultsAreWaitedForOnlyByThoseThatReadThem) {
    const auto cycles = [](Op op, Word reader) {
        Program p;
        p.add(op, {.rd = 1, .rs1 = 2, .rs2 = 3});
        p.add(Op::fsgnj_s, {.rd = 4, .rs1 = reader, .rs2 = reader}).ecall();
        return play(p).hart.cycles;
    };
    const Timing t;
    EXPECT_EQ(cycles(Op::fadd_s, 5), 3u);
    EXPECT_EQ(cycles(Op::fadd_s, 1), 2u + t.float_result);
    EXPECT_EQ(cycles(Op::fdiv_s, 1), 2u + t.float_divide);
}

TEST(Float, TheThirdFactorIsWaitedForToo) {
    Program p;
    p.add(Op::fadd_s, {.rd = 1, .rs1 = 2, .rs2 = 3});
    p.add(Op::fmadd_s, {.rd = 4, .rs1 = 5, .rs2 = 6, .rs3 = 1}).ecall();
    EXPECT_EQ(play(p).hart.cycles, 2u + Timing{}.float_result);
}

/// The host computes in nearest-even, with correct rounding.
TEST(Float, AgreesWithTheHost) {
    std::mt19937 random(3);
    for (int n = 0; n < 500'000 && !HasFailure(); ++n) {
        std::array<Word, 3> bits{};
        for (Word& b : bits) {
            b = static_cast<Word>(random());
            if (n % 2 == 0) b = (b & 0x80FF'FFFF) | (0x38 + static_cast<Word>(random() % 16)) << 24;
        }
        const auto number = [&](std::size_t i) { return std::bit_cast<float>(bits[i]); };
        const float a = number(0);
        const float b = number(1);
        const auto expect = [&](Op op, float theirs) {
            Word flags = 0;
            const Word ours = float_operation(op, bits, 0, flags).value();
            const Word expected = std::isnan(theirs) ? 0x7FC0'0000 : std::bit_cast<Word>(theirs);
            EXPECT_EQ(ours, expected) << row(op).mnemonic << std::hex << " " << bits[0] << " "
                                      << bits[1] << " " << bits[2];
        };
        expect(Op::fadd_s, a + b);
        expect(Op::fsub_s, a - b);
        expect(Op::fmul_s, a * b);
        expect(Op::fdiv_s, a / b);
        expect(Op::fsqrt_s, std::sqrt(a));
        expect(Op::fmadd_s, std::fma(a, b, number(2)));
    }
}

}  // namespace
}  // namespace tilewright::riscv::test
