// Calls, returns and tail calls are told as one finds them by looking at every instruction, however
// a run is cut, and what tells of them computes and counts as what does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "flat_machine.hpp"
#include "random_program.hpp"

namespace tilewright::riscv {

static bool operator==(const CallRecord& a, const CallRecord& b) {
    const bool link = a.kind != CallRecord::Kind::call || a.link == b.link;
    return a.cycle == b.cycle && a.target == b.target && a.sp == b.sp && a.kind == b.kind && link;
}

namespace test {
namespace {

using Kind = CallRecord::Kind;
using Records = std::vector<CallRecord>;

struct Listener : FlatMachine {
    void changed_functions(std::span<const CallRecord> records) override {
        told.insert(told.end(), records.begin(), records.end());
    }
    Records told;
};

bool is_link(Word reg) {
    return reg == 1 || reg == 5;
}

/// What the jump `word` at `pc` is when it has gone to `target`.
Kind kind_of(Word word, Word pc, Word target, const std::vector<Word>& functions) {
    const Word opcode = word & 0x7F;
    const Word rd = word >> 7 & 31;
    const bool register_jump = opcode == 0x67;
    if (opcode != 0x6F && !register_jump) return Kind::none;
    if (is_link(rd)) return Kind::call;
    if (rd != 0) return Kind::none;
    if (register_jump && is_link(word >> 15 & 31)) return Kind::come_back;
    const bool begins = std::ranges::find(functions, target) != functions.end();
    const auto after = std::ranges::upper_bound(functions, pc);
    const bool own = after != functions.begin() && *std::prev(after) == target;
    return begins && (register_jump || !own) ? Kind::tail_call : Kind::none;
}

/// Instruction by instruction, with code that tells nothing.
Records expected(FlatMachine& machine, const Code& code, const std::vector<Word>& functions) {
    Records all;
    Stop stop = Stop::limit;
    while (stop == Stop::limit) {
        const Word pc = machine.hart.pc;
        const auto retired = machine.hart.retired;
        machine.limits.max_retired = retired + 1;
        stop = machine.run(code);
        if (machine.hart.retired == retired) continue;
        const Kind kind = kind_of(code.word(pc).value_or(0), pc, machine.hart.pc, functions);
        if (kind == Kind::none) continue;
        all.push_back({machine.hart.cycles, machine.hart.pc, pc + 4, machine.hart.x[2], kind});
    }
    return all;
}

void expect_told(const Program& program, const std::vector<Word>& functions, Word sp = 0,
                 std::size_t* count = nullptr) {
    const Code plain(program.bytes(), text_base, everything(), Timing{});
    const Code telling(program.bytes(), text_base, everything(), Timing{}, functions);
    FlatMachine machine;
    machine.start();
    machine.hart.x[2] = sp;
    const Records records = expected(machine, plain, functions);
    Listener through;
    Listener cut;
    for (Listener* listener : {&through, &cut}) {
        listener->start();
        listener->hart.x[2] = sp;
    }
    through.run(telling);
    for (Stop stop = Stop::limit; stop == Stop::limit;) {
        cut.limits.max_retired = cut.hart.retired + 7;
        stop = cut.run(telling);
    }
    for (const Listener* listener : {&through, &cut}) {
        EXPECT_TRUE(listener->told == records);
        EXPECT_TRUE(listener->hart == machine.hart);
        EXPECT_EQ(listener->near, machine.near);
        EXPECT_EQ(listener->far, machine.far);
        EXPECT_EQ(listener->fault.cause, machine.fault.cause);
    }
    if (count != nullptr) *count += records.size();
}

constexpr Word ra = 1;
constexpr Word sp = 2;
constexpr Word a0 = 10;

/// f(n) = n == 0 ? 0 : f(n - 1) + 1 by recursion, with the last step as a tail call of g.
Program recursion(std::int32_t depth) {
    Program p;
    p.addi(a0, 0, depth).add(Op::jal, {.rd = ra, .imm = 8}).ecall();  // main at 0: f(depth)
    p.add(Op::beq, {.rs1 = a0, .rs2 = 0, .imm = 40});                 // f at 12
    p.addi(sp, sp, -16).add(Op::sw, {.rs1 = sp, .rs2 = ra, .imm = 12});
    p.addi(a0, a0, -1);
    p.add(Op::auipc, {.rd = 6}).add(Op::jalr, {.rd = ra, .rs1 = 6, .imm = -16});
    p.addi(a0, a0, 1).add(Op::lw, {.rd = ra, .rs1 = sp, .imm = 12}).addi(sp, sp, 16);
    p.add(Op::jalr, {.rs1 = ra});
    p.add(Op::jal, {.imm = 4});    // the end of f: goes to g
    p.add(Op::jalr, {.rs1 = ra});  // g at 56
    return p;
}

TEST(Calls, OfADeepRecursionAreAllTold) {
    const Program program = recursion(200);  // more than are kept before they are told
    const std::vector<Word> functions{text_base, text_base + 12, text_base + 56};
    Listener listener;
    const Code code(program.bytes(), text_base, everything(), Timing{}, functions);
    listener.start();
    listener.hart.x[2] = near_base + memory_bytes;
    ASSERT_EQ(listener.run(code), Stop::environment);
    const auto told = [&](Kind kind) {
        return std::ranges::count(listener.told, kind, &CallRecord::kind);
    };
    EXPECT_EQ(listener.hart.x[a0], 200u);
    EXPECT_EQ(told(Kind::call), 201);
    EXPECT_EQ(told(Kind::come_back), 201);
    EXPECT_EQ(told(Kind::tail_call), 1);
    expect_told(program, functions, near_base + memory_bytes);
}

TEST(Calls, AJumpThroughATableIsNoCallUnlessAFunctionBeginsThere) {
    Program p;
    p.add(Op::auipc, {.rd = 6}).add(Op::jalr, {.rs1 = 6, .imm = 12}).ecall().addi(7, 7, 1).ecall();
    std::size_t found = 0;
    expect_told(p, {text_base}, 0, &found);
    EXPECT_EQ(found, 0u);
    expect_told(p, {text_base, text_base + 12}, 0, &found);
    EXPECT_EQ(found, 1u);
}

TEST(Calls, ACallToNowhereIsTold) {
    Program p;
    p.addi(6, 0, 64).add(Op::jalr, {.rd = ra, .rs1 = 6});
    const Code code(p.bytes(), text_base, everything(), Timing{}, std::vector{text_base});
    Listener listener;
    listener.start();
    EXPECT_EQ(listener.run(code), Stop::fault);
    ASSERT_EQ(listener.told.size(), 1u);
    EXPECT_EQ(listener.told[0].target, 64u);
}

TEST(Calls, OfRandomProgramsAreAllTold) {
    std::size_t found = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        RandomProgram random = RandomProgramMaker(seed, text_base, far_base).make(400);
        random.program.ecall();
        std::vector<Word> functions;
        for (Word at = 0; at < random.program.size(); at += 4 + at % 52) {
            functions.push_back(text_base + at);
        }
        expect_told(random.program, functions, 0, &found);
    }
    EXPECT_GT(found, 100u);
}

}  // namespace
}  // namespace test
}  // namespace tilewright::riscv
