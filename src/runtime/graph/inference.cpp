// Dependencies from what tasks touch.
#include <algorithm>

#include "runtime/graph/access_map.hpp"
#include "tilewright/runtime/graph/graph.hpp"

namespace tilewright {

std::vector<Edge> inferred_edges(const Graph& graph) {
    detail::AccessMap map;
    std::vector<Edge> edges;
    std::size_t first_of_task = 0;  // in `edges`
    const auto sort_last_task = [&] {
        const auto begin = edges.begin() + static_cast<std::ptrdiff_t>(first_of_task);
        std::sort(begin, edges.end(), [](Edge a, Edge b) { return a.from < b.from; });
        edges.erase(std::unique(begin, edges.end()), edges.end());
        first_of_task = edges.size();
    };
    detail::for_each_access(graph, {}, [&](const Access& access) {
        if (first_of_task != edges.size() && edges.back().to != access.task) sort_last_task();
        map.add(access, [&](TaskId earlier, AddressRange, bool) {
            edges.push_back({earlier, access.task});
        });
    });
    sort_last_task();
    return edges;
}

}  // namespace tilewright
