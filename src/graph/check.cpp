#include "tilewright/graph/check.hpp"

#include <algorithm>
#include <iterator>

#include "graph/access_map.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/graph/order.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

void check_order(const Graph& graph) {
    constexpr std::size_t shown = 12;
    const std::vector<TaskId> cycle = find_cycle(graph.successors());
    if (cycle.empty()) return;
    std::string text = "graph: a cycle of " + counted(cycle.size(), "task") + ": ";
    for (std::size_t i = 0; i < cycle.size() && i < shown; ++i) {
        text += graph.name(cycle[i]) + " -> ";
    }
    if (cycle.size() > shown) text += "... -> ";
    throw GraphError(text + graph.name(cycle[0]));
}

std::optional<DeclaredRace> find_race(const Graph& graph) {
    if (graph.dependencies() == Dependencies::inferred || graph.accesses().empty()) {
        return std::nullopt;
    }
    check_order(graph);
    // Whatever the map tells in one topological order has to be ordered by the edges; all other
    // pairs that touch the same bytes then are, too.
    const TaskLists& successors = graph.successors();
    const std::vector<TaskId> order = topological_order(successors);
    Reachability paths(successors, order);
    std::optional<DeclaredRace> race;
    detail::for_each_conflict(
        graph.accesses(), graph.size(), order,
        [&](const Access& later, TaskId earlier, const AddressRange& bytes, bool wrote) {
            if (race || paths.reaches(earlier, later.task)) return;
            race = DeclaredRace{earlier, later.task, bytes, wrote, later.write};
        });
    return race;
}

void check_races(const Graph& graph) {
    const std::optional<DeclaredRace> race = find_race(graph);
    if (!race) return;
    const auto verb = [](bool writes) { return writes ? " writes" : " reads"; };
    throw GraphError("graph: " + graph.name(race->first) + verb(race->first_writes) + " and " +
                     graph.name(race->second) + verb(race->second_writes) + " bytes " +
                     hex(race->bytes.begin) + " to " + hex(race->bytes.end) +
                     " with no order between them");
}

namespace {

/// The range that the address lies in, if there is one.
const AddressRange* range_of(std::uint64_t address, std::span<const AddressRange> live) {
    const auto after = std::upper_bound(
        live.begin(), live.end(), address,
        [](std::uint64_t a, const AddressRange& range) { return a < range.begin; });
    if (after == live.begin() || address >= std::prev(after)->end) return nullptr;
    return &*std::prev(after);
}

}  // namespace

void check_builtin_extents(const Graph& graph, std::span<const AddressRange> live) {
    constexpr std::uint32_t add_scalar = 1;
    constexpr std::uint32_t mul = 2;
    constexpr std::size_t count_at = 3;  // (a, b or s, out, n), of n float32
    for (TaskId task = 0; task < graph.size(); ++task) {
        const std::uint32_t function = graph.functions()[task];
        const auto words = graph.arguments(task);
        if (function > mul || words.size() <= count_at) continue;
        const std::uint64_t needed = std::uint64_t{static_cast<std::uint32_t>(words[count_at])} * 4;
        for (std::size_t i = 0; i < count_at; ++i) {
            if (i == 1 && function == add_scalar) continue;
            const AddressRange* range = range_of(words[i], live);
            if (range == nullptr || needed <= range->end - words[i]) continue;
            throw AddressError(graph.name(task) + ", argument " + std::to_string(i) + ": " +
                               std::to_string(needed) + " bytes at " + hex(words[i]) +
                               " do not fit into the " + std::to_string(range->end - words[i]) +
                               " bytes that are allocated there");
        }
    }
}

void check_pointers(const Graph& graph, std::span<const AddressRange> live) {
    const auto words = graph.all_arguments();
    const auto is_live = [&](std::uint64_t address) { return range_of(address, live) != nullptr; };
    for (const ControlEdge& edge : graph.control_edges()) {
        if (edge.when == ControlEdge::When::counted || is_live(edge.word)) continue;
        throw AddressError(graph.name(edge.from) + ": the word at " + hex(edge.word) +
                           " that decides what follows lies in no live allocation");
    }
    for (const std::uint32_t place : graph.pointers()) {
        const std::uint64_t address = words[place];
        if (is_live(address)) continue;
        const auto offsets = graph.argument_offsets();
        const auto task =
            std::upper_bound(offsets.begin(), offsets.end(), place) - offsets.begin() - 1;
        throw AddressError(graph.name(static_cast<TaskId>(task)) + ", argument " +
                           std::to_string(place - offsets[static_cast<std::size_t>(task)]) +
                           ": the pointer " + hex(address) + " leads into no live allocation");
    }
}

std::vector<AddressRange> live_ranges(const Device& device) {
    std::vector<AddressRange> ranges;
    for (const auto& [address, bytes] : device.direct_allocations()) {
        ranges.push_back({value(address), value(address) + bytes});
    }
    return ranges;
}

}  // namespace tilewright
