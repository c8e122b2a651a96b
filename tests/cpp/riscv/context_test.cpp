// What the owner of a hart keeps between calls of run(), and what it may change from inside a bus
// call.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word direct_base = 0x8000'0000;
constexpr Word chunk = DirtyChunks::chunk_bytes;

std::vector<std::uint64_t> taken(DirtyChunks& dirty) {
    std::vector<std::uint64_t> offsets;
    dirty.take([&](std::uint64_t offset) { offsets.push_back(offset); });
    return offsets;
}

TEST(Context, StoresToDirectMemoryMarkTheirChunksOnce) {
    std::vector<std::byte> memory(3 * chunk - 8);
    DirtyChunks dirty(memory.size());
    FlatMachine machine;
    machine.memory.direct = {direct_base, static_cast<Word>(memory.size()), memory.data()};
    machine.memory.direct_stored = &dirty;
    Program p;
    p.li(5, direct_base + 2 * chunk).li(6, 0x1234'5678).li(7, direct_base);
    p.add(Op::sw, {.rs1 = 5, .rs2 = 6, .imm = 4});
    p.add(Op::sb, {.rs1 = 7, .rs2 = 6, .imm = 3});
    p.add(Op::sh, {.rs1 = 5, .rs2 = 6, .imm = 8}).ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    std::uint64_t first_cycles = 0;
    for (int round = 0; round < 2; ++round) {
        machine.start();
        machine.hart.cycles = 0;
        ASSERT_EQ(machine.run(code), Stop::environment);
        EXPECT_TRUE(machine.log.empty());
        EXPECT_EQ(taken(dirty), (std::vector<std::uint64_t>{2 * chunk, 0}));
        EXPECT_EQ(taken(dirty), std::vector<std::uint64_t>{});
        if (round == 0) first_cycles = machine.hart.cycles;
    }
    machine.start();
    machine.hart.cycles = 0;
    dirty.mark(0);
    dirty.mark(2 * chunk + 100);
    ASSERT_EQ(machine.run(code), Stop::environment);
    EXPECT_EQ(machine.hart.cycles, first_cycles) << "the first store costs what others do";
    EXPECT_EQ(taken(dirty), (std::vector<std::uint64_t>{0, 2 * chunk}));
    Word word = 0;
    std::memcpy(&word, memory.data() + 2 * chunk + 4, 4);
    EXPECT_EQ(word, 0x1234'5678u);
    EXPECT_EQ(memory[3], std::byte{0x78});
}

TEST(Context, SizeOfTheStoreWindowChangesFromInsideABusCall) {
    FlatMachine machine;
    Program p;
    p.li(5, far_base).li(6, device_base);
    p.add(Op::sw, {.rs1 = 5, .rs2 = 5});  // direct
    p.add(Op::sw, {.rs1 = 6, .rs2 = 5});  // the call that shuts the window
    p.add(Op::sw, {.rs1 = 5, .rs2 = 6, .imm = 4}).ecall();
    machine.on_event = [&](const FlatMachine::Event& event) {
        if (event.address == device_base) machine.context.set_far_store_bytes(0);
    };
    const Code code(p.bytes(), text_base, everything(), {});
    machine.start();
    ASSERT_EQ(machine.run(code), Stop::environment);
    ASSERT_EQ(machine.log.size(), 2u);
    EXPECT_EQ(machine.log[1].address, far_base + 4);
    EXPECT_EQ(machine.far_word(0), far_base);
    EXPECT_EQ(machine.far_word(4), device_base);
}

TEST(Context, TheBusSeesAllRegistersBeforeTheInstruction) {
    FlatMachine machine;
    Program p;
    p.li(6, device_base).addi(5, 5, 7).add(Op::flw, {.rd = 2, .rs1 = 6}).addi(0, 5, 1);
    p.add(Op::lw, {.rd = 5, .rs1 = 6}).ecall();
    machine.device[0] = 99;
    std::vector<HartState> seen;
    machine.on_event = [&](const FlatMachine::Event&) { seen.push_back(machine.hart); };
    const Code code(p.bytes(), text_base, everything(), {});
    machine.start();
    ASSERT_EQ(machine.run(code), Stop::environment);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[1].x[5], 7u);
    EXPECT_EQ(seen[0].f[2], 0u);
    EXPECT_EQ(seen[1].f[2], 99u);
    EXPECT_EQ(seen[1].sink, 0u) << "what goes to x0 is no state";
    EXPECT_EQ(machine.hart.x[5], 99u);
}

TEST(Context, AnotherProgramAndAnotherPcAreTakenUpBetweenRuns) {
    Program first;
    first.addi(5, 0, 1).ecall().addi(5, 0, 2).ecall();
    Program second;
    second.addi(5, 0, 3).ecall();
    const Code one(first.bytes(), text_base, everything(), {});
    const Code two(second.bytes(), text_base, everything(), {});
    FlatMachine machine;
    RunContext context(one, machine.memory);
    HartState hart;
    const auto run_from = [&](Word pc) {
        hart.pc = hart.block = pc;
        EXPECT_EQ(context.run(hart, machine, machine.limits, machine.fault), Stop::environment);
        return hart.x[5];
    };
    EXPECT_EQ(run_from(text_base), 1u);
    EXPECT_EQ(run_from(text_base + 8), 2u);
    context.set_code(two);
    EXPECT_EQ(context.code(), &two);
    EXPECT_EQ(run_from(text_base), 3u);
}

}  // namespace
}  // namespace tilewright::riscv::test
