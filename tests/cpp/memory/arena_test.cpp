// The arena: zero until written, cheap until touched, zero again when cleared.
#include "tilewright/memory/arena.hpp"

#include <gtest/gtest.h>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

TEST(Arena, IsZeroAndRemembersWhatWasTouched) {
    Arena arena(std::uint64_t{1} << 36);
    EXPECT_EQ(arena.next_touched(0), arena.chunk_count());
    arena.touch(5 * Arena::chunk_bytes - 1, 2);  // across a border
    arena.touch(900'000 * Arena::chunk_bytes, 1);
    arena.touch(77, 0);
    EXPECT_EQ(arena.next_touched(0), 4u);
    EXPECT_EQ(arena.next_touched(5), 5u);
    EXPECT_EQ(arena.next_touched(6), 900'000u);
    EXPECT_EQ(arena.next_touched(900'001), arena.chunk_count());
}

TEST(Arena, ClearMakesItZero) {
    Arena arena(1 << 20);
    arena.touch(70'000, 1);
    arena.data()[70'000] = std::byte{42};
    arena.clear();
    EXPECT_EQ(arena.data()[70'000], std::byte{0});
    EXPECT_EQ(arena.next_touched(0), arena.chunk_count());
}

TEST(Arena, RefusesWhatTheHostCannotGive) {
    EXPECT_THROW(Arena(std::uint64_t{1} << 60), Error);
}

}  // namespace
}  // namespace tilewright
