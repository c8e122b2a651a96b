// The arena: zero until written, cheap until touched, zero again when cleared.
#include "tilewright/memory/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

std::vector<std::uint64_t> offsets(const Arena& arena) {
    std::vector<std::uint64_t> all;
    for (const Arena::Page& page : arena.pages()) all.push_back(page.offset);
    return all;
}

void put(Arena& arena, std::uint64_t at, int value) {
    arena.touch(at, 1);
    arena.data()[at] = static_cast<std::byte>(value);
}

TEST(Arena, FindsThePagesThatAreNotZero) {
    Arena arena(std::uint64_t{1} << 36);
    EXPECT_EQ(offsets(arena), std::vector<std::uint64_t>{});
    put(arena, 900'000 * Arena::chunk_bytes + 4095, 1);
    put(arena, 5 * Arena::chunk_bytes - 1, 2);
    put(arena, 7 * Arena::chunk_bytes, 0);  // touched, but still zero
    arena.touch(77, 0);
    EXPECT_EQ(offsets(arena), (std::vector<std::uint64_t>{5 * Arena::chunk_bytes - 4096,
                                                          900'000 * Arena::chunk_bytes}));
}

TEST(Arena, ReplaceMakesPagesTheContentsAndAllElseZero) {
    Arena from(std::uint64_t{1} << 24);
    for (std::uint64_t at : {0u, 4096u, 70'000u, 1'000'000u, 16'000'000u}) put(from, at, 42);
    Arena to(std::uint64_t{1} << 24);
    for (std::uint64_t at : {1u, 9000u, 70'001u, 75'000u, 500'000u, 2'000'000u}) put(to, at, 7);
    to.replace(from.pages());
    EXPECT_TRUE(std::equal(to.data(), to.data() + to.size(), from.data()));
    EXPECT_EQ(offsets(to), offsets(from));
    to.replace({});
    EXPECT_EQ(offsets(to), std::vector<std::uint64_t>{});
    EXPECT_EQ(to.data()[70'000], std::byte{0});
}

TEST(Arena, RefusesWhatTheHostCannotGive) {
    EXPECT_THROW(Arena(std::uint64_t{1} << 60), OutOfMemoryError);
}

}  // namespace
}  // namespace tilewright
