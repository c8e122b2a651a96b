// Running graphs: run_graph() and what it returns.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <functional>
#include <tuple>

#include "arrays.hpp"
#include "bindings.hpp"
#include "host_device.hpp"
#include "host_launch.hpp"
#include "pickled.hpp"
#include "shown.hpp"
#include "tilewright/graph/run.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

CoreTuple to_tuple(CoreId core) {
    return {core.tile.x, core.tile.y, core.processor};
}

std::vector<CoreTuple> to_tuples(const std::vector<CoreId>& cores) {
    std::vector<CoreTuple> tuples;
    for (const CoreId core : cores) tuples.push_back(to_tuple(core));
    return tuples;
}

GraphRun run(HostDevice& device, const Graph& graph, const std::vector<CoreTuple>& workers,
             std::uint32_t schedulers, std::uint32_t tasks_ahead,
             const std::vector<Kernel>& kernels, const std::optional<Kernel>& scheduler,
             const std::optional<Kernel>& worker_program, std::optional<std::uint64_t> cycle_limit,
             const nb::object& progress, bool observe_accesses, bool check_races) {
    const HostLock lock(device.in_use);
    GraphOptions options{.schedulers = schedulers,
                         .tasks_ahead = tasks_ahead,
                         .kernels = kernels,
                         .scheduler = scheduler,
                         .worker_program = worker_program,
                         .observe_accesses = observe_accesses || check_races};
    for (const auto& [x, y, processor] : workers) options.workers.push_back({{x, y}, processor});
    const RunOptions run_options = options_with(cycle_limit);
    std::function<bool(std::size_t)> report;
    if (!progress.is_none()) {
        report = [&progress](std::size_t ended) {
            const nb::gil_scoped_acquire gil;
            // An exception stays set, and travels on when the run has stopped.
            const nb::object result = nb::steal(
                PyObject_CallFunction(progress.ptr(), "n", static_cast<Py_ssize_t>(ended)));
            return !result.is_valid();
        };
    }
    const nb::gil_scoped_release no_gil;
    GraphRun result = run_graph(device.device, graph, options, run_options, report);
    if (check_races) check_observed(device.device, graph, options, result);
    return result;
}

/// Lines for the races, and for the undeclared accesses, of a run with these options.
std::tuple<std::vector<std::string>, std::vector<std::string>> describe_observed(
    HostDevice& device, const Graph& graph, const std::vector<Kernel>& kernels,
    const std::optional<Kernel>& worker_program, const GraphRun& run) {
    const HostLock lock(device.in_use);
    const GraphOptions options{.kernels = kernels, .worker_program = worker_program};
    return {describe(device.device, graph, options, run, run.races),
            describe(device.device, graph, options, run, run.undeclared)};
}

template <class T>
nb::bytes bytes_of(const std::vector<T>& structs) {
    return nb::bytes(structs.data(), structs.size() * sizeof(T));
}

/// Name and kind (a CoreKind, or kind_of_function) of each function of a worker program.
std::vector<std::tuple<std::string, std::uint8_t>> functions_of(const Kernel& program) {
    std::vector<std::tuple<std::string, std::uint8_t>> result;
    for (const TaskFunction& f : task_functions(program)) result.emplace_back(f.name, f.kind);
    return result;
}

std::vector<std::uint32_t> encode(const Kernel& kernel, const std::vector<HostArgument>& args) {
    return encode_arguments(kernel, to_launches({{kernel, {}, args, {}}})[0].arguments);
}

}  // namespace

void bind_graph_run(nb::module_& module) {
    nb::class_<Handshake> handshake(module, "Handshake",
                                    "The mailbox of a worker at the end of a run.");
    handshake.def_prop_ro("core", [](const Handshake& h) { return to_tuple(h.core); })
        .def_ro("ready", &Handshake::ready)
        .def_ro("task", &Handshake::task)
        .def_ro("busy", &Handshake::busy)
        .def_ro("done", &Handshake::done)
        .def_ro("quit", &Handshake::quit)
        .def("__repr__", show({"core", "ready", "task", "busy", "done", "quit"}));
    pickle(handshake);
    nb::class_<ObservedRace>(module, "ObservedRace", "Two executions that race.")
        .def_ro("first", &ObservedRace::first)
        .def_ro("second", &ObservedRace::second)
        .def_prop_ro("begin", [](const ObservedRace& r) { return r.bytes.begin; })
        .def_prop_ro("end", [](const ObservedRace& r) { return r.bytes.end; })
        .def_ro("first_writes", &ObservedRace::first_writes)
        .def_ro("second_writes", &ObservedRace::second_writes)
        .def("__repr__",
             show({"first", "second", "begin", "end", "first_writes", "second_writes"}));
    nb::class_<UndeclaredAccess>(module, "UndeclaredAccess", "What a task has not declared.")
        .def_ro("execution", &UndeclaredAccess::execution)
        .def_prop_ro("begin", [](const UndeclaredAccess& a) { return a.bytes.begin; })
        .def_prop_ro("end", [](const UndeclaredAccess& a) { return a.bytes.end; })
        .def_ro("writes", &UndeclaredAccess::write)
        .def("__repr__", show({"execution", "begin", "end", "writes"}));
    nb::class_<GraphRun>(module, "GraphRun", "What a run of a graph did.")
        .def_ro("run", &GraphRun::run)
        .def_ro("start", &GraphRun::start)
        .def_ro("handshakes", &GraphRun::handshakes)
        .def_prop_ro("workers", [](const GraphRun& r) { return to_tuples(r.workers); })
        .def_prop_ro("schedulers", [](const GraphRun& r) { return to_tuples(r.schedulers); })
        .def_prop_ro(
            "times", [](const GraphRun& r) { return bytes_of(r.times); },
            "TaskTimes of each task, as they lie in memory.")
        .def_prop_ro(
            "parents",
            [](const GraphRun& r) {
                std::vector<TaskId> parents;
                for (const AddedTask& task : r.added) parents.push_back(task.parent);
                return to_array(std::move(parents));
            },
            nb::rv_policy::move, "Of the tasks that were added, which task added each.")
        .def(
            "with_added_tasks",
            [](const GraphRun& r, const Graph& graph) { return with_added_tasks(graph, r.added); },
            "graph"_a, "The graph with the tasks that were added.")
        .def_prop_ro(
            "shares", [](const GraphRun& r) { return bytes_of(r.shares); },
            "TaskShares of tasks on several cores, as they lie in memory.")
        .def_prop_ro(
            "executions", [](const GraphRun& r) { return bytes_of(r.executions); },
            "TaskExecutions by start, as they lie in memory, if they were noted.")
        .def_prop_ro(
            "execution_shares", [](const GraphRun& r) { return bytes_of(r.execution_shares); },
            "TaskShares of executions on several cores, likewise.")
        .def_ro("races", &GraphRun::races)
        .def_ro("undeclared", &GraphRun::undeclared);
    module.def("run_graph", &run, "device"_a, "graph"_a, "workers"_a, "schedulers"_a,
               "tasks_ahead"_a, "kernels"_a, "scheduler"_a.none(), "worker_program"_a.none(),
               "cycle_limit"_a.none(), "progress"_a.none(), "observe_accesses"_a, "check_races"_a);
    module.def("describe_observed", &describe_observed, "device"_a, "graph"_a, "kernels"_a,
               "worker_program"_a.none(), "run"_a);
    module.def("task_functions", &functions_of, "worker_program"_a,
               "Name and kind of each function of a worker program.");
    module.def("builtin_scheduler", &builtin_scheduler);
    module.def("builtin_worker_program", &builtin_worker_program);
    module.def("encode_arguments", &encode, "kernel"_a, "arguments"_a,
               "The 32-bit words that a kernel finds in its argument area.");
    module.attr("first_kernel_function") = first_kernel_function;
}

}  // namespace tilewright::python
