// What building a graph of tasks costs in C++; graph_build.py compiles and runs it. Prints
// nanoseconds for a task, for an edge, and for an edge when the lists of successors are made and
// checked, and bytes a task, of graphs with four arguments and two random edges a task.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "tilewright/graph/check.hpp"
#include "tilewright/graph/graph.hpp"

namespace {

double nanoseconds(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - since)
        .count();
}

double allocated() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

}  // namespace

int main(int, char** argv) {
    const auto tasks = static_cast<std::uint32_t>(std::atoi(argv[1]));
    std::mt19937 random(0);
    std::vector<tilewright::Edge> edges;
    for (std::uint32_t task = 1; task < tasks; ++task) {
        for (int i = 0; i < 2; ++i)
            edges.push_back({static_cast<std::uint32_t>(random() % task), task});
    }
    double for_task = 1e9;
    double for_edge = 1e9;
    double for_check = 1e9;
    double bytes = 0;
    for (int round = 0; round < 5; ++round) {
        const double before = allocated();
        const auto start = std::chrono::steady_clock::now();
        tilewright::Graph graph;
        for (std::uint32_t task = 0; task < tasks; ++task) {
            const std::uint64_t words[] = {task, 1, 2, 3};
            graph.add(0, words);
        }
        for_task = std::min(for_task, nanoseconds(start) / tasks);
        const auto added = std::chrono::steady_clock::now();
        for (const auto& [from, to] : edges) graph.add_edge(from, to);
        const auto count = static_cast<double>(edges.size());
        for_edge = std::min(for_edge, nanoseconds(added) / count);
        const auto joined = std::chrono::steady_clock::now();
        tilewright::check_order(graph);
        for_check = std::min(for_check, nanoseconds(joined) / count);
        bytes = (allocated() - before) / tasks;
    }
    std::printf("%.1f %.1f %.1f %.1f\n", for_task, for_edge, for_check, bytes);
}
