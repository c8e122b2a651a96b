// What a run's times say. The oracle is a schedule that is worked out forwards: each task starts
// its own overhead after all that holds it back is over.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tilewright/base/error.hpp"
#include "tilewright/graph/analysis.hpp"

namespace tilewright {
namespace {

struct Plan {
    Graph graph;
    std::vector<std::uint32_t> worker;
    std::vector<std::uint64_t> overhead;
    std::vector<std::uint64_t> duration;
};

/// Tasks run on their workers in the order of their numbers, from cycle `start` on.
std::vector<TaskTimes> schedule(const Plan& plan, std::uint32_t workers, std::uint64_t start) {
    std::vector<TaskTimes> times(plan.graph.size());
    std::vector<std::uint64_t> released(plan.graph.size(), start);
    std::vector<std::uint64_t> worker_free(workers, start);
    for (TaskId task = 0; task < times.size(); ++task) {
        const std::uint32_t worker = plan.worker[task];
        TaskTimes& t = times[task];
        t.worker = worker;
        t.ready = released[task];
        t.dispatched = std::max(released[task], worker_free[worker]);
        t.started = t.dispatched + plan.overhead[task];
        t.ended = t.started + plan.duration[task];
        worker_free[worker] = t.ended;
        for (const TaskId next : plan.graph.successors().of(task)) {
            released[next] = std::max(released[next], t.ended);
        }
    }
    return times;
}

std::uint64_t end_of(const std::vector<TaskTimes>& times) {
    std::uint64_t end = 0;
    for (const TaskTimes& t : times) end = std::max(end, t.ended);
    return end;
}

Plan random_plan(std::mt19937& random, std::uint32_t workers) {
    Plan plan;
    const auto tasks = static_cast<TaskId>(1 + random() % 25);
    for (TaskId task = 0; task < tasks; ++task) {
        plan.graph.add(0, {});
        for (std::uint32_t n = random() % 3; n != 0 && task != 0; --n) {
            plan.graph.add_edge(static_cast<TaskId>(random() % task), task);
        }
        plan.worker.push_back(random() % workers);
        plan.overhead.push_back(random() % 5);
        plan.duration.push_back(1 + random() % 40);
    }
    return plan;
}

/// 0 (10 cycles) before 1 (20) and 2 (5), both before 3 (10); each waits 2 cycles for scheduling.
Plan diamond() {
    Plan plan;
    for (int i = 0; i < 4; ++i) plan.graph.add(static_cast<std::uint32_t>(i), {});
    plan.graph.add_edge(0, 1);
    plan.graph.add_edge(0, 2);
    plan.graph.add_edge(1, 3);
    plan.graph.add_edge(2, 3);
    plan.worker = {0, 0, 1, 0};
    plan.overhead = {2, 2, 2, 2};
    plan.duration = {10, 20, 5, 10};
    return plan;
}

std::string read_file(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(GraphAnalysis, ADiamondByHand) {
    const Plan plan = diamond();
    const std::vector<TaskTimes> times = schedule(plan, 2, 100);
    const GraphAnalysis analysis = analyse(plan.graph, times, 2, 100);
    ASSERT_EQ(analysis.critical_path.size(), 3u);
    EXPECT_EQ(analysis.critical_path[0].task, 0u);
    EXPECT_EQ(analysis.critical_path[0].after, PathStep::After::start);
    EXPECT_EQ(analysis.critical_path[1].task, 1u);
    EXPECT_EQ(analysis.critical_path[1].released, 112u);
    EXPECT_EQ(analysis.critical_path[2].after, PathStep::After::dependency);
    EXPECT_EQ(analysis.path_executing, 40u);
    EXPECT_EQ(analysis.path_scheduling, 6u);
    EXPECT_EQ(analysis.path_worker_wait, 0u);
    EXPECT_EQ(analysis.longest_chain, 40u);
    EXPECT_EQ(analysis.slack, (std::vector<std::uint64_t>{0, 0, 15, 0}));
    EXPECT_EQ(analysis.executing, 45u);
    EXPECT_EQ(analysis.scheduling, 8u);
    EXPECT_EQ(analysis.workers[0].busy, 40u);
    EXPECT_EQ(analysis.workers[0].tasks, 3u);
    EXPECT_EQ(analysis.workers[1].busy, 5u);
}

TEST(GraphAnalysis, AWorkerThatIsBusyHoldsTasksBack) {
    Plan plan;
    for (int i = 0; i < 3; ++i) plan.graph.add(0, {});
    plan.worker = {0, 0, 1};
    plan.overhead = {1, 1, 1};
    plan.duration = {10, 10, 15};
    const GraphAnalysis analysis = analyse(plan.graph, schedule(plan, 2, 0), 2, 0);
    ASSERT_EQ(analysis.critical_path.size(), 2u);
    EXPECT_EQ(analysis.critical_path[1].task, 1u);
    EXPECT_EQ(analysis.critical_path[1].after, PathStep::After::worker);
    EXPECT_EQ(analysis.critical_path[1].worker_wait, 11u);
    EXPECT_EQ(analysis.path_worker_wait, 22u - 15u);  // the third task alone takes so long
    EXPECT_EQ(analysis.longest_chain, 15u);
    EXPECT_EQ(analysis.slack, (std::vector<std::uint64_t>{0, 0, 6}));
}

TEST(GraphAnalysis, ThePathExplainsTheWholeRun) {
    std::mt19937 random(4);
    for (int round = 0; round < 200; ++round) {
        const std::uint32_t workers = 1 + random() % 4;
        const Plan plan = random_plan(random, workers);
        const std::vector<TaskTimes> times = schedule(plan, workers, 7);
        const GraphAnalysis analysis = analyse(plan.graph, times, workers, 7);
        std::uint64_t cycle = 7;
        for (const PathStep& step : analysis.critical_path) {
            EXPECT_EQ(step.released, cycle);
            EXPECT_EQ(step.scheduling, plan.overhead[step.task]);
            EXPECT_EQ(step.executing, plan.duration[step.task]);
            EXPECT_EQ(analysis.slack[step.task], 0u);
            cycle += step.scheduling + step.executing;
        }
        EXPECT_EQ(cycle, end_of(times));
        EXPECT_EQ(analysis.path_executing + analysis.path_scheduling, end_of(times) - 7);
    }
}

TEST(GraphAnalysis, MoreWorkersCutNoMoreThanItSays) {
    std::mt19937 random(6);
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t workers = 1 + random() % 4;
        Plan plan = random_plan(random, workers);
        const std::uint64_t end = end_of(schedule(plan, workers, 0));
        const GraphAnalysis analysis = analyse(plan.graph, schedule(plan, workers, 0), workers, 0);
        const auto many = static_cast<std::uint32_t>(plan.graph.size());
        for (std::uint32_t task = 0; task < many; ++task) plan.worker[task] = task;
        EXPECT_LE(analysis.path_worker_wait, end - analysis.longest_chain) << round;
        EXPECT_GE(analysis.path_worker_wait, end - end_of(schedule(plan, many, 0))) << round;
    }
}

TEST(GraphAnalysis, SlackIsHowMuchLongerATaskMayTake) {
    std::mt19937 random(5);
    for (int round = 0; round < 100; ++round) {
        const std::uint32_t workers = 1 + random() % 4;
        Plan plan = random_plan(random, workers);
        const std::vector<TaskTimes> times = schedule(plan, workers, 0);
        const std::uint64_t end = end_of(times);
        const GraphAnalysis analysis = analyse(plan.graph, times, workers, 0);
        for (TaskId task = 0; task < plan.graph.size(); ++task) {
            plan.duration[task] += analysis.slack[task];
            EXPECT_EQ(end_of(schedule(plan, workers, 0)), end) << round << " " << task;
            plan.duration[task] += 1;
            EXPECT_EQ(end_of(schedule(plan, workers, 0)), end + 1) << round << " " << task;
            plan.duration[task] -= analysis.slack[task] + 1;
        }
    }
}

TEST(GraphAnalysis, TimesThatCannotBeAreRefused) {
    const Plan plan = diamond();
    const std::vector<TaskTimes> good = schedule(plan, 2, 10);
    EXPECT_THROW(analyse(plan.graph, std::span(good).first(3), 2, 10), ArgumentError);
    EXPECT_THROW(analyse(plan.graph, good, 1, 10), ArgumentError);
    EXPECT_THROW(analyse(plan.graph, good, 2, 13), ArgumentError);
    std::vector<TaskTimes> bad = good;
    bad[3].started = bad[1].ended - 1;
    EXPECT_THROW(analyse(plan.graph, bad, 2, 10), ArgumentError);
    bad = good;
    bad[2].worker = 0;
    EXPECT_THROW(analyse(plan.graph, bad, 2, 10), ArgumentError);
    EXPECT_NO_THROW(analyse(Graph(), {}, 0, 10));
}

TEST(GraphAnalysis, GraphvizShowsThePathAndTheSlack) {
    Plan plan = diamond();
    plan.graph.set_name(2, "the \"short\" one");
    EXPECT_EQ(graphviz(plan.graph).find("red"), std::string::npos);
    const GraphAnalysis analysis = analyse(plan.graph, schedule(plan, 2, 0), 2, 0);
    const std::string text = graphviz(plan.graph, &analysis);
    EXPECT_EQ(text.find("digraph tasks {"), 0u);
    EXPECT_NE(text.find("t2 [label=\"the \\\"short\\\" one\\nfunction 2\\nslack 15\"];"),
              std::string::npos);
    EXPECT_NE(text.find("t0 -> t1 [color=red];"), std::string::npos);
    EXPECT_NE(text.find("t0 -> t2;"), std::string::npos);
}

TEST(GraphAnalysis, TheTimelineHasATrackForEachWorker) {
    const Plan plan = diamond();
    const std::vector<TaskTimes> times = schedule(plan, 2, 0);
    const GraphAnalysis analysis = analyse(plan.graph, times, 2, 0);
    const auto file = std::filesystem::path(testing::TempDir()) / "graph_timeline.json";
    write_timeline(file, plan.graph, times, std::vector<std::string>{"cube", "vector"}, analysis);
    const std::string text = read_file(file);
    std::filesystem::remove(file);
    EXPECT_NE(text.find("\"name\":\"vector\""), std::string::npos);
    EXPECT_NE(text.find("{\"ph\":\"B\",\"pid\":1,\"tid\":2,\"ts\":0.014,\"name\":\"task 2\"}"),
              std::string::npos);
    EXPECT_NE(text.find("{\"ph\":\"E\",\"pid\":1,\"tid\":2,\"ts\":0.019"), std::string::npos);
    EXPECT_THROW(write_timeline("/nonexistent/x.json", plan.graph, times,
                                std::vector<std::string>{"cube", "vector"}, analysis),
                 Error);
}

}  // namespace
}  // namespace tilewright
