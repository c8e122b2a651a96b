// Running graphs: PreparedGraph and what a run of it returns.
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
#include "host_queue.hpp"
#include "pickled.hpp"
#include "shown.hpp"
#include "tilewright/base/error.hpp"
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

/// A prepared graph; it and its device stay as long (keep_alive).
struct HostPreparedGraph {
    HostDevice& device;
    const Graph& graph;
    GraphOptions options;
    std::optional<PreparedGraph> prepared{};  ///< until close()

    PreparedGraph& open() {
        if (!prepared) throw ClosedError("the prepared graph is closed");
        return *prepared;
    }
};

void prepare(HostPreparedGraph* self, HostDevice& device, const Graph& graph,
             const std::vector<CoreTuple>& workers, std::uint32_t schedulers,
             std::uint32_t tasks_ahead, const std::vector<Kernel>& kernels,
             const std::vector<TileProgram>& programs, const std::optional<Kernel>& scheduler,
             const std::optional<Kernel>& worker_program, bool observe_accesses) {
    const HostLock lock(device.in_use);
    GraphOptions options{.schedulers = schedulers,
                         .tasks_ahead = tasks_ahead,
                         .kernels = kernels,
                         .programs = programs,
                         .scheduler = scheduler,
                         .worker_program = worker_program,
                         .observe_accesses = observe_accesses};
    for (const auto& [x, y, processor] : workers) options.workers.push_back({{x, y}, processor});
    std::optional<PreparedGraph> prepared;
    {
        const nb::gil_scoped_release no_gil;
        prepared.emplace(device.device, graph, options);
    }
    new (self) HostPreparedGraph{device, graph, std::move(options), std::move(prepared)};
}

GraphRun run(HostPreparedGraph& self, std::optional<std::uint64_t> cycle_limit,
             const nb::object& progress, bool check_races) {
    const HostLock lock(self.device.in_use);
    PreparedGraph& prepared = self.open();
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
    GraphRun result = prepared.run(run_options, report);
    if (check_races) check_observed(self.device.device, self.graph, self.options, result);
    return result;
}

void enqueue(HostPreparedGraph& self, HostQueue& queue) {
    const HostLock lock(self.device.in_use);
    self.open().enqueue(queue.queue);
}

GraphRun result(HostPreparedGraph& self, const Run& run) {
    const HostLock lock(self.device.in_use);
    return self.open().result(run);
}

void close(HostPreparedGraph& self) {
    const HostLock lock(self.device.in_use);
    self.prepared.reset();
}

/// Lines for the races, and for the undeclared accesses, of a run of this graph.
std::tuple<std::vector<std::string>, std::vector<std::string>> describe_observed(
    const HostPreparedGraph& self, const GraphRun& run) {
    const HostLock lock(self.device.in_use);
    const Device& device = self.device.device;
    return {describe(device, self.graph, self.options, run, run.races),
            describe(device, self.graph, self.options, run, run.undeclared)};
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

/// Kernels with their processors, and whether they feed the engine; words of reserved L1.
TileProgram make_program(std::string name,
                         const std::vector<std::tuple<Kernel, std::uint16_t, bool>>& kernels,
                         const std::vector<HostWords>& setup) {
    TileProgram program{.name = std::move(name), .kernels = {}};
    for (const auto& [kernel, processor, feeds_engine] : kernels) {
        program.kernels.push_back({kernel, processor, feeds_engine});
    }
    for (const auto& [address, words] : setup) program.setup.push_back({address, words});
    return program;
}

std::vector<std::uint64_t> arguments_of(
    const std::vector<std::tuple<std::uint16_t, std::vector<std::uint32_t>>>& arguments) {
    std::vector<CoreWords> words;
    for (const auto& [processor, of_core] : arguments) words.push_back({processor, of_core});
    return program_arguments(words);
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
    nb::class_<HostPreparedGraph>(module, "PreparedGraph", "A graph in the memory of a device.")
        .def("__init__", &prepare, "device"_a, "graph"_a, "workers"_a, "schedulers"_a,
             "tasks_ahead"_a, "kernels"_a, "programs"_a, "scheduler"_a.none(),
             "worker_program"_a.none(), "observe_accesses"_a, nb::keep_alive<1, 2>(),
             nb::keep_alive<1, 3>())
        .def("run", &run, "cycle_limit"_a.none(), "progress"_a.none(), "check_races"_a)
        .def("enqueue", &enqueue, "queue"_a)
        .def("result", &result, "run"_a)
        .def("describe_observed", &describe_observed, "run"_a)
        .def("close", &close)
        .def_prop_ro("closed", [](const HostPreparedGraph& g) { return !g.prepared; });
    module.def("task_functions", &functions_of, "worker_program"_a,
               "Name and kind of each function of a worker program.");
    module.def("builtin_scheduler", &builtin_scheduler);
    module.def("builtin_worker_program", &builtin_worker_program);
    module.def("encode_arguments", &encode, "kernel"_a, "arguments"_a,
               "The 32-bit words that a kernel finds in its argument area.");
    module.attr("first_kernel_function") = first_kernel_function;
    nb::class_<TileProgram>(module, "TileProgram", "Kernels on the cores of one tile, as a task.")
        .def(nb::new_(&make_program), "name"_a, "kernels"_a, "setup"_a)
        .def_ro("name", &TileProgram::name);
    module.def("program_arguments", &arguments_of, "arguments"_a,
               "The arguments of a task from the launch arguments of each processor.");
    module.attr("first_program_function") = first_program_function;
}

}  // namespace tilewright::python
