// The optional checks of what cores load and store.
#include "tilewright/tile/checks.hpp"

#include <gtest/gtest.h>

#include <array>

#include "runtime/assembled_kernel.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

using riscv::Op;
using riscv::test::Program;

Chip::Outcome load_from(Chip& chip, std::uint32_t address) {
    Program program;
    program.li(5, address).add(Op::lw, {.rd = 6, .rs1 = 5}).addi(10, 0, 0).ecall();
    chip.launch(0, assembled_kernel(program, "loads").image(), {});
    Chip::Outcome outcome;
    do outcome = chip.run(~0ull, {});
    while (outcome == Chip::Outcome::core_ended);
    return outcome;
}

// Whether zeros or anything else.
TEST(Checks, WhatWasWrittenBeforeTheyBeginCountsAsWritten) {
    constexpr std::uint32_t place = 0x10000;
    for (const std::byte what : {std::byte{0}, std::byte{1}}) {
        Chip chip(preset("tiny"));
        std::array<std::byte, 64> data{};
        data[3] = what;
        chip.write({MemoryKind::tile_l1, 0, place}, data);
        chip.set_checks({.unwritten_reads = true});
        EXPECT_EQ(load_from(chip, place), Chip::Outcome::ended);
    }
}

TEST(Checks, ReadsOfWhatNothingHasWrittenAreFaults) {
    Chip chip(preset("tiny"));
    chip.set_checks({.unwritten_reads = true});
    EXPECT_EQ(load_from(chip, 0x10000), Chip::Outcome::faulted);
}

}  // namespace
}  // namespace tilewright
