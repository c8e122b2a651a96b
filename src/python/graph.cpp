// Graph, its checks and its analysis. What users see is the class of the same name in the package,
// which knows buffers, kinds by name and floats.
#include "tilewright/graph/graph.hpp"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <tuple>

#include "arrays.hpp"
#include "bindings.hpp"
#include "host_bytes.hpp"
#include "pickled.hpp"
#include "shown.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/graph/analysis.hpp"
#include "tilewright/graph/check.hpp"
#include "tilewright/graph/control_flow.hpp"
#include "tilewright/graph/executions.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

/// `pointers` are the numbers of those arguments of each task that are pointers.
TaskId add_tasks(Graph& self, const ArrayIn<std::uint32_t>& functions,
                 const ArrayIn<std::uint64_t>& arguments, const ArrayIn<std::uint8_t>& kinds,
                 const ArrayIn<std::uint32_t>& pointers) {
    const TaskId first = self.add_tasks(span_of(functions), span_of(arguments), span_of(kinds));
    for (const std::uint32_t index : span_of(pointers)) {
        for (TaskId task = first; task < self.size(); ++task) self.mark_pointer(task, index);
    }
    return first;
}

void add_accesses(Graph& self, const ArrayIn<std::uint32_t>& tasks,
                  const ArrayIn<std::uint64_t>& begins, const ArrayIn<std::uint64_t>& ends,
                  const ArrayIn<bool>& writes) {
    const std::size_t count = tasks.size();
    if (begins.size() != count || ends.size() != count || writes.size() != count) {
        throw ArgumentError("add_accesses: " + std::to_string(count) +
                            " tasks; expected as many first and last addresses and marks");
    }
    std::vector<Access> accesses(count);
    for (std::size_t i = 0; i < count; ++i) {
        accesses[i] = {{begins.data()[i], ends.data()[i]}, tasks.data()[i], writes.data()[i]};
    }
    self.add_accesses(accesses);
}

/// Entries from the bytes of an array of them.
template <class T>
std::vector<T> entries(nb::handle from) {
    const HostBytes bytes(from, HostBytes::Access::read);
    std::vector<T> result(bytes.span().size() / sizeof(T));
    std::memcpy(result.data(), bytes.span().data(), result.size() * sizeof(T));
    return result;
}

/// `times` are the bytes of TaskTimes, one for each task, `shares` those of TaskShares.
GraphAnalysis analyse_times(const Graph& self, nb::handle times, std::uint32_t workers,
                            std::uint64_t start, nb::handle shares) {
    return analyse(self, entries<TaskTimes>(times), workers, start, entries<TaskShare>(shares));
}

void timeline(const Graph& self, const std::filesystem::path& file, nb::handle times,
              const std::vector<std::string>& workers, const GraphAnalysis& analysis,
              nb::handle shares) {
    write_timeline(file, self, entries<TaskTimes>(times), workers, analysis,
                   entries<TaskShare>(shares));
}

std::optional<std::tuple<TaskId, TaskId, std::uint64_t, std::uint64_t>> race(const Graph& self) {
    const std::optional<DeclaredRace> found = find_race(self);
    if (!found) return std::nullopt;
    return std::tuple(found->first, found->second, found->bytes.begin, found->bytes.end);
}

void bind_analysis(nb::module_& module) {
    nb::class_<PathStep> step(module, "PathStep", "A task on the critical path.");
    step.def_ro("task", &PathStep::task)
        .def_ro("iteration", &PathStep::iteration)
        .def_ro("round", &PathStep::iteration, "The old name of iteration.")
        .def_prop_ro("after",
                     [](const PathStep& s) {
                         switch (s.after) {
                             case PathStep::After::dependency:
                                 return "dependency";
                             case PathStep::After::worker:
                                 return "worker";
                             case PathStep::After::start:
                                 break;
                         }
                         return "start";
                     })
        .def_ro("released", &PathStep::released)
        .def_ro("worker_wait", &PathStep::worker_wait)
        .def_ro("scheduling", &PathStep::scheduling)
        .def_ro("executing", &PathStep::executing)
        .def("__repr__",
             show({"task", "iteration", "after", "worker_wait", "scheduling", "executing"}));
    pickle(step);
    nb::class_<GraphAnalysis>(module, "GraphAnalysis", "What a run tells about a graph.")
        .def("__repr__", show({"path_executing", "path_scheduling", "path_worker_wait",
                               "longest_chain", "executing", "scheduling"}))
        .def_ro("critical_path", &GraphAnalysis::critical_path)
        .def_ro("path_executing", &GraphAnalysis::path_executing)
        .def_ro("path_scheduling", &GraphAnalysis::path_scheduling)
        .def_ro("path_worker_wait", &GraphAnalysis::path_worker_wait)
        .def_ro("longest_chain", &GraphAnalysis::longest_chain)
        .def_ro("executing", &GraphAnalysis::executing)
        .def_ro("scheduling", &GraphAnalysis::scheduling)
        .def_prop_ro(
            "slack", [](const GraphAnalysis& a) { return to_array(a.slack); }, nb::rv_policy::move)
        .def_prop_ro(
            "worker_tasks",
            [](const GraphAnalysis& a) {
                std::vector<std::uint64_t> tasks;
                for (const WorkerUse& use : a.workers) tasks.push_back(use.tasks);
                return to_array(std::move(tasks));
            },
            nb::rv_policy::move)
        .def_prop_ro(
            "worker_busy",
            [](const GraphAnalysis& a) {
                std::vector<std::uint64_t> busy;
                for (const WorkerUse& use : a.workers) busy.push_back(use.busy);
                return to_array(std::move(busy));
            },
            nb::rv_policy::move);
}

void bind_unrolled(nb::module_& module) {
    nb::class_<UnrolledGraph>(module, "UnrolledGraph", "A graph with a task for each execution.")
        .def_ro("graph", &UnrolledGraph::graph)
        .def_ro("skipped", &UnrolledGraph::skipped);
    module.def(
        "unroll",
        [](const Graph& graph, nb::handle executions) {
            return unroll(graph, entries<TaskExecution>(executions));
        },
        "graph"_a, "executions"_a, "`executions` are the bytes of GraphRun.executions.");
    module.def(
        "original_path",
        [](const GraphAnalysis& analysis, nb::handle executions) {
            return original_path(analysis, entries<TaskExecution>(executions));
        },
        "analysis"_a, "executions"_a);
    module.def(
        "graphviz_unrolled",
        [](const Graph& graph, const UnrolledGraph& unrolled, const GraphAnalysis& analysis) {
            return graphviz(graph, unrolled, &analysis);
        },
        "graph"_a, "unrolled"_a, "analysis"_a);
}

}  // namespace

void bind_graph(nb::module_& module) {
    bind_analysis(module);
    module.attr("kind_of_function") = kind_of_function;
    module.attr("max_task_cores") = max_task_cores;
    module.attr("max_task_priority") = max_task_priority;
    module.def(
        "core_kinds",
        [] {
            std::vector<std::string> names;
            for (auto kind = CoreKind{}; kind <= CoreKind::control;
                 kind = CoreKind(static_cast<int>(kind) + 1)) {
                names.emplace_back(name(kind));
            }
            return names;
        },
        "Names of what cores are for; their places are the numbers.");
    nb::class_<Graph>(module, "Graph", "A graph of tasks, as data.")
        .def(
            "__init__",
            [](Graph* self, bool infer) {
                new (self) Graph(infer ? Dependencies::inferred : Dependencies::edges);
            },
            "infer"_a)
        .def(
            "add",
            [](Graph& g, std::uint32_t function, const std::vector<std::uint64_t>& arguments,
               std::uint8_t kind) { return g.add(function, arguments, kind); },
            "function"_a, "arguments"_a, "kind"_a)
        .def("add_tasks", &add_tasks, "functions"_a, "arguments"_a, "kinds"_a, "pointers"_a)
        .def("mark_pointer", &Graph::mark_pointer, "task"_a, "index"_a)
        .def("set_cores", &Graph::set_cores, "task"_a, "cores"_a)
        .def("cores", &Graph::cores, "task"_a)
        .def("set_priority", &Graph::set_priority, "task"_a, "priority"_a)
        .def(
            "set_priorities",
            [](Graph& g, TaskId first, const ArrayIn<std::uint32_t>& priorities) {
                for (const std::uint32_t priority : span_of(priorities)) {
                    g.set_priority(first++, priority);
                }
            },
            "first"_a, "priorities"_a, "Of a task and those that follow it.")
        .def("priority", &Graph::priority, "task"_a)
        .def("reserve", &Graph::reserve, "tasks"_a, "edges"_a, "arguments"_a)
        .def("set_name", &Graph::set_name, "task"_a, "name"_a)
        .def("add_edge", &Graph::add_edge, "before"_a, "after"_a)
        .def(
            "add_edges",
            [](Graph& g, const ArrayIn<std::uint32_t>& before,
               const ArrayIn<std::uint32_t>& after) {
                g.add_edges(span_of(before), span_of(after));
            },
            "before"_a, "after"_a)
        .def(
            "reads",
            [](Graph& g, TaskId task, std::uint64_t begin, std::uint64_t end) {
                g.reads(task, {begin, end});
            },
            "task"_a, "begin"_a, "end"_a)
        .def(
            "writes",
            [](Graph& g, TaskId task, std::uint64_t begin, std::uint64_t end) {
                g.writes(task, {begin, end});
            },
            "task"_a, "begin"_a, "end"_a)
        .def("add_accesses", &add_accesses, "tasks"_a, "begins"_a, "ends"_a, "writes"_a)
        .def("bind_argument", &Graph::bind_argument, "task"_a, "index"_a, "value"_a)
        .def(
            "reads_from",
            [](Graph& g, TaskId task, std::uint32_t value, std::uint64_t begin, std::uint64_t end) {
                g.reads_from(task, value, {begin, end});
            },
            "task"_a, "value"_a, "begin"_a, "end"_a)
        .def(
            "writes_to",
            [](Graph& g, TaskId task, std::uint32_t value, std::uint64_t begin, std::uint64_t end) {
                g.writes_to(task, value, {begin, end});
            },
            "task"_a, "value"_a, "begin"_a, "end"_a)
        .def(
            "append",
            [](Graph& g, const Graph& part, const std::vector<std::uint64_t>& values) {
                return g.append(part, values);
            },
            "part"_a, "values"_a)
        .def("repeat", &Graph::repeat, "first"_a, "last"_a, "times"_a)
        .def("repeat_while", &Graph::repeat_while, "first"_a, "last"_a, "word"_a)
        .def("skip_unless", &Graph::skip_unless, "before"_a, "after"_a, "word"_a)
        .def_prop_ro("has_control_edges", [](const Graph& g) { return !g.control_edges().empty(); })
        .def_prop_ro("value_count", &Graph::value_count)
        .def("__len__", &Graph::size)
        .def("name", &Graph::name, "task"_a)
        .def("functions", [](const Graph& g) { return to_array(g.functions()); })
        .def("kinds", [](const Graph& g) { return to_array(g.kinds()); })
        .def(
            "arguments",
            [](const Graph& g, TaskId task) {
                if (task >= g.size()) {
                    throw ArgumentError("graph: no task " + std::to_string(task));
                }
                return to_array(g.arguments(task));
            },
            "task"_a)
        .def(
            "edges",
            [](const Graph& g) {
                std::vector<TaskId> before;
                std::vector<TaskId> after;
                for (TaskId task = 0; task < g.size(); ++task) {
                    for (const TaskId next : g.successors().of(task)) {
                        before.push_back(task);
                        after.push_back(next);
                    }
                }
                return std::tuple(to_array(std::move(before)), to_array(std::move(after)));
            },
            "Said and inferred, each once, by their first task.")
        .def("check_order", [](const Graph& g) { check_order(g); })
        .def("check_control_flow", [](const Graph& g) { check_control_flow(g); })
        .def("check_races", [](const Graph& g) { check_races(g); })
        .def("find_race", &race)
        .def("analyse", &analyse_times, "times"_a, "workers"_a, "start"_a, "shares"_a)
        .def("timeline", &timeline, "file"_a, "times"_a, "workers"_a, "analysis"_a, "shares"_a)
        .def(
            "graphviz",
            [](const Graph& g, const GraphAnalysis* analysis) { return graphviz(g, analysis); },
            "analysis"_a.none());
    bind_unrolled(module);
}

}  // namespace tilewright::python
