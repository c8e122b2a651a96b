// Memory windows, the bus, faults, exceptions, and operations that wait for their turn.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word base = 20;  ///< the register that holds an address

/// A program that starts with two additions, so that a stop after them is in mid-block.
class AccessTest : public testing::Test {
protected:
    Program program;
    FlatMachine machine;
    std::unique_ptr<Code> code;

    AccessTest() { program.addi(5, 5, 1).addi(5, 5, 1); }

    Stop run() {
        if (!code)
            code = std::make_unique<Code>(program.bytes(), text_base, everything(), Timing{});
        return machine.run(*code);
    }
    /// Starts with an address and expects a fault at the third instruction, with nothing done.
    void expect_fault(Op op, With with, Word address, Cause cause) {
        program.words.resize(2);
        program.add(op, with).ecall();
        code = nullptr;
        machine.hart = {};
        machine.start();
        machine.hart.x[base] = address;
        machine.limits.max_retired = 2;
        ASSERT_EQ(run(), Stop::limit);
        const HartState before = machine.hart;
        machine.limits = {};
        ASSERT_EQ(run(), Stop::fault) << row(op).mnemonic;
        EXPECT_TRUE(machine.hart == before) << row(op).mnemonic;
        EXPECT_EQ(machine.fault.cause, cause) << row(op).mnemonic << " at " << address;
        EXPECT_EQ(machine.fault.pc, text_base + 8);
        EXPECT_EQ(machine.fault.address, address + static_cast<Word>(with.imm));
        EXPECT_EQ(machine.fault.instruction, program.words[2]);
        // From the beginning it is the same.
        machine.hart = {};
        machine.start();
        machine.hart.x[base] = address;
        ASSERT_EQ(run(), Stop::fault);
        EXPECT_TRUE(machine.hart == before) << row(op).mnemonic;
    }
};

TEST_F(AccessTest, FaultsLeaveTheStateBeforeTheInstruction) {
    const With load{.rd = 6, .rs1 = base, .imm = 4};
    const With store{.rs1 = base, .rs2 = 5, .imm = -4};
    constexpr Word nowhere = 0x5000'0000;
    for (const Op op : {Op::lb, Op::lh, Op::lw, Op::lbu, Op::lhu}) {
        expect_fault(op, load, nowhere, Cause::load_unmapped);
    }
    for (const Op op : {Op::lh, Op::lw, Op::lhu}) {
        for (const Word memory : {near_base, far_base, image_base, device_base, nowhere}) {
            expect_fault(op, load, memory + 1, Cause::load_misaligned);
        }
    }
    expect_fault(Op::lw, load, near_base + 2, Cause::load_misaligned);
    for (const Op op : {Op::sb, Op::sh, Op::sw}) {
        expect_fault(op, store, nowhere, Cause::store_unmapped);
        expect_fault(op, store, image_base + 8, Cause::store_read_only);
    }
    for (const Op op : {Op::sh, Op::sw}) {
        for (const Word memory : {near_base, far_base, device_base, nowhere}) {
            expect_fault(op, store, memory + 9, Cause::store_misaligned);
        }
    }
}

TEST_F(AccessTest, FaultsOfInstructionsThatStandAlone) {
    program.add(Op::amoadd_w, {.rd = 6, .rs1 = base, .rs2 = 5});
    program.add(Op::lr_w, {.rd = 6, .rs1 = base});
    program.add(Op::sc_w, {.rd = 6, .rs1 = base, .rs2 = 5});
    program.add(Op::ebreak).raw(0).raw(0xFFFF'FFFF);
    const struct {
        Word offset, address;
        Cause cause;
    } faults[] = {
        {8, near_base + 1, Cause::store_misaligned},
        {8, 0x5000'0000, Cause::store_unmapped},
        {12, far_base + 2, Cause::load_misaligned},
        {12, 0x5000'0000, Cause::load_unmapped},
        {16, near_base + 3, Cause::store_misaligned},
        {16, 0x5000'0000, Cause::store_unmapped},
        {20, 0, Cause::breakpoint},
        {24, 0, Cause::illegal_instruction},
        {28, 0, Cause::illegal_instruction},
    };
    for (const auto& f : faults) {
        machine.hart = {};
        machine.start(text_base + f.offset);
        machine.hart.x[base] = f.address;
        machine.hart.reserved = true;
        machine.hart.reservation = f.address;
        machine.hart.cycles = 77;
        const HartState before = machine.hart;
        ASSERT_EQ(run(), Stop::fault) << f.offset;
        EXPECT_TRUE(machine.hart == before) << f.offset;
        EXPECT_EQ(machine.fault.cause, f.cause) << f.offset;
        EXPECT_EQ(machine.fault.pc, text_base + f.offset);
        EXPECT_EQ(machine.fault.instruction, program.words[f.offset / 4]);
    }
}

TEST_F(AccessTest, ControlThatLeavesTheText) {
    const auto fault_of = [&](Program p) {
        program = std::move(p);
        code = nullptr;
        machine.hart = {};
        machine.start();
        EXPECT_EQ(run(), Stop::fault);
        return machine.fault;
    };
    Fault f = fault_of(Program().addi(5, 5, 1).addi(5, 5, 1));  // runs off the end
    EXPECT_EQ(f.cause, Cause::fetch_unmapped);
    EXPECT_EQ(f.pc, text_base + 8);
    EXPECT_EQ(f.address, text_base + 8);
    EXPECT_EQ(f.instruction, 0u);
    EXPECT_EQ(machine.hart.retired, 2u);
    EXPECT_EQ(machine.hart.cycles, 2u);
    EXPECT_EQ(machine.hart.block, text_base + 8);

    f = fault_of(Program().add(Op::jal, {.rd = 1, .imm = -4}));
    EXPECT_EQ(f.cause, Cause::fetch_unmapped);
    EXPECT_EQ(f.pc, text_base - 4);
    EXPECT_EQ(machine.hart.x[1], text_base + 4);
    EXPECT_EQ(machine.hart.retired, 1u);

    f = fault_of(Program().li(6, 0x1000).add(Op::jalr, {.rd = 1, .rs1 = 6}));
    EXPECT_EQ(f.cause, Cause::fetch_unmapped);
    EXPECT_EQ(f.pc, 0x1000u);
    EXPECT_EQ(machine.hart.cycles, 7u);

    f = fault_of(Program().add(Op::beq, {.imm = 4096 - 2}));
    EXPECT_EQ(f.cause, Cause::fetch_misaligned);
    EXPECT_EQ(f.pc, text_base);
    EXPECT_EQ(f.address, text_base + 4094);
    EXPECT_EQ(machine.hart.retired, 0u);

    f = fault_of(Program().li(6, text_base + 2).add(Op::jalr, {.rd = 6, .rs1 = 6}));
    EXPECT_EQ(f.cause, Cause::fetch_misaligned);
    EXPECT_EQ(f.pc, text_base + 8);
    EXPECT_EQ(machine.hart.x[6], text_base + 2);

    const Code empty({}, text_base, everything(), {});
    machine.hart = {};
    machine.start();
    EXPECT_EQ(machine.run(empty), Stop::fault);
    EXPECT_EQ(machine.fault.cause, Cause::fetch_unmapped);
}

TEST_F(AccessTest, WindowsEndExactlyWhereTheyEnd) {
    machine.memory = {};
    machine.memory.near = {near_base, 6, machine.near.data()};
    machine.on_event = [](const FlatMachine::Event& e) { throw e; };
    const auto reaches_bus = [&](Op op, Word address) {
        Program p;
        p.add(op, {.rd = 6, .rs1 = base, .rs2 = 5}).ecall();
        const Code c(p.bytes(), text_base, everything(), {});
        machine.start();
        machine.hart.x[base] = address;
        try {
            EXPECT_EQ(machine.run(c), Stop::environment);
            return false;
        } catch (const FlatMachine::Event&) {
            return true;
        }
    };
    for (const Op op : {Op::lb, Op::lbu, Op::sb}) {
        EXPECT_FALSE(reaches_bus(op, near_base + 5));
        EXPECT_TRUE(reaches_bus(op, near_base + 6));
        EXPECT_TRUE(reaches_bus(op, near_base - 1));
    }
    for (const Op op : {Op::lh, Op::lhu, Op::sh}) {
        EXPECT_FALSE(reaches_bus(op, near_base + 4));
        EXPECT_TRUE(reaches_bus(op, near_base + 6));
        EXPECT_TRUE(reaches_bus(op, near_base - 2));
    }
    for (const Op op : {Op::lw, Op::sw, Op::amoadd_w, Op::lr_w}) {
        EXPECT_FALSE(reaches_bus(op, near_base));
        EXPECT_TRUE(reaches_bus(op, near_base + 4));
        EXPECT_TRUE(reaches_bus(op, near_base - 4));
        EXPECT_TRUE(reaches_bus(op, 0));
    }
}

TEST_F(AccessTest, LoadsOfTheImageAndStoresBesideTheDirectPart) {
    const Word constant = 0xCAFE'F00D;
    std::memcpy(machine.image.data() + 8, &constant, 4);
    machine.memory.far_store = {far_base + 2048, 2048, machine.far.data() + 2048};
    program.add(Op::lw, {.rd = 6, .rs1 = base, .imm = 8});
    program.li(7, far_base);
    program.add(Op::sw, {.rs1 = 7, .rs2 = 6, .imm = 2044});
    program.addi(7, 7, 1024);
    program.add(Op::sw, {.rs1 = 7, .rs2 = 6, .imm = 1024});
    program.ecall();
    machine.start();
    machine.hart.x[base] = image_base;
    ASSERT_EQ(run(), Stop::environment);
    EXPECT_EQ(machine.far_word(2044), constant);
    EXPECT_EQ(machine.far_word(2048), constant);
    ASSERT_EQ(machine.log.size(), 1u);  // the one below the direct part
    EXPECT_EQ(machine.log[0].address, far_base + 2044);
}

TEST_F(AccessTest, BusValuesAreExtendedAndCutToSize) {
    machine.device[0] = 0xFFFF'8081;
    program.words.clear();
    program.add(Op::lb, {.rd = 6, .rs1 = base}).add(Op::lbu, {.rd = 7, .rs1 = base});
    program.add(Op::lh, {.rd = 8, .rs1 = base}).add(Op::lhu, {.rd = 9, .rs1 = base});
    program.add(Op::lw, {.rd = 10, .rs1 = base}).add(Op::lw, {.rd = 0, .rs1 = base});
    program.add(Op::sb, {.rs1 = base, .rs2 = 10, .imm = 4});
    program.add(Op::sh, {.rs1 = base, .rs2 = 10, .imm = 8});
    program.ecall();
    machine.start();
    machine.hart.x[base] = device_base;
    ASSERT_EQ(run(), Stop::environment);
    EXPECT_EQ(machine.hart.x[6], 0xFFFF'FF81u);
    EXPECT_EQ(machine.hart.x[7], 0x81u);
    EXPECT_EQ(machine.hart.x[8], 0xFFFF'8081u);
    EXPECT_EQ(machine.hart.x[9], 0x8081u);
    EXPECT_EQ(machine.hart.x[10], 0xFFFF'8081u);
    EXPECT_EQ(machine.hart.x[0], 0u);
    EXPECT_EQ(machine.device[1], 0x81u);
    EXPECT_EQ(machine.device[2], 0x8081u);
}

/// Each way to the bus, with a device register or far memory behind it.
struct Way {
    Op op;
    Word address;
    bool synchronises;
};
const Way ways[] = {
    {Op::lw, device_base, true},    {Op::sw, device_base, true}, {Op::lw, far_base, false},
    {Op::sw, far_base, false},      {Op::lr_w, far_base, true},  {Op::sc_w, far_base, true},
    {Op::amoadd_w, far_base, true},
};

void prepare(FlatMachine& m, const Way& way) {
    m.start();
    m.hart.x[base] = way.address;
    m.hart.reserved = true;
    m.hart.reservation = way.address;
    m.memory.far = m.memory.far_store = {};
}

TEST_F(AccessTest, ExceptionsOfTheBusPassThroughWithTheStateBefore) {
    for (const Way& way : ways) {
        program.words.resize(2);
        program.add(way.op, {.rd = 6, .rs1 = base, .rs2 = 5}).addi(7, 6, 1).ecall();
        const Code c(program.bytes(), text_base, everything(), {});
        FlatMachine through;
        prepare(through, way);
        ASSERT_EQ(through.run(c), Stop::environment);

        FlatMachine stopped;
        prepare(stopped, way);
        stopped.limits.max_retired = 2;
        ASSERT_EQ(stopped.run(c), Stop::limit);
        FlatMachine thrown;
        prepare(thrown, way);
        thrown.on_event = [](const FlatMachine::Event&) { throw std::runtime_error("no"); };
        EXPECT_THROW(thrown.run(c), std::runtime_error) << row(way.op).mnemonic;
        EXPECT_TRUE(thrown.hart == stopped.hart) << row(way.op).mnemonic;
        thrown.on_event = {};
        ASSERT_EQ(thrown.run(c), Stop::environment);
        EXPECT_TRUE(thrown.hart == through.hart) << row(way.op).mnemonic;
    }
}

TEST_F(AccessTest, OperationsWaitForTheirTurn) {
    for (const Way& way : ways) {
        program.words.resize(2);
        program.add(way.op, {.rd = 6, .rs1 = base, .rs2 = 5}).addi(7, 6, 1).ecall();
        const Code c(program.bytes(), text_base, everything(), {});
        FlatMachine through;
        prepare(through, way);
        ASSERT_EQ(through.run(c), Stop::environment);
        ASSERT_EQ(through.log.size(), 1u);
        const std::uint64_t cycle = through.log[0].cycle;
        EXPECT_EQ(cycle, 2u);

        FlatMachine early;
        prepare(early, way);
        early.limits.horizon = cycle;
        if (!way.synchronises) {
            EXPECT_EQ(early.run(c), Stop::environment) << row(way.op).mnemonic;
            continue;
        }
        ASSERT_EQ(early.run(c), Stop::synchronise) << row(way.op).mnemonic;
        EXPECT_TRUE(early.log.empty());
        EXPECT_EQ(early.hart.cycles, cycle);
        EXPECT_EQ(early.hart.retired, 2u);
        EXPECT_EQ(early.hart.pc, text_base + 8);
        ASSERT_EQ(early.run(c), Stop::synchronise);
        early.limits.horizon = cycle + 1;
        ASSERT_EQ(early.run(c), Stop::environment);
        EXPECT_TRUE(early.hart == through.hart) << row(way.op).mnemonic;
        EXPECT_TRUE(early.log == through.log);
    }
}

TEST_F(AccessTest, FencesAndWaitsHaveTurnsToo) {
    for (const Op op : {Op::fence, Op::wrs_nto, Op::wrs_sto}) {
        program.words.resize(2);
        program.add(op).ecall();
        const Code c(program.bytes(), text_base, everything(), {});
        FlatMachine m;
        m.start();
        m.limits.horizon = 2;
        EXPECT_EQ(m.run(c), Stop::synchronise);
        EXPECT_EQ(m.hart.pc, text_base + 8);
        m.limits.horizon = 3;
        EXPECT_EQ(m.run(c), Stop::environment);
        EXPECT_EQ(m.hart.cycles, 4u);
    }
}

TEST_F(AccessTest, AtomicsInNearMemoryNeedNoTurn) {
    machine.start();
    machine.hart.x[base] = near_base;
    machine.limits.horizon = 0;
    program.add(Op::lr_w, {.rd = 6, .rs1 = base});
    program.add(Op::sc_w, {.rd = 7, .rs1 = base, .rs2 = 5});
    program.add(Op::amoadd_w, {.rd = 8, .rs1 = base, .rs2 = 5});
    program.ecall();
    EXPECT_EQ(run(), Stop::environment);
    EXPECT_EQ(machine.hart.x[7], 0u);
    EXPECT_EQ(machine.near_word(0), 4u);
    EXPECT_TRUE(machine.log.empty());
}

TEST_F(AccessTest, AStoreThatIsToldToComeAgain) {
    program.add(Op::sw, {.rs1 = base, .rs2 = 5}).addi(5, 5, 1).ecall();
    machine.start();
    machine.hart.x[base] = device_base;
    machine.retries = 1;
    ASSERT_EQ(run(), Stop::synchronise);
    EXPECT_EQ(machine.hart.pc, text_base + 8);
    EXPECT_EQ(machine.hart.block, text_base);
    EXPECT_EQ(machine.hart.cycles, 2u);
    EXPECT_EQ(machine.device[0], 0u);
    machine.hart.cycles = 50;  // its owner lets time pass
    ASSERT_EQ(run(), Stop::environment);
    EXPECT_EQ(machine.device[0], 2u);
    EXPECT_EQ(machine.log.back().cycle, 50u);
    EXPECT_EQ(machine.hart.cycles, 50u + 2 + 1);
}

TEST_F(AccessTest, TheBusMayChangeLimitsAndMapFromInsideACall) {
    program.add(Op::sw, {.rs1 = base, .rs2 = 5});
    for (int i = 0; i < 10; ++i) program.addi(5, 5, 1);
    program.add(Op::jal, {.rd = 0, .imm = 4}).ecall();
    const auto run_with = [&](const std::function<void(FlatMachine&)>& change) {
        machine.hart = {};
        machine.start();
        machine.hart.x[base] = device_base;
        machine.limits = {};
        machine.on_event = [&, change](const FlatMachine::Event&) { change(machine); };
        return run();
    };
    EXPECT_EQ(run_with([](FlatMachine& m) { m.limits.edge = 0; }), Stop::edge);
    EXPECT_EQ(machine.hart.pc, text_base + 4 * 14);
    EXPECT_EQ(run_with([](FlatMachine& m) { m.limits.max_retired = 5; }), Stop::limit);
    EXPECT_EQ(machine.hart.retired, 5u);
    EXPECT_EQ(run_with([](FlatMachine& m) { m.limits.max_cycles = 6; }), Stop::limit);
    EXPECT_EQ(machine.hart.cycles, 6u);

    program.words.resize(3);
    program.li(6, far_base).add(Op::sw, {.rs1 = 6, .rs2 = 5}).ecall();
    code = nullptr;
    machine.memory.far_store = {};
    machine.log.clear();
    EXPECT_EQ(run_with([](FlatMachine& m) {
                  m.memory.far_store = m.memory.far;
                  m.context.set_memory(m.memory);
              }),
              Stop::environment);
    EXPECT_EQ(machine.log.size(), 1u);
    EXPECT_EQ(machine.far_word(0), 2u);
}

class Reservation : public testing::Test {
protected:
    FlatMachine machine;
    HartState& hart = machine.hart;

    Stop run(const Program& p) {
        const Code code(p.bytes(), text_base, everything(), {});
        return machine.run(code);
    }
    void SetUp() override {
        machine.start();
        hart.x[base] = far_base + 16;
        hart.x[5] = 9;
    }
};

TEST_F(Reservation, HoldsFromLoadToStore) {
    Program p;
    p.add(Op::lr_w, {.rd = 6, .rs1 = base});
    p.add(Op::sc_w, {.rd = 7, .rs1 = base, .rs2 = 5});
    p.add(Op::sc_w, {.rd = 8, .rs1 = base, .rs2 = 0});
    p.ecall();
    ASSERT_EQ(run(p), Stop::environment);
    EXPECT_EQ(hart.x[7], 0u);
    EXPECT_EQ(hart.x[8], 1u);  // used up
    EXPECT_EQ(machine.far_word(16), 9u);
    EXPECT_FALSE(hart.reserved);
}

TEST_F(Reservation, IsForOneAddress) {
    Program p;
    p.addi(21, base, 4);
    p.add(Op::lr_w, {.rd = 6, .rs1 = base});
    p.add(Op::sc_w, {.rd = 7, .rs1 = 21, .rs2 = 5});
    p.ecall();
    ASSERT_EQ(run(p), Stop::environment);
    EXPECT_EQ(hart.x[7], 1u);
    EXPECT_EQ(machine.far_word(20), 0u);
    EXPECT_FALSE(hart.reserved);
}

TEST_F(Reservation, BrokenByItsOwner) {
    Program p;
    p.add(Op::lr_w, {.rd = 6, .rs1 = base});
    p.add(Op::sc_w, {.rd = 7, .rs1 = base, .rs2 = 5});
    p.ecall();
    machine.limits.max_retired = 1;
    ASSERT_EQ(run(p), Stop::limit);
    EXPECT_TRUE(hart.reserved);
    EXPECT_EQ(hart.reservation, far_base + 16);
    hart.reserved = false;
    machine.limits = {};
    ASSERT_EQ(run(p), Stop::environment);
    EXPECT_EQ(hart.x[7], 1u);
    EXPECT_EQ(machine.far_word(16), 0u);
}

TEST_F(Reservation, AWaitStopsWhileItHolds) {
    for (const auto& [op, stop] :
         {std::pair{Op::wrs_nto, Stop::wait}, std::pair{Op::wrs_sto, Stop::wait_short}}) {
        Program p;
        p.add(Op::lr_w, {.rd = 6, .rs1 = base});
        p.add(op);
        p.addi(7, 7, 1).ecall();
        hart = {};
        SetUp();
        ASSERT_EQ(run(p), stop);
        EXPECT_EQ(hart.pc, text_base + 8);
        EXPECT_EQ(hart.block, hart.pc);
        EXPECT_EQ(hart.cycles, 13u);
        EXPECT_EQ(hart.retired, 2u);
        hart.cycles = 1000;  // woken up
        hart.reserved = false;
        ASSERT_EQ(run(p), Stop::environment);
        EXPECT_EQ(hart.x[7], 1u);
        EXPECT_EQ(hart.cycles, 1002u);
    }
}

TEST_F(Reservation, AWaitWithoutOneGoesOn) {
    Program p;
    p.add(Op::lr_w, {.rd = 6, .rs1 = base});
    p.add(Op::wrs_nto);
    p.ecall();
    machine.limits.max_retired = 1;
    ASSERT_EQ(run(p), Stop::limit);
    hart.reserved = false;
    machine.limits = {};
    EXPECT_EQ(run(p), Stop::environment);
}

}  // namespace
}  // namespace tilewright::riscv::test
