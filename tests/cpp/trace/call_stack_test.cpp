// Which frames stay and which end: calls in calls, tail calls, returns over several, recursion that
// is too deep, programs that call others.
#include "tilewright/trace/call_stack.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tilewright {
namespace {

using Kind = riscv::CallRecord::Kind;

class CallStackTest : public testing::Test {
protected:
    CallStackTest() { stack.run(program); }

    void call(std::uint32_t function, std::uint32_t link, std::uint32_t sp) {
        jump({++cycle, function, link, sp, Kind::call});
    }
    void tail_call(std::uint32_t function, std::uint32_t sp) {
        jump({++cycle, function, 0, sp, Kind::tail_call});
    }
    void come_back(std::uint32_t to, std::uint32_t sp) {
        jump({++cycle, to, 0, sp, Kind::come_back});
    }
    void jump(const riscv::CallRecord& record) { stack.apply(record, stack.staying(record)); }

    /// The functions, outermost first.
    std::string functions() {
        std::string all;
        for (const CallStack::Frame& frame : stack.frames()) {
            all += std::to_string(frame.function) + " ";
        }
        return all;
    }

    std::shared_ptr<const riscv::ElfImage> program = std::make_shared<riscv::ElfImage>();
    CallStack stack;
    std::uint64_t cycle = 0;
};

TEST_F(CallStackTest, CallsEndInTurn) {
    call(1, 0, ~0u);
    call(2, 100, 1000);
    call(3, 200, 900);
    EXPECT_EQ(functions(), "1 2 3 ");
    EXPECT_EQ(stack.frames()[2].begin, 3u);
    come_back(200, 900);
    call(3, 204, 900);
    come_back(204, 900);
    EXPECT_EQ(functions(), "1 2 ");
    come_back(100, 1000);
    EXPECT_EQ(functions(), "1 ");
}

TEST_F(CallStackTest, ATailCallTakesThePlaceOfItsCallerAndReturnsForIt) {
    call(1, 0, ~0u);
    call(2, 100, 1000);
    tail_call(3, 1000);
    EXPECT_EQ(functions(), "1 3 ");
    tail_call(3, 1000);  // to itself: a loop
    EXPECT_EQ(stack.frames()[1].begin, 3u);
    come_back(100, 1000);
    EXPECT_EQ(functions(), "1 ");
}

TEST_F(CallStackTest, AJumpOverSeveralCallsEndsThem) {
    call(1, 0, ~0u);
    call(2, 100, 1000);  // keeps its place, with its stack pointer at 900
    call(3, 200, 900);
    call(4, 300, 800);
    call(9, 400, 700);    // longjmp
    come_back(216, 900);  // to where setjmp was called
    EXPECT_EQ(functions(), "1 2 ");
    come_back(100, 1000);
    EXPECT_EQ(functions(), "1 ");
}

TEST_F(CallStackTest, ReturnsFromBeforeTheBeginningEndNothing) {
    come_back(100, 1000);
    EXPECT_EQ(functions(), "");
    call(2, 104, 1000);
    come_back(104, 1000);
    tail_call(5, 1000);
    EXPECT_EQ(functions(), "5 ");
    come_back(300, 1100);
    EXPECT_EQ(functions(), "");
    call(1, 0, ~0u);
    come_back(300, 1100);
    EXPECT_EQ(functions(), "1 ");
}

TEST_F(CallStackTest, WhatIsTooDeepIsLeftOutAndComesBackWell) {
    call(1, 0, ~0u);
    std::uint32_t sp = 100'000;
    for (int i = 0; i < 1000; ++i) call(2, 100, sp -= 16);
    EXPECT_EQ(stack.frames().size(), CallStack::deepest);
    for (int i = 0; i < 1000; ++i, sp += 16) come_back(100, sp);
    EXPECT_EQ(functions(), "1 ");
}

TEST_F(CallStackTest, ProgramsLiveAsLongAsTheirFrames) {
    std::weak_ptr<const riscv::ElfImage> other_lives;
    call(1, 0, ~0u);
    {
        const auto other = std::make_shared<riscv::ElfImage>();
        other_lives = other;
        stack.run(other);
        call(7, 100, 1000);
        call(8, 700, 1000);
    }
    EXPECT_FALSE(other_lives.expired());
    EXPECT_EQ(stack.frames()[0].program, program.get());
    EXPECT_EQ(stack.frames()[2].program, other_lives.lock().get());
    come_back(700, 1000);
    come_back(100, 1000);
    stack.run(program);
    EXPECT_TRUE(other_lives.expired());
    EXPECT_EQ(functions(), "1 ");
}

}  // namespace
}  // namespace tilewright
