// What a program finds in reserved L1, as words.
#include "tilewright/firmware/program_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/conventions.hpp"

namespace tilewright {
namespace {

template <class Refusal = AddressError>
std::string refused(const std::vector<CircularBufferSpec>& buffers,
                    const std::vector<ProgramSemaphore>& semaphores) {
    return message_of<Refusal>([&] { program_memory(buffers, semaphores); });
}

TEST(ProgramMemory, IsTheTableTheCountersAndEachSemaphore) {
    const auto setup = program_memory({{2, 0x20000, 64, 4}}, {{3, 9}});
    ASSERT_EQ(setup.size(), 3u);
    EXPECT_EQ(setup[0].address, abi::circular_buffer_table);
    ASSERT_EQ(setup[0].words.size(), abi::circular_buffer_count * 4);
    EXPECT_EQ((std::vector(setup[0].words.begin() + 8, setup[0].words.begin() + 12)),
              (std::vector<std::uint32_t>{0x20000, 64, 4, 256}));
    EXPECT_EQ(std::ranges::count(setup[0].words, 0u), abi::circular_buffer_count * 4 - 4);
    EXPECT_EQ(setup[1].address, abi::circular_buffer_counters);
    EXPECT_EQ(setup[1].words, std::vector<std::uint32_t>(2 * abi::circular_buffer_count));
    EXPECT_EQ(setup[2].address, abi::program_semaphore_base + 3 * abi::program_semaphore_stride);
    EXPECT_EQ(setup[2].words, std::vector<std::uint32_t>{9});
}

TEST(ProgramMemory, WhatCannotBeIsRefusedByName) {
    EXPECT_EQ(refused({{32, 0x20000, 64, 4}}, {}),
              "no circular buffer 32; they are numbered from 0 to 31");
    EXPECT_EQ(refused<ArgumentError>({{1, 0x20000, 64, 4}, {1, 0x20000, 64, 4}}, {}),
              "circular buffer 1 is given twice");
    EXPECT_EQ(refused({{1, 0x1FFF0, 64, 4}}, {}),
              "circular buffer 1 at 131056 in reserved L1; expected 131072 or above");
    EXPECT_EQ(refused<ArgumentError>({{1, 0x20000, 64, 0}}, {}).substr(0, 39),
              "circular buffer 1 of 0 pages of 64 byte");
    EXPECT_EQ(refused({}, {{32, 0}}), "no semaphore 32; they are numbered from 0 to 31");
}

// The areas of reserved L1 lie apart, below what is the user's, and as far as they are for
// synchronising, where the chip lets words be changed.
TEST(ReservedL1, ItsAreasDoNotOverlap) {
    constexpr Conventions c = firmware::conventions;
    struct Area {
        std::uint32_t begin, end;
        bool synchronising;
    };
    const Area areas[] = {
        {abi::arguments_base, abi::arguments_base + abi::max_processors * abi::arguments_stride,
         false},
        {abi::semaphore_base, abi::semaphore_base + 4 * abi::semaphore_count, true},
        {abi::circular_buffer_counters,
         abi::circular_buffer_counters +
             abi::circular_buffer_count * abi::circular_buffer_counters_stride,
         true},
        {abi::program_semaphore_base,
         abi::program_semaphore_base + abi::program_semaphore_count * abi::program_semaphore_stride,
         true},
        {abi::mailbox_base, abi::mailbox_base + abi::max_processors * abi::mailbox_stride, true},
        {abi::circular_buffer_table,
         abi::circular_buffer_table +
             abi::circular_buffer_count * static_cast<std::uint32_t>(sizeof(abi::CircularBuffer)),
         false},
        {abi::l1_user_base, ~0u, false},
    };
    std::uint32_t end = 0;
    for (const Area& area : areas) {
        EXPECT_GE(area.begin, end);
        EXPECT_EQ(c.is_synchronising_word(area.begin), area.synchronising);
        EXPECT_EQ(c.is_synchronising_word(area.end - 4), area.synchronising);
        EXPECT_FALSE(c.is_synchronising_word(area.begin + 2));
        end = area.end;
    }
    EXPECT_TRUE(c.is_declared_word(abi::program_semaphore_base));
    EXPECT_FALSE(c.is_declared_word(abi::program_semaphore_base - 4));
    EXPECT_FALSE(c.is_declared_word(abi::mailbox_base));
    EXPECT_FALSE(Conventions{}.is_declared_word(0));
    EXPECT_FALSE(Conventions{}.is_synchronising_word(0));
}

}  // namespace
}  // namespace tilewright
