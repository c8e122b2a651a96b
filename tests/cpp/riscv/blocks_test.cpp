// How many blocks are made of a text, and where long ones end.
#include <gtest/gtest.h>

#include <set>

#include "flat_machine.hpp"
#include "riscv/block.hpp"

namespace tilewright::riscv::test {
namespace {

Program straight(Word instructions) {
    Program p;
    for (Word i = 0; i < instructions; ++i) p.addi(5, 5, 1);
    return p;
}

TEST(Blocks, OfLongStraightCodeMeetWhereverItIsEntered) {
    // 400 KB, entered in 300 places: each needs one block of its own at most.
    constexpr Word instructions = 100'000;
    const Code code(straight(instructions).bytes(), text_base, everything(), Timing{});
    std::set<const Block*> blocks;
    Word decoded = 0;
    for (Word offset = 0; offset < 300; ++offset) {
        Word pc = text_base + 4 * offset;
        while (const Block* block = code.block(pc)) {
            EXPECT_EQ(block->entry, pc);
            EXPECT_LE(block->count, Code::max_block);
            if (blocks.insert(block).second) decoded += block->count;
            pc = block->fall_target;
        }
        EXPECT_EQ(pc, text_base + 4 * instructions);
    }
    EXPECT_LE(decoded, instructions + 300 * Code::max_block);
}

TEST(Blocks, ThatEndByThemselvesAreLeftAsTheyAre) {
    Program p = straight(100);
    p.add(Op::jal, {.imm = -4});
    const Code code(p.bytes(), text_base, everything(), Timing{});
    // The last 64 instructions, with the jump, from wherever they are entered.
    for (const Word first : {37u, 38u, 60u, 99u}) {
        EXPECT_EQ(code.block(text_base + 4 * first)->count, 101 - first);
    }
    EXPECT_EQ((text_base + 4 * 36 + 4 * code.block(text_base + 4 * 36)->count) %
                  (Code::max_block * code.alignment()),
              0u);
}

TEST(Blocks, CostWhatTheyCostInOnePieceOfStraightCode) {
    const Program p = straight(1000);
    const Code code(p.bytes(), text_base, everything(), Timing{});
    for (const Word first : {0u, 1u, 17u, 63u, 64u, 700u}) {
        Word cycles = 0;
        for (Word pc = text_base + 4 * first; const Block* block = code.block(pc);) {
            cycles += block->fall_cost;
            pc = block->fall_target;
        }
        EXPECT_EQ(cycles, 1000 - first);
    }
}

}  // namespace
}  // namespace tilewright::riscv::test
