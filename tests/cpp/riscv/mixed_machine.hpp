// Random programs on a machine whose memory is of all kinds, for tests of where runs are cut.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "flat_machine.hpp"
#include "random_program.hpp"

namespace tilewright::riscv::test {

/// A page that is near memory, far memory and bus in turn, with random contents of the program.
class MixedMachine : public FlatMachine {
public:
    MixedMachine() {
        memory.near = {far_base, 1024, far.data()};
        memory.far = {far_base + 1024, 1024, far.data() + 1024};
        memory.far_store = {far_base + 1024, 512, far.data() + 1024};
        start();
    }
};

struct Subject {
    explicit Subject(std::uint64_t seed, std::size_t size = 300) {
        const bool with_short = seed % 2 != 0;
        RandomProgram random = RandomProgramMaker(seed, text_base, far_base, with_short).make(size);
        // A device in the middle of blocks, and the counters, so that the moment matters.
        random.program.li(28, device_base);
        for (int i = 0; i < 6; ++i) {
            random.program.add(Op::lw, {.rd = 27, .rs1 = 28, .imm = 4 * i});
            random.program.addi(26, 27, 1);
            random.program.add(Op::sw, {.rs1 = 28, .rs2 = 26, .imm = 4 * i + 4});
            random.program.add(Op::divu, {.rd = 25, .rs1 = 24, .rs2 = 26});
        }
        random.program.add(Op::csrrs, {.rd = 26, .imm = 0xC00});
        random.program.add(Op::csrrs, {.rd = 27, .imm = 0xC02});
        random.program.ecall();
        code = std::make_unique<Code>(random.program.bytes(), text_base,
                                      with_short ? everything_short() : everything(), Timing{});
    }
    std::unique_ptr<Code> code;
};

inline void expect_same(const MixedMachine& a, const MixedMachine& b) {
    EXPECT_EQ(a.hart.pc, b.hart.pc);
    EXPECT_EQ(a.hart.block, b.hart.block);
    EXPECT_EQ(a.hart.cycles, b.hart.cycles);
    EXPECT_EQ(a.hart.retired, b.hart.retired);
    EXPECT_TRUE(a.hart == b.hart);
    EXPECT_TRUE(a.far == b.far);
    EXPECT_TRUE(a.device == b.device);
    EXPECT_TRUE(a.log == b.log);
}

}  // namespace tilewright::riscv::test
