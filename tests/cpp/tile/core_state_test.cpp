// What a core remembers goes into snapshots and comes out again.
#include <gtest/gtest.h>

#include "tilewright/base/archive.hpp"
#include "tilewright/tile/core.hpp"

namespace tilewright {
namespace {

TEST(CoreState, BranchesAndLongLoopsAreInSnapshots) {
    Core core;
    core.hart.looped = 1'000'000'007;
    for (const std::uint32_t pc : {0u, 4u, 0x104u, 0x1F0u}) {
        const std::uint32_t place = riscv::BranchHistory::place(pc);
        EXPECT_FALSE(core.hart.branches.note(place, true));
        EXPECT_TRUE(core.hart.branches.note(place, true));
    }
    core.hart.branches.note(riscv::BranchHistory::place(4), false);
    ArchiveWriter writer;
    writer(core);
    const std::vector<std::byte> bytes = writer.take();

    Core other;
    other.hart.branches.note(riscv::BranchHistory::place(8), true);
    EXPECT_NE(other.hart, core.hart);
    ArchiveReader reader(bytes);
    reader(other);
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(other.hart, core.hart);
}

TEST(CoreState, WhatGoesBackwardIsAlwaysPredictedToBeTaken) {
    riscv::BranchHistory branches;
    const riscv::BranchHistory fresh = branches;
    EXPECT_TRUE(branches.note(riscv::BranchHistory::backward, true));
    EXPECT_FALSE(branches.note(riscv::BranchHistory::backward, false));
    EXPECT_TRUE(branches.note(riscv::BranchHistory::backward, true));
    EXPECT_EQ(branches, fresh);
}

}  // namespace
}  // namespace tilewright
