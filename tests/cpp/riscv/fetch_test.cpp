// Loops that are longer than the instruction cache, against what a card takes and a cache that is
// played line by line.
#include "riscv/fetch.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {
namespace {

/// Lines in turn through sets of two ways, of which the one that was unused longest goes.
std::uint32_t played(std::uint32_t lines, std::uint32_t cache_bytes) {
    std::vector<std::deque<std::uint32_t>> sets(cache_bytes / 32);
    std::uint32_t missed = 0;
    for (int turn = 0; turn < 3; ++turn) {
        missed = 0;
        for (std::uint32_t line = 0; line < lines; ++line) {
            auto& set = sets[line % sets.size()];
            const auto found = std::ranges::find(set, line);
            if (found != set.end()) {
                set.erase(found);
            } else {
                ++missed;
                if (set.size() == 2) set.pop_front();
            }
            set.push_back(line);
        }
    }
    return missed;
}

TEST(Fetch, MissesAreThoseOfACacheOfTwoWays) {
    for (const std::uint32_t bytes : {32u, 64u, 4096u}) {
        for (std::uint32_t lines = 1; lines < 700; ++lines) {
            EXPECT_EQ(missed_lines(lines, bytes), played(lines, bytes)) << lines << ' ' << bytes;
        }
    }
}

/// A loop of x5 iterations over so many additions, closed by a jump back.
Program long_loop(int additions) {
    Program p;
    for (int i = 0; i < additions; ++i) p.addi(6, 6, 1);
    p.addi(5, 5, -1);
    p.add(Op::beq, {.rs1 = 5, .rs2 = 0, .imm = 8});
    p.add(Op::jal, {.imm = -4 * (additions + 2)});
    p.ecall();
    return p;
}

struct Ran {
    std::uint64_t cycles;
    HartState hart;
};

Ran run(const Program& program, Word iterations, Timing timing = {}, std::uint64_t chunk = ~0ull) {
    const Code code(program.bytes(), text_base, everything(), timing);
    FlatMachine machine;
    machine.start();
    machine.hart.x[5] = iterations;
    machine.limits.max_retired = chunk;
    Stop stop = machine.run(code);
    for (; stop == Stop::limit; stop = machine.run(code)) machine.limits.max_retired += chunk;
    EXPECT_EQ(stop, Stop::environment);
    return {machine.hart.cycles, machine.hart};
}

std::uint64_t each_iteration(int additions, Timing timing = {}) {
    const Program p = long_loop(additions);
    return run(p, 3, timing).cycles - run(p, 2, timing).cycles;
}

TEST(Fetch, CostsNothingInALoopThatFits) {
    EXPECT_EQ(each_iteration(1021), 1024u);  // 4096 bytes
    EXPECT_EQ(each_iteration(500), 503u);
}

TEST(Fetch, CostsACycleForEachLineThatIsLost) {
    // A card, with a loop that is closed by one branch (riscvbench F.t1, G): 1479 cycles for 1280
    // additions, 2565 for 2048.
    EXPECT_EQ(each_iteration(1280), 1283u + 3 * (321 - 256));
    EXPECT_EQ(each_iteration(2048), 2051u + 513);
    EXPECT_EQ(each_iteration(2048, {.fetch_miss = 3}), 2051u + 3 * 513);
    EXPECT_EQ(each_iteration(2048, {.fetch_miss = 0}), 2051u);
    EXPECT_EQ(each_iteration(2048, {.fetch_cache = 0}), 2051u);
    EXPECT_EQ(each_iteration(2048, {.fetch_cache = 16384}), 2051u);
    EXPECT_EQ(each_iteration(200, {.fetch_cache = 512}), 203u + 51);
}

TEST(Fetch, CountsNoMoreLinesThanInstructionsCanFill) {
    // The jump goes back over 8 KiB of which an iteration carries out five instructions.
    Program p;
    p.addi(6, 6, 1);
    p.addi(5, 5, -1);
    p.add(Op::beq, {.rs1 = 5, .rs2 = 0, .imm = 12});
    p.add(Op::jal, {.imm = 4 * 2001});
    p.ecall();
    p.ecall();
    for (int i = 0; i < 1998; ++i) p.addi(6, 6, 1);
    p.add(Op::jal, {.imm = -4 * 2004});
    p.ecall();
    ASSERT_EQ(p.bytes().size(), 4 * 2006u);
    const std::uint64_t five = run(p, 5).cycles;
    EXPECT_EQ(run(p, 6).cycles - five, 5u);
}

TEST(Fetch, IsTheSameWithStopsAnywhere) {
    const Program p = long_loop(1500);
    const Ran through = run(p, 4);
    for (const std::uint64_t chunk : {1u, 7u, 1502u, 1503u}) {
        EXPECT_TRUE(run(p, 4, {}, chunk).hart == through.hart) << chunk;
    }
}

}  // namespace
}  // namespace tilewright::riscv::test
