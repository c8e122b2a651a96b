// Archives: what goes in comes out; bytes that end too soon are refused.
#include "tilewright/base/archive.hpp"

#include <gtest/gtest.h>

namespace tilewright {
namespace {

struct Inner {
    std::uint16_t a = 0;
    bool flag = false;
    bool operator==(const Inner&) const = default;
};
template <class Archive>
void fields(Archive& archive, Inner& v) {
    archive(v.a, v.flag);
}

struct Outer {
    std::array<std::uint32_t, 3> numbers{};
    std::vector<Inner> inners;
    std::vector<std::byte> bytes;
    std::string text;
    double real = 0;
    bool operator==(const Outer&) const = default;
};
template <class Archive>
void fields(Archive& archive, Outer& v) {
    archive(v.numbers, v.inners, v.bytes, v.text, v.real);
}

Outer example() {
    return {.numbers = {1, 2, 3},
            .inners = {{7, true}, {8, false}},
            .bytes = {std::byte{1}, std::byte{255}},
            .text = std::string("a\0b", 3),
            .real = -0.5};
}

TEST(Archive, RoundTrip) {
    ArchiveWriter writer;
    writer(example());
    const auto bytes = writer.take();
    ArchiveReader reader(bytes);
    Outer back;
    reader(back);
    EXPECT_EQ(back, example());
    EXPECT_TRUE(reader.at_end());
}

TEST(Archive, EveryTruncationIsRefused) {
    ArchiveWriter writer;
    writer(example());
    const auto bytes = writer.take();
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        ArchiveReader reader(std::span<const std::byte>(bytes).first(n));
        Outer back;
        EXPECT_THROW(reader(back), SnapshotError) << n;
    }
}

TEST(Archive, AHugeCountDoesNotAllocate) {
    ArchiveWriter writer;
    writer(~std::uint64_t{0});
    const auto bytes = writer.take();
    ArchiveReader reader(bytes);
    std::vector<std::uint64_t> values;
    EXPECT_THROW(reader(values), SnapshotError);
}

}  // namespace
}  // namespace tilewright
