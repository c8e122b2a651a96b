// One line for cores of which the same is to be said.
#include "tilewright/firmware/core_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tilewright {
namespace {

CoreId core(std::uint16_t x, std::uint16_t y, std::uint16_t processor = 1) {
    return {{x, y}, processor};
}

TEST(CoreGroups, NamesARectangleByItsCornersAndOthersOneByOne) {
    std::vector<CoreId> cores = {core(1, 2)};
    EXPECT_EQ(diagnose::cores(cores), "core (1, 2, 1)");
    cores = {core(2, 3), core(1, 2), core(2, 2), core(1, 3), core(3, 2), core(3, 3)};
    EXPECT_EQ(diagnose::cores(cores), "6 cores, (1, 2, 1) to (3, 3, 1)");
    cores[5] = core(3, 3, 0);
    EXPECT_EQ(diagnose::cores(cores),
              "6 cores, (2, 3, 1), (1, 2, 1), (2, 2, 1), (1, 3, 1) and others");
    cores.pop_back();
    cores.pop_back();
    cores.pop_back();
    EXPECT_EQ(diagnose::cores(cores), "3 cores, (2, 3, 1), (1, 2, 1), (2, 2, 1)");
}

TEST(CoreGroups, PutTogetherWhatIsAlikeAndCountWhatIsTooMuch) {
    diagnose::CoreGroups groups;
    groups.add(core(0, 0), "waits", 30);
    groups.add(core(1, 0), "polls", 20);
    groups.add(core(0, 1), "waits", 10);
    ASSERT_EQ(groups.groups().size(), 2u);
    EXPECT_EQ(groups.groups()[0].cores, (std::vector{core(0, 0), core(0, 1)}));
    EXPECT_EQ(groups.groups()[0].first, 10u);
    EXPECT_EQ(groups.groups()[0].last, 30u);
    const auto text = [](const diagnose::CoreGroups::Group& group) { return group.text; };
    EXPECT_EQ(groups.lines(100, text), "\n  waits\n  polls");
    EXPECT_EQ(groups.lines(1, text), "\n  waits\n  and 1 more");
}

TEST(CoreGroups, OfLongTextsTheEndIsPrinted) {
    diagnose::CoreGroups texts;
    EXPECT_EQ(diagnose::printed(texts), "");
    texts.add(core(0, 0), "one\ntwo\n", 0);
    texts.add(core(1, 0), "one\ntwo\n", 0);
    EXPECT_EQ(diagnose::printed(texts),
              "\nprinted:\n  2 cores, (0, 0, 1) to (1, 0, 1): one\n    two");
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "line " + std::to_string(i) + "\n";
    diagnose::CoreGroups much;
    much.add(core(0, 0), lines, 0);
    const std::string end = diagnose::printed(much);
    EXPECT_LT(end.size(), 2000u);
    EXPECT_TRUE(end.ends_with("\n    line 998\n    line 999")) << end;
    EXPECT_NE(end.find(": ...\n    line "), std::string::npos) << end;
    // A line longer than all that is shown, and one that ends where that begins.
    std::string line(999, 'x');
    line.push_back('\n');
    for (const std::string& text : {std::string(5000, 'x'), line}) {
        diagnose::CoreGroups one;
        one.add(core(0, 0), text, 0);
        const std::string shown = diagnose::printed(one);
        EXPECT_GE(std::ranges::count(shown, 'x'), 999) << shown;
    }
}

}  // namespace
}  // namespace tilewright
