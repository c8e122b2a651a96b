#include "tilewright/base/text.hpp"

#include <gtest/gtest.h>

namespace tilewright {
namespace {

TEST(Text, NumbersAreHexadecimalWithAtLeastSoManyDigits) {
    EXPECT_EQ(hex(0), "0x0");
    EXPECT_EQ(hex(0x1F, 8), "0x0000001f");
    EXPECT_EQ(hex(~0ull), "0xffffffffffffffff");
}

TEST(Text, OneIsSingular) {
    EXPECT_EQ(counted(0, "core"), "0 cores");
    EXPECT_EQ(counted(1, "core"), "1 core");
    EXPECT_EQ(counted(2, "core"), "2 cores");
}

TEST(Text, ListsAndNames) {
    std::string list;
    add_item(list, describe(TileId{3, 4}));
    EXPECT_EQ(list, "(3, 4)");
    add_item(list, describe(CoreId{{3, 4}, 1}));
    EXPECT_EQ(list, "(3, 4), (3, 4, 1)");
}

}  // namespace
}  // namespace tilewright
