#include "tilewright/graph/observed.hpp"

#include <algorithm>
#include <tuple>

#include "graph/access_map.hpp"
#include "graph/range_set.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/order.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using Place = ObservedAccess::Place;

auto key(const ObservedRace& race) {
    return std::tuple(race.first, race.second, race.first_writes, race.second_writes,
                      race.bytes.begin);
}

void add_races(const TaskLists& successors, std::span<const Access> accesses,
               std::vector<ObservedRace>& races) {
    const std::vector<TaskId> order = topological_order(successors);
    Reachability paths(successors, order);
    detail::for_each_conflict(
        accesses, order.size(), order,
        [&](const Access& later, TaskId earlier, const AddressRange& bytes, bool wrote) {
            if (paths.reaches(earlier, later.task)) return;
            if (earlier < later.task) {
                races.push_back({earlier, later.task, bytes, wrote, later.write});
            } else {
                races.push_back({later.task, earlier, bytes, later.write, wrote});
            }
        });
}

/// From each execution to the next one on the same worker.
std::vector<Edge> order_on_workers(std::span<const TaskTimes> times,
                                   std::span<const TaskShare> shares) {
    struct Stay {
        std::uint32_t worker;
        std::uint64_t started;
        std::uint32_t execution;
    };
    std::vector<Stay> stays;
    for (std::uint32_t i = 0; i < times.size(); ++i) {
        stays.push_back({times[i].worker, times[i].started, i});
    }
    for (const TaskShare& share : shares) {
        if (share.rank != 0) stays.push_back({share.worker, share.started, share.task});
    }
    std::ranges::sort(stays, {}, [](const Stay& stay) {
        return std::tuple(stay.worker, stay.started, stay.execution);
    });
    std::vector<Edge> edges;
    for (std::size_t i = 1; i < stays.size(); ++i) {
        if (stays[i].worker != stays[i - 1].worker) continue;
        edges.push_back({stays[i - 1].execution, stays[i].execution});
    }
    return edges;
}

/// Neighbours of the same kind between the same two as one; each once.
void join(std::vector<ObservedRace>& races) {
    std::ranges::sort(races, {}, key);
    std::size_t kept = 0;
    for (const ObservedRace& race : races) {
        if (kept != 0) {
            ObservedRace& last = races[kept - 1];
            const bool same = last.first == race.first && last.second == race.second &&
                              last.first_writes == race.first_writes &&
                              last.second_writes == race.second_writes;
            if (same && race.bytes.begin <= last.bytes.end) {
                last.bytes.end = std::max(last.bytes.end, race.bytes.end);
                continue;
            }
        }
        races[kept++] = race;
    }
    races.resize(kept);
}

}  // namespace

std::vector<ObservedRace> find_races(const UnrolledGraph& unrolled,
                                     const ObservedAccesses& accesses,
                                     std::span<const TaskShare> shares) {
    std::vector<Access> shared;
    std::vector<Access> in_l1;
    bool own_l1 = false;
    for (std::uint32_t i = 0; i < accesses.size(); ++i) {
        for (const ObservedAccess& access : accesses[i]) {
            const Access entry{access.bytes, i, access.write};
            if (access.place != Place::own_l1) shared.push_back(entry);
            if (access.place != Place::memory) in_l1.push_back(entry);
            own_l1 |= access.place == Place::own_l1;
        }
    }
    std::vector<ObservedRace> races;
    const Graph& graph = unrolled.graph;
    add_races(graph.successors(), shared, races);
    if (own_l1) {
        const std::vector<Edge> on_workers = order_on_workers(unrolled.times, shares);
        add_races(task_lists(graph.size(), graph.edges(), on_workers), in_l1, races);
    }
    join(races);
    return races;
}

std::vector<UndeclaredAccess> find_undeclared(const Graph& graph,
                                              std::span<const TaskExecution> executions,
                                              const ObservedAccesses& accesses,
                                              AddressRange direct) {
    // What each task declared, as global addresses: what it may write, and what it may touch.
    std::vector<detail::RangeSet> writable(graph.size());
    std::vector<detail::RangeSet> known(graph.size());
    std::vector<bool> declares(graph.size());
    for (const Access& access : graph.accesses()) {
        const std::uint64_t shift = direct.begin - abi::direct_base;
        const AddressRange range{access.range.begin + shift, access.range.end + shift};
        declares[access.task] = true;
        known[access.task].add(range);
        if (access.write) writable[access.task].add(range);
    }
    std::vector<UndeclaredAccess> result;
    for (std::uint32_t i = 0; i < accesses.size(); ++i) {
        const TaskId task = executions[i].task;
        if (!declares[task]) continue;
        for (const ObservedAccess& access : accesses[i]) {
            const AddressRange inside{std::max(access.bytes.begin, direct.begin),
                                      std::min(access.bytes.end, direct.end)};
            if (inside.begin >= inside.end) continue;
            const auto& declared = (access.write ? writable : known)[task].ranges();
            detail::for_each_outside(inside, declared, [&](const AddressRange& bytes) {
                result.push_back({i, bytes, access.write});
            });
        }
    }
    return result;
}

AddressRange direct_memory(const Device& device) {
    const std::uint64_t begin = device.map().window(MemoryKind::dram).base;
    return {begin, begin + device.config().direct_memory_bytes};
}

}  // namespace tilewright
