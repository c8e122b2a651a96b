#include "tilewright/base/lazy_table.hpp"

#include <gtest/gtest.h>

#include "tilewright/base/archive.hpp"

namespace tilewright {
namespace {

struct Item {
    std::uint32_t number = 7;
};
template <class Archive>
void fields(Archive& archive, Item& item) {
    archive(item.number);
}

TEST(LazyTable, ElementsExistFromWhenTheyAreNeeded) {
    LazyTable<Item> table(1000);
    EXPECT_EQ(table.size(), 1000u);
    EXPECT_EQ(std::as_const(table)[999].number, 7u);
    EXPECT_EQ(table.find(999), nullptr);
    table[999].number = 8;
    table[3].number = 9;
    std::vector<std::uint32_t> seen;
    table.for_each([&](std::size_t i, const Item& item) {
        seen.insert(seen.end(), {static_cast<std::uint32_t>(i), item.number});
    });
    EXPECT_EQ(seen, (std::vector<std::uint32_t>{3, 9, 999, 8}));
}

TEST(LazyTable, ArchivesHoldWhatExists) {
    LazyTable<Item> table(1000);
    table[5].number = 1;
    ArchiveWriter writer;
    writer(table);
    const std::vector<std::byte> bytes = writer.take();
    EXPECT_EQ(bytes.size(), 16u);

    LazyTable<Item> copy(1000);
    ArchiveReader reader(bytes);
    reader(copy);
    EXPECT_EQ(std::as_const(copy)[5].number, 1u);
    EXPECT_EQ(copy.find(4), nullptr);

    LazyTable<Item> small(5);
    ArchiveReader again(bytes);
    EXPECT_THROW(again(small), SnapshotError);
}

}  // namespace
}  // namespace tilewright
