// The object tree against a model of lists, under random moves; attributes; properties.
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>

#include "player.hpp"
#include "tiny_story.hpp"
#include "zmachine/properties.hpp"

namespace tilewright::zmachine::test {
namespace {

constexpr unsigned version = 3;
using Layout = ObjectLayout<version>;

std::unique_ptr<Machine> tiny() {
    return open(tiny_story({op_quit}));
}

TEST(Objects, TreeEqualsAModelUnderRandomMoves) {
    constexpr std::uint32_t count = 24;
    const auto m = tiny();
    std::map<std::uint32_t, std::list<std::uint32_t>> children;
    std::map<std::uint32_t, std::uint32_t> parent;
    std::mt19937 draw(5);
    const auto is_inside = [&](std::uint32_t object, std::uint32_t of) {
        for (; object != 0; object = parent[object]) {
            if (object == of) return true;
        }
        return false;
    };
    for (int i = 0; i < 3000; ++i) {
        const std::uint32_t object = 1 + draw() % count;
        const std::uint32_t into = draw() % (count + 1);
        if (into != 0 && is_inside(into, object)) continue;
        children[parent[object]].remove(object);
        parent[object] = into;
        if (into == 0) {
            remove_object<version>(*m, object);
        } else {
            children[into].push_front(object);
            insert_object<version>(*m, object, into);
        }
        ASSERT_EQ(m->control.error, Error::none);
        for (std::uint32_t o = 1; o <= count; ++o) {
            ASSERT_EQ(link<version>(*m, o, Layout::parent), parent[o]);
            std::list<std::uint32_t> found;
            for (std::uint32_t c = link<version>(*m, o, Layout::child); c != 0;
                 c = link<version>(*m, c, Layout::sibling)) {
                found.push_back(c);
                ASSERT_LE(found.size(), count);
            }
            ASSERT_EQ(found, children[o]);
        }
    }
}

TEST(Objects, SiblingsInACircleAreAnError) {
    const auto m = tiny();
    for (const std::uint32_t object : {2u, 3u, 4u}) insert_object<version>(*m, object, 1);
    set_link<version>(*m, 3, Layout::sibling, 4);  // 4, 3, 4, 3, ...
    remove_object<version>(*m, 2);
    EXPECT_EQ(m->control.error, Error::object_tree_damaged);
}

TEST(Objects, AttributesAreBitsFromTheTop) {
    const auto m = tiny();
    for (std::uint32_t attribute = 0; attribute < 32; ++attribute) {
        set_attribute<version>(*m, 7, attribute, true);
        const std::uint32_t address = tiny_objects + 62 + 9 * 6;
        EXPECT_EQ(load_word(*m, address) << 16 | load_word(*m, address + 2),
                  0x80000000u >> attribute);
        EXPECT_TRUE(test_attribute<version>(*m, 7, attribute));
        set_attribute<version>(*m, 7, attribute, false);
        EXPECT_FALSE(test_attribute<version>(*m, 7, attribute));
    }
    set_attribute<version>(*m, 7, 32, true);
    EXPECT_EQ(m->control.error, Error::illegal_attribute);
}

TEST(Properties, AreFoundDefaultedAndWritten) {
    auto story = tiny_story({op_quit});
    // Name of 1 word; property 18 of 4 bytes, 9 of 2, 4 of 1; the default of 11 is 1234.
    const std::vector<std::uint8_t> list = {1, 0x94, 0xA5, 0x60 | 18, 1,    2, 3,
                                            4, 0x29, 0xAB, 0xCD,      0x04, 9, 0};
    std::copy(list.begin(), list.end(), story.begin() + tiny_properties);
    set_word(story, tiny_objects + 2 * 10, 1234);
    const auto m = open(story);
    EXPECT_EQ(get_property<version>(*m, 1, 9), 0xABCD);
    EXPECT_EQ(get_property<version>(*m, 1, 4), 9);
    EXPECT_EQ(get_property<version>(*m, 1, 11), 1234);
    EXPECT_EQ(get_property_address<version>(*m, 1, 18), tiny_properties + 4);
    EXPECT_EQ(get_property_address<version>(*m, 1, 17), 0);
    EXPECT_EQ(get_property_length<version>(*m, tiny_properties + 4), 4);
    EXPECT_EQ(get_property_length<version>(*m, 0), 0);
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t n = 0; numbers.size() < 10;) {
        n = get_next_property<version>(*m, 1, n);
        if (n == 0) break;
        numbers.push_back(n);
    }
    EXPECT_EQ(numbers, (std::vector<std::uint32_t>{18, 9, 4}));
    put_property<version>(*m, 1, 9, 0x1122);
    put_property<version>(*m, 1, 4, 0x3344);
    EXPECT_EQ(get_property<version>(*m, 1, 9), 0x1122);
    EXPECT_EQ(get_property<version>(*m, 1, 4), 0x44);
    EXPECT_EQ(m->control.error, Error::none);
    put_property<version>(*m, 1, 5, 1);
    EXPECT_EQ(m->control.error, Error::no_such_property);
}

}  // namespace
}  // namespace tilewright::zmachine::test
