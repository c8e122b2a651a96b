// Empty tasks of a random graph in Taskflow, on one thread: each after one to three of the 200
// before it, as in benchmarks/graph.cpp. Prints the seconds of building it and of running it once.
//
//     c++ -std=c++20 -O2 -I TASKFLOW taskflow_tasks.cpp && ./a.out 10000
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <taskflow/taskflow.hpp>
#include <vector>

static double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int main(int argc, char** argv) {
    const auto count = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 10'000);
    tf::Executor executor(1);
    std::mt19937 random(1);
    const double begin = processor_seconds();
    tf::Taskflow flow;
    std::vector<tf::Task> tasks;
    for (std::uint32_t t = 0; t < count; ++t) tasks.push_back(flow.emplace([] {}));
    for (std::uint32_t t = 1; t < count; ++t) {
        for (std::uint32_t e = 1 + random() % 3; e-- > 0;) {
            tasks[t - 1 - random() % std::min<std::uint32_t>(t, 200)].precede(tasks[t]);
        }
    }
    executor.run(flow).wait();
    std::printf("%g\n", processor_seconds() - begin);
    return 0;
}
