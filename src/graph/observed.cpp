#include "tilewright/graph/observed.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

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

/// `execution_of` tells whose the nodes of the graph are.
template <class ExecutionOf>
void add_races(const TaskLists& successors, std::span<const Access> accesses,
               ExecutionOf&& execution_of, std::vector<ObservedRace>& races) {
    const std::vector<TaskId> order = topological_order(successors);
    Reachability paths(successors, order);
    detail::for_each_conflict(
        accesses, order.size(), order,
        [&](const Access& later, TaskId earlier, const AddressRange& bytes, bool wrote) {
            if (paths.reaches(earlier, later.task)) return;
            const std::uint32_t one = execution_of(earlier);
            const std::uint32_t other = execution_of(later.task);
            if (one < other) {
                races.push_back({one, other, bytes, wrote, later.write});
            } else if (other < one) {
                races.push_back({other, one, bytes, later.write, wrote});
            }
        });
}

/// Accesses that any order between the tasks makes safe, and those to a core's own L1, which the
/// order on its core makes safe, too.
struct Accesses {
    std::vector<Access> shared{};
    std::vector<Access> in_l1{};
    bool own_l1 = false;

    void add(std::span<const ObservedAccess> accesses, TaskId node) {
        for (const ObservedAccess& access : accesses) {
            const Access entry{access.bytes, node, access.write};
            if (access.place != Place::own_l1) shared.push_back(entry);
            if (access.place != Place::memory) in_l1.push_back(entry);
            own_l1 |= access.place == Place::own_l1;
        }
    }
};

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
    Accesses touched;
    for (std::uint32_t i = 0; i < accesses.size(); ++i) touched.add(accesses[i], i);
    const auto itself = [](TaskId execution) { return execution; };
    std::vector<ObservedRace> races;
    const Graph& graph = unrolled.graph;
    add_races(graph.successors(), touched.shared, itself, races);
    if (touched.own_l1) {
        const std::vector<Edge> on_workers = order_on_workers(unrolled.times, shares);
        add_races(task_lists(graph.size(), graph.edges(), on_workers), touched.in_l1, itself,
                  races);
    }
    join(races);
    return races;
}

// Each execution has a node where it begins and one where it ends, and each stretch has one between
// them.
std::vector<ObservedRace> find_races(const UnrolledGraph& unrolled,
                                     std::span<const TaskExecution> executions,
                                     std::span<const ObservedStretch> stretches,
                                     std::span<const TaskShare> shares) {
    const auto begin_of = [](std::uint32_t execution) { return 2 * execution; };
    const auto end_of = [](std::uint32_t execution) { return 2 * execution + 1; };
    const auto first = static_cast<TaskId>(2 * executions.size());
    std::unordered_map<TaskId, std::uint32_t> by_task;
    for (std::uint32_t i = 0; i < executions.size(); ++i) by_task.emplace(executions[i].task, i);

    Accesses touched;
    std::vector<Edge> edges;
    for (const Edge& edge : unrolled.graph.edges()) {
        edges.push_back({end_of(edge.from), begin_of(edge.to)});
    }
    for (std::uint32_t i = 0; i < executions.size(); ++i) {
        edges.push_back({begin_of(i), end_of(i)});
    }
    for (std::uint32_t i = 0; i < stretches.size(); ++i) {
        const ObservedStretch& stretch = stretches[i];
        const TaskId node = first + i;
        const auto before =
            stretch.previous ? first + *stretch.previous : begin_of(stretch.execution);
        edges.push_back({before, node});
        edges.push_back({node, end_of(stretch.execution)});
        const auto added = stretch.added ? by_task.find(*stretch.added) : by_task.end();
        if (added != by_task.end()) edges.push_back({node, begin_of(added->second)});
        touched.add(stretch.accesses, node);
    }
    const auto execution_of = [&](TaskId node) {
        return node < first ? node / 2 : stretches[node - first].execution;
    };
    const std::size_t nodes = first + stretches.size();
    std::vector<ObservedRace> races;
    add_races(task_lists(nodes, edges), touched.shared, execution_of, races);
    if (touched.own_l1) {
        for (const Edge& edge : order_on_workers(unrolled.times, shares)) {
            edges.push_back({end_of(edge.from), begin_of(edge.to)});
        }
        add_races(task_lists(nodes, edges), touched.in_l1, execution_of, races);
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
