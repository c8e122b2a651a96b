// A new device is one folder (toy_counter/) and a row of the chip's table: with that it is
// loadable, pollable, in snapshots, counters, reports and the memory map.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "message_of.hpp"
#include "runtime/assembled_kernel.hpp"
#include "tile/toy_counter/toy_counter.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/riscv/kernel_fault.hpp"

namespace tilewright {
namespace {

namespace reg = test::toy_register;
using riscv::Op;
using riscv::test::Program;

struct ToyChip {
    explicit ToyChip(bool parks = true)
        : chip(config(parks), {}, std::array{test::toy_counter()}) {}

    static ChipConfig config(bool parks) {
        ChipConfig config = preset("tiny");
        config.park_polling_loops = parks;
        return config;
    }
    static ChipConfig plain() { return preset("tiny"); }

    void launch(std::uint32_t core, const Program& program) {
        chip.launch(core, assembled_kernel(program, "toy").image(), {});
    }
    void finish() {
        while (chip.run(~0ull, {}) != Chip::Outcome::ended) {
        }
    }
    Chip chip;
};

constexpr std::uint32_t x_base = 5;
constexpr std::uint32_t x_value = 6;

Program arm(std::uint32_t cycle) {
    Program program;
    program.li(x_base, reg::base).li(x_value, cycle);
    return program.add(Op::sw, {.rs1 = x_base, .rs2 = x_value, .imm = reg::compare});
}

// Loads until there was a match, and leaves the count in x8.
Program poll(Program program = Program().li(x_base, reg::base)) {
    program.add(Op::lw, {.rd = x_value, .rs1 = x_base, .imm = reg::matches});
    program.add(Op::beq, {.rs1 = x_value, .rs2 = 0, .imm = -4});
    program.add(Op::lw, {.rd = 8, .rs1 = x_base, .imm = reg::count});
    return program.addi(10, 0, 0).ecall();
}

std::vector<std::byte> saved(const Chip& chip) {
    ArchiveWriter archive;
    chip.save(archive);
    return archive.take();
}

void expect_same_end(const Chip& a, const Chip& b, std::uint32_t core) {
    EXPECT_EQ(a.now(), b.now());
    EXPECT_EQ(a.core(core).hart.cycles, b.core(core).hart.cycles);
    EXPECT_EQ(a.core(core).hart.retired, b.core(core).hart.retired);
    EXPECT_EQ(a.core(core).hart.x[8], b.core(core).hart.x[8]);
}

TEST(RegisterDevice, IsLoadedAndStoredTo) {
    ToyChip toy;
    toy.launch(0, poll(arm(500)));
    toy.finish();
    EXPECT_GE(toy.chip.core(0).hart.x[8], 500u);
    EXPECT_LT(toy.chip.core(0).hart.x[8], 540u);
}

TEST(RegisterDevice, FaultsWhereItHasNoRegister) {
    ToyChip toy;
    toy.launch(0, Program()
                      .li(x_base, reg::base)
                      .add(Op::lw, {.rd = x_value, .rs1 = x_base, .imm = reg::compare}));
    EXPECT_EQ(toy.chip.run(~0ull, {}), Chip::Outcome::faulted);
    toy.chip.abort();
    toy.launch(0, Program()
                      .li(x_base, reg::base)
                      .add(Op::sw, {.rs1 = x_base, .rs2 = 0, .imm = reg::matches}));
    EXPECT_EQ(toy.chip.run(~0ull, {}), Chip::Outcome::faulted);
}

// Whenever the match comes, a parked core wakes in the cycle in which a spinning one would see it.
TEST(RegisterDevice, WakesAPollingCoreInTheCycleInWhichItWouldHaveSeenTheChange) {
    for (std::uint32_t cycle = 400; cycle < 440; ++cycle) {
        ToyChip parking(true), spinning(false);
        for (ToyChip* toy : {&parking, &spinning}) {
            toy->launch(0, poll(arm(cycle)));
            toy->launch(1, poll());  // a neighbour waits for the same word
            toy->finish();
        }
        for (const std::uint32_t core : {0u, 1u}) {
            expect_same_end(parking.chip, spinning.chip, core);
        }
        EXPECT_LT(parking.chip.core(0).polling.visits, 8u);
    }
}

TEST(RegisterDevice, ReservationsOnItWake) {
    ToyChip toy;
    Program program = arm(700);
    program.add(Op::addi, {.rd = x_base, .rs1 = x_base, .imm = reg::matches});
    program.add(Op::lr_w, {.rd = x_value, .rs1 = x_base});
    program.add(Op::wrs_nto);
    toy.launch(0, program.addi(10, 0, 0).ecall());
    toy.finish();
    EXPECT_GE(toy.chip.core(0).hart.cycles, 701u);
    EXPECT_LT(toy.chip.core(0).hart.cycles, 720u);
    EXPECT_GT(toy.chip.core(0).total_waiting_cycles, 500u);
}

TEST(RegisterDevice, IsInSnapshots) {
    ToyChip whole;
    whole.launch(0, poll(arm(2000)));
    whole.launch(1, poll());
    whole.finish();
    for (const std::uint64_t stop : {1ull, 20ull, 1000ull, 1999ull}) {
        ToyChip first, second;
        first.launch(0, poll(arm(2000)));
        first.launch(1, poll());
        ASSERT_EQ(first.chip.run(stop, {}), Chip::Outcome::reached);
        const auto image = saved(first.chip);
        ArchiveReader archive(image);
        second.chip.load(archive, [](auto, const auto&) {});
        EXPECT_EQ(saved(second.chip), image);
        second.finish();
        expect_same_end(whole.chip, second.chip, 0);
        expect_same_end(whole.chip, second.chip, 1);
    }
}

TEST(RegisterDevice, SnapshotsWithItAreRefusedWhereItIsMissing) {
    ToyChip toy;
    toy.launch(0, poll(arm(2000)));
    ASSERT_EQ(toy.chip.run(100, {}), Chip::Outcome::reached);
    const auto image = saved(toy.chip);
    Chip without(ToyChip::plain());
    const auto before = saved(without);
    ArchiveReader archive(image);
    EXPECT_THROW(without.load(archive, [](auto, const auto&) {}), SnapshotError);
    EXPECT_EQ(saved(without), before);
}

TEST(RegisterDevice, IsCounted) {
    ToyChip toy;
    toy.launch(0, poll(arm(500)));
    toy.finish();
    std::map<std::string, std::uint64_t> counters;
    toy.chip.count(
        [&](std::string name, std::string_view unit, std::string_view text, std::uint64_t value) {
            EXPECT_FALSE(unit.empty()) << name;
            EXPECT_FALSE(text.empty()) << name;
            EXPECT_TRUE(counters.emplace(name, value).second) << name;
        });
    EXPECT_EQ(counters.at("toy_counter.0.matches"), 1u);
    EXPECT_EQ(counters.at("cycle"), toy.chip.now());
}

TEST(RegisterDevice, IsNamedWhenACoreWaitsForItInVain) {
    ToyChip toy;
    toy.launch(0, poll());  // which nobody arms
    ASSERT_EQ(toy.chip.run(~0ull, {}), Chip::Outcome::deadlocked);
    const std::string message = diagnose::deadlock(toy.chip).what();
    EXPECT_NE(message.find("core (0, 0, 0)"), std::string::npos) << message;
    EXPECT_NE(message.find("waits for the toy counter to match, which it has done 0 times"),
              std::string::npos)
        << message;
}

TEST(RegisterDevice, IsNamedAmongWhatIsUnderWay) {
    ToyChip toy;
    toy.launch(0, poll(arm(5000)));
    ASSERT_EQ(toy.chip.run(1000, {}), Chip::Outcome::reached);
    const std::string busy = diagnose::busy(toy.chip);
    EXPECT_NE(busy.find("toy counter of tile (0, 0), which will match at cycle 5000"),
              std::string::npos)
        << busy;
    toy.chip.abort();
    EXPECT_EQ(diagnose::busy(toy.chip), "");
}

TEST(RegisterDevice, StandsInTheMemoryMap) {
    const MemoryMapRow row{"toy counter", reg::base, reg::size, "words", "words"};
    const auto with = ToyChip().chip.memory_map(0);
    const auto without = Chip(ToyChip::plain()).memory_map(0);
    EXPECT_EQ(std::ranges::count(with, row), 1);
    EXPECT_EQ(std::ranges::count(without, row), 0);
    EXPECT_EQ(with.size(), without.size() + 1);
}

TEST(RegisterDevice, IsRefusedOnAddressesThatAreTaken) {
    DeviceKind kind = test::toy_counter();
    kind.base = abi::core_registers + 4;
    const auto make = [&] { Chip(ToyChip::plain(), {}, std::array{kind}); };
    EXPECT_NE(message_of<ConfigError>(make).find("'toy counter'"), std::string::npos);
}

}  // namespace
}  // namespace tilewright
