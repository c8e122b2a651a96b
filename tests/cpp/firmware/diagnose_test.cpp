// Reports about a chip that no device stands on: what it tells as data, and the words for it.
#include "tilewright/firmware/diagnose.hpp"

#include <gtest/gtest.h>

#include "firmware/chip_of_kernels.hpp"
#include "message_of.hpp"

namespace tilewright {
namespace {

using riscv::Op;
using riscv::test::Program;
using Outcome = Chip::Outcome;

constexpr CoreId here{{0, 0}, 0};
constexpr CoreId beside{{0, 0}, 1};
constexpr CoreId there{{1, 1}, 0};

// Reserves a word and waits for it; the wait stands at image_base + 12.
Program wait_for(std::uint32_t address) {
    return Program().li(5, address).add(Op::lr_w, {.rd = 6, .rs1 = 5}).add(Op::wrs_nto).ecall();
}

Program store_to(std::uint32_t address) {
    return Program().li(5, address).add(Op::sw, {.rs1 = 5, .rs2 = 0}).ecall();
}

std::shared_ptr<const Image> setter(abi::Signal signal, std::uint32_t object) {
    std::string bytes;
    for (const std::uint32_t v : {static_cast<std::uint32_t>(signal), object, abi::image_base}) {
        for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(v >> 8 * i));
    }
    return assembled_image(Program().ecall(), "setter", {{".tilewright.signals", bytes}});
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Diagnose, ADeadlockNamesTheSemaphoreAndWhoSetsIt) {
    ChipOfKernels c;
    c.launch(here, wait_for(0x10014), "waiter");
    EXPECT_EQ(c.run(), Outcome::deadlocked);
    const std::string alone = diagnose::deadlock(c.chip).what();
    expect_in(alone,
              ": 1 core waits and nothing is left that could wake it\n  core (0, 0, 0) at "
              "pc 0xff40000c of 'waiter' waits for semaphore 5 (0x10014) to change from 0; "
              "nothing has written it since it began to wait; no other kernel has a call "
              "that sets a semaphore like it; waiting since cycle ");
    // Looking changes nothing; time cannot go on.
    EXPECT_EQ(c.run(), Outcome::deadlocked);
    EXPECT_EQ(diagnose::deadlock(c.chip).what(), alone);
    c.chip.abort();
    EXPECT_EQ(c.run(), Outcome::ended);

    c.launch(here, wait_for(0x10014), "waiter");
    c.launch(there, setter(abi::Signal::sets_word, 0x10014));
    EXPECT_EQ(c.run(), Outcome::deadlocked);
    expect_in(diagnose::deadlock(c.chip).what(),
              "; set by core (1, 1, 0) at pc 0xff400000 of 'setter', whose kernel has ended; ");
}

TEST(Diagnose, ACircularBufferIsNamedByItsNumber) {
    ChipOfKernels c;
    c.launch(here, wait_for(abi::circular_buffer_counters + 2 * 8 + 4), "waiter");
    c.launch(beside, setter(abi::Signal::pops_pages, abi::any_object));
    EXPECT_EQ(c.run(), Outcome::deadlocked);
    expect_in(diagnose::waiting(c.chip),
              "waits for circular buffer 2: for pages that another core pops (0 so far); popped by "
              "core (0, 0, 1) at pc 0xff400000 of 'setter' (if that is the one it means), whose "
              "kernel has ended; nothing has written it");
}

TEST(Diagnose, AWordThatIsADoorbellWaitsForTheHost) {
    ChipOfKernels c;
    c.chip.make_doorbell(0x10018);
    c.chip.make_doorbell(0x10014);
    c.launch(here, wait_for(0x10014), "waiter");
    EXPECT_EQ(c.run(), Outcome::idle);
    const std::uint32_t one = 1;
    c.chip.write({MemoryKind::tile_l1, 0, 0x10014}, std::as_bytes(std::span(&one, 1)));
    EXPECT_EQ(c.run(), Outcome::ended);
}

TEST(Diagnose, AWaitForWhatNobodyCanBringEndsTheRunWhileOthersWork) {
    ChipOfKernels c;
    c.launch(there, Program().add(Op::jal, {.imm = 0}), "forever");
    c.launch(here, wait_for(abi::local_base), "waiter");
    EXPECT_EQ(c.run(), Outcome::stuck);
    EXPECT_EQ(c.chip.core_id(c.chip.stuck_core()), here);
    expect_in(message_of<DeadlockError>([&] { diagnose::raise(c.chip, Outcome::stuck); }),
              "whatever the others do\n  core (0, 0, 0) at pc 0xff40000c of 'waiter' waits for a "
              "word of its own local memory, 0xffb00000, which nobody else can write");
    expect_in(diagnose::busy(c.chip), "still running:\n  core (1, 1, 0) at pc 0xff400000");
}

TEST(Diagnose, AFaultStandsUntilItIsAborted) {
    ChipOfKernels c;
    c.launch(here, store_to(0x100), "stray");
    EXPECT_EQ(c.run(), Outcome::faulted);
    EXPECT_EQ(c.run(), Outcome::faulted);
    const CoreFault& fault = c.chip.fault();
    EXPECT_EQ(fault.core, c.chip.core_index(here));
    EXPECT_EQ(fault.pc, abi::image_base + 8);
    EXPECT_EQ(fault.fault->cause, riscv::Cause::store_read_only);
    const KernelFault error = diagnose::fault(c.chip);
    EXPECT_STREQ(error.what(),
                 "core (0, 0, 0) at pc 0xff400008 of 'stray': store to 0x100 in "
                 "reserved L1 (below 0x20000)");
    ASSERT_TRUE(error.site());
    EXPECT_EQ(error.site()->core, here);
    c.chip.abort();
    EXPECT_EQ(c.chip.busy_cores(), 0u);
    EXPECT_EQ(c.run(), Outcome::ended);
    c.launch(here, store_to(abi::image_base), "stray");
    EXPECT_EQ(c.run(), Outcome::faulted);
    expect_in(diagnose::fault(c.chip).what(), "in the kernel's read-only image");
}

// What Blackhole has in its tiles is not there, and none of ours stands in its place.
TEST(Diagnose, TheHardwaresOwnWindowsAreFree) {
    // But for those of the compute engine, which are where the hardware has them.
    for (const std::uint32_t address : {0xFFB11000u, 0xFFB12000u, 0xFFB40000u, 0xFFEFFFFCu}) {
        ChipOfKernels c;
        c.launch(here, store_to(address), "stray");
        EXPECT_EQ(c.run(), Outcome::faulted);
        EXPECT_EQ(c.chip.fault().fault->cause, riscv::Cause::store_unmapped) << address;
    }
}

TEST(Diagnose, ASemaphoreThatNobodyCreatedIsNamed) {
    ChipOfKernels c;
    c.chip.set_checks({.unwritten_reads = true});
    c.launch(here, Program().li(5, 0x11110).add(Op::lw, {.rd = 6, .rs1 = 5}).ecall(), "early");
    EXPECT_EQ(c.run(), Outcome::faulted);
    expect_in(diagnose::fault(c.chip).what(),
              ": semaphore 1, which the program has not created on tile (0, 0)");
}

TEST(Conventions, AChipThatKnowsNoneReservesNothing) {
    ChipOfKernels c{Conventions{}};
    c.launch(here, store_to(0x100), "free");
    EXPECT_EQ(c.run(), Outcome::ended);
    EXPECT_EQ(message_of<ArgumentError>([&] {
                  const std::uint32_t word = 0;
                  c.chip.launch(0, assembled_image(Program().ecall(), "k"), {&word, 1});
              }),
              "kernel 'k' got 1 words of arguments; a launch has room for 0");
}

}  // namespace
}  // namespace tilewright
