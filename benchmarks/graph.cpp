// What tasks of graphs cost that do nothing: host time, guest instructions, and cycles from the end
// of a task to the start of the next, for three shapes and one to four schedulers; and what a whole
// run of a few costs, the first time and when the graph was prepared before.
//
//     cmake --build build --target graph_benchmark && build/bin/graph_benchmark [TASKS] [RUNS]
//
// Host time is processor time of the thread, the best and the median of the runs.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "tilewright/graph/program.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/runtime/device.hpp"

namespace {

using namespace tilewright;

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The built-in `add` with nothing to add.
Graph empty_tasks(std::uint32_t count) {
    Graph graph(Dependencies::edges);
    const std::vector<std::uint64_t> arguments(4);
    for (TaskId t = 0; t < count; ++t) graph.add(0, arguments);
    return graph;
}

Graph chain(std::uint32_t count) {
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t < count; ++t) graph.add_edge(t - 1, t);
    return graph;
}

Graph fan(std::uint32_t count) {
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t + 1 < count; ++t) {
        graph.add_edge(0, t);
        graph.add_edge(t, count - 1);
    }
    return graph;
}

/// Each task after one to three of the 200 before it.
Graph random_graph(std::uint32_t count) {
    std::mt19937 random(1);
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t < count; ++t) {
        for (std::uint32_t e = 1 + random() % 3; e-- > 0;) {
            graph.add_edge(t - 1 - random() % std::min<std::uint32_t>(t, 200), t);
        }
    }
    return graph;
}

/// From the last end that a task waited for to its start, the shortest and the median.
std::pair<std::uint64_t, std::uint64_t> waits(const Graph& graph,
                                              const std::vector<TaskTimes>& times) {
    std::vector<std::uint64_t> released(graph.size());
    for (TaskId t = 0; t < graph.size(); ++t) {
        for (TaskId next : graph.successors().of(t)) {
            released[next] = std::max(released[next], times[t].ended);
        }
    }
    std::vector<std::uint64_t> cycles;
    for (TaskId t = 0; t < graph.size(); ++t) {
        if (released[t] != 0) cycles.push_back(times[t].started - released[t]);
    }
    std::sort(cycles.begin(), cycles.end());
    return {cycles.front(), cycles[cycles.size() / 2]};
}

void measure(const char* name, const Graph& graph, std::uint32_t schedulers, int runs) {
    Device device("ascend");
    GraphProgram program(device, graph, {.workers = {}, .schedulers = schedulers});
    std::vector<double> seconds;
    Run run;
    for (int r = 0; r < runs; ++r) {
        const double start = processor_seconds();
        run = program.run();
        seconds.push_back(processor_seconds() - start);
    }
    std::sort(seconds.begin(), seconds.end());
    const auto tasks = static_cast<double>(graph.size());
    const auto [shortest, median] = waits(graph, program.times());
    std::printf("%-7s %10u %9.2f %9.2f %13.1f %11.1f %9llu %9llu\n", name, schedulers,
                seconds.front() / tasks * 1e6, seconds[seconds.size() / 2] / tasks * 1e6,
                static_cast<double>(run.instructions) / tasks,
                static_cast<double>(run.cycles) / tasks, static_cast<unsigned long long>(shortest),
                static_cast<unsigned long long>(median));
}

/// Microseconds of the action, the median of many.
template <class Action>
double median_us(const Action& action) {
    std::vector<double> seconds;
    for (int i = 0; i < 301; ++i) {
        const double start = processor_seconds();
        action();
        seconds.push_back(processor_seconds() - start);
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2] * 1e6;
}

void measure_runs(std::uint32_t tasks) {
    Device device("ascend");
    const Graph graph = empty_tasks(tasks);
    PreparedGraph prepared(device, graph);
    const double again = median_us([&] { prepared.run(); });
    const double anew = median_us([&] { run_graph(device, graph); });
    std::printf("%10u %14.1f %14.1f %9llu\n", tasks, again, anew,
                static_cast<unsigned long long>(prepared.run().run.cycles));
}

}  // namespace

int main(int argc, char** argv) {
    const auto tasks = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 10'000);
    const int runs = argc > 2 ? std::atoi(argv[2]) : 5;
    if (tasks < 3 || runs < 1) {
        std::fprintf(stderr, "usage: graph_benchmark [TASKS, at least 3] [RUNS]\n");
        return 2;
    }
    std::printf("%u empty tasks on 72 workers of `ascend`, %d runs\n", tasks, runs);
    std::printf("%-7s %10s %9s %9s %13s %11s %9s %9s\n", "shape", "schedulers", "best us",
                "median us", "instructions", "cycles", "end to", "start");
    std::printf("%-7s %10s %9s %9s %13s %11s %9s %9s\n", "", "", "a task", "a task", "a task",
                "a task", "shortest", "median");
    for (std::uint32_t schedulers = 1; schedulers <= 4; ++schedulers) {
        measure("chain", chain(tasks), schedulers, runs);
        measure("fan", fan(tasks), schedulers, runs);
        measure("random", random_graph(tasks), schedulers, runs);
    }
    std::printf("\n%10s %14s %14s %9s\n", "tasks", "prepared, us", "anew, us", "cycles");
    for (const std::uint32_t few : {1u, 4u, 16u, 64u, 256u}) measure_runs(few);
    return 0;
}
