// DRAM bank timing against closed forms.
#include "tilewright/memory/dram_bank.hpp"

#include <gtest/gtest.h>

namespace tilewright {
namespace {

constexpr DramTiming timing{.rate = {32, 1},
                            .row_bytes = 1024,
                            .open_rows = 4,
                            .row_hit_cycles = 20,
                            .row_miss_cycles = 50};

TEST(DramBank, AnIdleBankCostsLatencyAndBurst) {
    DramBank bank;
    EXPECT_EQ(dram_access(bank, timing, 100, 0, 64, false), 100u + 50 + 2);    // closed row
    EXPECT_EQ(dram_access(bank, timing, 200, 64, 100, false), 200u + 20 + 4);  // now open
    EXPECT_EQ(bank.row_misses, 1u);
    EXPECT_EQ(bank.row_hits, 1u);
    EXPECT_EQ(bank.bytes_read, 164u);
}

TEST(DramBank, TheBusIsHeldForTheBurstOnly) {
    DramBank bank;
    dram_access(bank, timing, 0, 0, 32, true);
    dram_access(bank, timing, 100, 0, 320, true);  // holds the bus for 10 cycles
    EXPECT_EQ(dram_access(bank, timing, 103, 320, 32, false), 110u + 20 + 1);
    EXPECT_EQ(bank.queued_cycles, 7u);
    EXPECT_EQ(bank.busy_cycles, 12u);
}

TEST(DramBank, AnOpenRowIsNotServedBeforeAClosedOneAheadOfIt) {
    DramBank bank;
    EXPECT_EQ(dram_access(bank, timing, 0, 0, 64, true), 50u + 2);
    // Their row is open now, and their bytes follow each other.
    EXPECT_EQ(dram_access(bank, timing, 4, 0, 64, true), 52u + 2);
    EXPECT_EQ(dram_access(bank, timing, 8, 0, 32, false), 54u + 1);
    EXPECT_EQ(dram_access(bank, timing, 40, 0, 32, false), 40u + 20 + 1);  // nothing is ahead
}

TEST(DramBank, AWriteIsAcceptedBeforeItIsWritten) {
    DramTiming accepting = timing;
    accepting.accept_cycles = 7;
    DramBank bank;
    EXPECT_EQ(dram_access(bank, accepting, 0, 0, 320, true), 7u);
    // The next one waits for its turn, and a read for the bytes of both.
    EXPECT_EQ(dram_access(bank, accepting, 2, 320, 320, true), 10u + 7);
    EXPECT_EQ(dram_access(bank, accepting, 3, 0, 32, false), 50u + 10 + 10 + 1);
    // Many are accepted at the rate of the bus.
    std::uint64_t done = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        done = dram_access(bank, accepting, 1000, i * 1024, 1024, true);
    }
    EXPECT_EQ(done, 1000 + 999u * 32 + 7);
}

TEST(DramBank, LaterRowsOfABurstOpenBehindIt) {
    DramBank bank;
    EXPECT_EQ(dram_access(bank, timing, 0, 512, 2048, false), 50u + 64);
    EXPECT_EQ(bank.row_misses, 3u);
}

TEST(DramBank, RowsThatShareASlotCloseEachOther) {
    DramBank bank;
    dram_access(bank, timing, 0, 0, 32, false);
    dram_access(bank, timing, 1000, 4 * 1024, 32, false);  // same slot of 4
    EXPECT_EQ(dram_access(bank, timing, 2000, 0, 32, false), 2000u + 50 + 1);
    EXPECT_EQ(dram_access(bank, timing, 3000, 1024, 32, false), 3000u + 50 + 1);
    EXPECT_EQ(dram_access(bank, timing, 4000, 0, 32, false), 4000u + 20 + 1);
}

TEST(DramBank, SustainedStreamsRunAtTheConfiguredRate) {
    DramBank bank;
    std::uint64_t done = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        done = dram_access(bank, timing, 0, i * 1024, 1024, false);
    }
    EXPECT_EQ(done, 1000u * 32 + 50);
}

}  // namespace
}  // namespace tilewright
