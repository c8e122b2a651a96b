// Archives: what goes in comes out; bytes that end too soon are refused. Checksums of parts.
#include "tilewright/base/archive.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tilewright/base/checksum.hpp"

namespace tilewright {
namespace {

enum class Colour : std::uint8_t { red, green, blue };
constexpr Colour last_of(Colour) {
    return Colour::blue;
}

struct Inner {
    std::uint16_t a = 0;
    bool flag = false;
    Colour colour = Colour::red;
    bool operator==(const Inner&) const = default;
};
template <class Archive>
void fields(Archive& archive, Inner& v) {
    archive(v.a, v.flag, v.colour);
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
            .inners = {{7, true, Colour::blue}, {8, false, Colour::green}},
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

TEST(Archive, OnlyValuesOfAnEnumAreTaken) {
    for (int value = 0; value < 256; ++value) {
        const std::byte byte{static_cast<unsigned char>(value)};
        ArchiveReader reader(std::span(&byte, 1));
        Colour colour{};
        if (value < 3) {
            reader(colour);
            EXPECT_EQ(static_cast<int>(colour), value);
        } else {
            EXPECT_THROW(reader(colour), SnapshotError) << value;
        }
    }
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

TEST(Archive, BytesReferredToStandWhereTheyWereWrittenAndAreReadLate) {
    std::array<std::byte, 3> first{};
    const std::array second = {std::byte{4}, std::byte{5}};
    ArchiveWriter writer;
    writer.refer(first);
    writer.refer(second);
    writer(std::uint8_t{6});
    writer.refer({});
    writer.raw(std::array{std::byte{7}});
    writer.refer(second);
    first = {std::byte{1}, std::byte{2}, std::byte{3}};

    const std::vector<std::byte> expected = {std::byte{1}, std::byte{2}, std::byte{3},
                                             std::byte{4}, std::byte{5}, std::byte{6},
                                             std::byte{7}, std::byte{4}, std::byte{5}};
    EXPECT_EQ(writer.size(), expected.size());
    std::vector<std::byte> pieces;
    writer.each_piece([&](std::span<const std::byte> piece) {
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    });
    EXPECT_EQ(pieces, expected);
    EXPECT_EQ(writer.take(), expected);
}

TEST(Checksum, OfPartsIsThatOfTheWhole) {
    std::vector<std::byte> bytes(5000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 >> 3);
    for (const std::size_t step : {1, 100, 1024, 4096, 5000}) {
        Checksum sum;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            sum.add(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)));
        }
        EXPECT_EQ(sum.value(), checksum(bytes)) << step;
    }
    EXPECT_EQ(Checksum().value(), checksum({}));
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
