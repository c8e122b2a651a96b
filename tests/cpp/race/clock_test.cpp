// Clocks against plain maps.
#include "tilewright/race/clock.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace tilewright::race {
namespace {

using Map = std::map<Agent, std::uint64_t>;

Map map_of(const Clock& clock) {
    Map map;
    for (const Clock::Entry& entry : clock.entries()) map.emplace(entry.agent, entry.number);
    return map;
}

TEST(Clock, IsAMapOfWhichCopiesAreIndependent) {
    std::mt19937 random(1);
    std::vector<Clock> clocks(6);
    std::vector<Map> maps(6);
    for (int step = 0; step < 20000; ++step) {
        const auto a = random() % clocks.size();
        const auto b = random() % clocks.size();
        const Agent agent = random() % 12;
        const std::uint64_t number = random() % 50 + 1;
        switch (random() % 5) {
            case 0:
                clocks[a] = clocks[b];
                maps[a] = maps[b];
                break;
            case 1:
                clocks[a].raise(agent, number);
                maps[a][agent] = std::max(maps[a][agent], number);
                break;
            case 2:
                clocks[a].join(clocks[b]);
                for (const auto& [who, n] : maps[b]) maps[a][who] = std::max(maps[a][who], n);
                break;
            case 3:
                clocks[a].drop_if([&](const Clock::Entry& entry) { return entry.agent == agent; });
                maps[a].erase(agent);
                break;
            default:
                if (random() % 8 == 0) {
                    clocks[a] = Clock();
                    maps[a].clear();
                }
        }
        ASSERT_EQ(map_of(clocks[a]), maps[a]);
        ASSERT_EQ(clocks[a].of(agent), maps[a].contains(agent) ? maps[a].at(agent) : 0);
        ASSERT_EQ(clocks[a] == clocks[b], maps[a] == maps[b]);
    }
}

}  // namespace
}  // namespace tilewright::race
