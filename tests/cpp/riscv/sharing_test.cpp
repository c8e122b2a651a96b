// One Code, several threads: each hart of its own, all with the same result.
#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "flat_machine.hpp"
#include "random_program.hpp"

namespace tilewright::riscv::test {
namespace {

TEST(Sharing, ThreadsMakeAndRunTheSameBlocks) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        RandomProgram random = RandomProgramMaker(seed, text_base, far_base).make(1500);
        random.program.ecall();
        FlatMachine alone;
        alone.start();
        {
            const Code code(random.program.bytes(), text_base, everything(), {});
            ASSERT_EQ(alone.run(code), Stop::environment);
        }
        const Code shared(random.program.bytes(), text_base, everything(), {});
        std::array<FlatMachine, 4> machines;
        std::vector<std::thread> threads;
        for (FlatMachine& machine : machines) {
            threads.emplace_back([&] {
                machine.start();
                machine.run(shared);
            });
        }
        for (std::thread& thread : threads) thread.join();
        for (const FlatMachine& machine : machines) {
            EXPECT_TRUE(machine.hart == alone.hart);
            EXPECT_TRUE(machine.far == alone.far);
        }
    }
}

TEST(Sharing, ABlockIsMadeOnce) {
    Program p;
    p.addi(5, 5, 1).addi(5, 5, 1).ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    const Block* block = code.block(text_base);
    EXPECT_NE(block, nullptr);
    EXPECT_EQ(code.block(text_base), block);
    EXPECT_NE(code.block(text_base + 4), block);
    EXPECT_EQ(code.block(text_base + 2), nullptr);
    EXPECT_EQ(code.block(text_base - 4), nullptr);
    EXPECT_EQ(code.block(text_base + 12), nullptr);
    EXPECT_EQ(code.word(text_base + 8), encode(Op::ecall));
    EXPECT_FALSE(code.word(text_base + 12));
}

}  // namespace
}  // namespace tilewright::riscv::test
