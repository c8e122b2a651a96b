// Dependencies from what tasks touch.
#include <algorithm>

#include "graph/access_map.hpp"
#include "tilewright/graph/graph.hpp"

namespace tilewright {

std::vector<Edge> inferred_edges(const Graph& graph) {
    std::vector<Edge> edges;
    std::size_t first_of_task = 0;  // in `edges`
    const auto sort_last_task = [&] {
        const auto begin = edges.begin() + static_cast<std::ptrdiff_t>(first_of_task);
        std::sort(begin, edges.end(), [](Edge a, Edge b) { return a.from < b.from; });
        edges.erase(std::unique(begin, edges.end()), edges.end());
        first_of_task = edges.size();
    };
    detail::for_each_conflict(
        graph.accesses(), graph.size(), {},
        [&](const Access& later, TaskId earlier, const AddressRange&, bool) {
            if (first_of_task != edges.size() && edges.back().to != later.task) sort_last_task();
            edges.push_back({earlier, later.task});
        });
    sort_last_task();
    return edges;
}

}  // namespace tilewright
