// What a run needs before its graph is written: a scheduler that can do it, workers and their
// kinds, and which scheduler gets which.
#include <algorithm>
#include <array>

#include "graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/graph/check.hpp"
#include "tilewright/graph/control_flow.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

std::vector<CoreId> control_cores(const ChipConfig& config, std::uint32_t count) {
    std::vector<CoreId> cores;
    for (std::uint32_t t = config.tile_count(); t < config.all_tile_count(); ++t) {
        const auto& of_tile = config.cores_of(t);
        for (std::uint16_t p = 0; p < of_tile.size() && cores.size() < count; ++p) {
            if (of_tile[p].kind == CoreKind::control) cores.push_back({config.tile_id(t), p});
        }
    }
    if (cores.size() == count) return cores;
    throw ConfigError("a run with " + std::to_string(count) + " schedulers needs as many control " +
                      "cores; '" + config.name + "' has " + std::to_string(cores.size()));
}

constexpr auto all_workers = [] {
    std::array<std::uint32_t, graph::max_kinds> of_each_kind{};
    of_each_kind.fill(~0u);
    return of_each_kind;
}();

/// All of them, or as many as the schedulers take.
std::vector<CoreId> usual_workers(const ChipConfig& config, std::uint32_t schedulers, bool lead) {
    if (lead) {
        return first_leaders(
            config, std::min(config.tile_count(), graph::max_workers_of_kind * schedulers));
    }
    const std::size_t all = config.tile_count() * config.cores.size();
    // The first scheduler may get one of each kind more than the others.
    const std::size_t most = std::size_t{graph::max_workers} * schedulers -
                             std::size_t{graph::max_kinds} * (schedulers - 1);
    return first_workers(config, static_cast<std::uint32_t>(std::min(all, most)));
}

}  // namespace

GraphProgram::State::State(Device& device_, const Graph& graph, const GraphOptions& options)
    : device(device_),
      scheduler(options.scheduler           ? *options.scheduler
                : graph.top_priority() == 0 ? builtin_scheduler()
                                            : Kernel::builtin("graph_scheduler_priorities")),
      worker_program(options.worker_program ? *options.worker_program : builtin_worker_program()),
      functions(task_functions(worker_program)),
      programs(options.programs),
      tasks_ahead(options.tasks_ahead),
      task_count(static_cast<std::uint32_t>(graph.size())),
      workers(options.workers.empty()
                  ? usual_workers(device.config(), options.schedulers, !options.programs.empty())
                  : options.workers),
      schedulers(control_cores(device.config(), options.schedulers)) {
    if (options.schedulers < 1 || options.schedulers > graph::max_schedulers) {
        throw ConfigError("schedulers: expected 1 to " + std::to_string(graph::max_schedulers) +
                          ", not " + std::to_string(options.schedulers));
    }
    if (tasks_ahead < 1 || tasks_ahead > 2) {
        throw ConfigError("tasks_ahead: expected 1 or 2, not " + std::to_string(tasks_ahead));
    }
    if (graph.size() + graph.reserved().tasks > graph::max_tasks) {
        throw ConfigError("a graph of " + std::to_string(graph.size()) + " tasks and room for " +
                          std::to_string(graph.reserved().tasks) + " more; a device takes up to " +
                          std::to_string(graph::max_tasks));
    }
    if (graph.reserved().tasks != 0 && !graph.control_edges().empty()) {
        throw GraphError(
            "a graph with parts that are repeated or left out cannot have dynamic tasks");
    }
    graph.check_values();
    check_order(graph);
    optional = check_control_flow(graph);
    check_scheduler(graph);
    if (!programs.empty()) check_programs();
    choose_kinds();
    if (!programs.empty()) check_leaders();
    for (const TileProgram& program : programs) {
        for (const TileKernel& kernel : program.kernels) following |= 1u << kernel.processor;
    }
    following &= ~1u;  // who leads
    const bool hardware_floats = std::ranges::all_of(workers, [&](CoreId core) {
        const std::string& isa = device.config().cores[core.processor].isa;
        return riscv::parse_isa(isa).has(riscv::Extension::f);
    });
    if (!options.worker_program && hardware_floats) {
        worker_program = Kernel::builtin("graph_worker_float");  // the same functions
    }
    distribute_workers(graph, options.scheduler ? all_workers : most_at_work(graph));
    for (const Kernel& kernel : options.kernels) {
        image_numbers.push_back(device.allow_calls(kernel));
    }
    for (const TileProgram& program : programs) {
        for (const TileKernel& kernel : program.kernels) {
            program_images.push_back(device.allow_calls(kernel.kernel));
        }
    }
    try {
        encode(graph);
    } catch (...) {
        forbid_calls();
        throw;
    }
}

GraphProgram::State::~State() {
    forbid_calls();
}

void GraphProgram::State::forbid_calls() {
    if (!device.is_open()) return;
    for (std::uint32_t number : image_numbers) device.forbid_calls(number);
    for (std::uint32_t number : program_images) device.forbid_calls(number);
}

std::vector<CoreId> GraphProgram::State::followers(CoreId worker) const {
    std::vector<CoreId> cores;
    for (std::uint16_t p = 1; worker.processor == 0 && following >> p != 0; ++p) {
        if ((following >> p & 1) != 0) cores.push_back({worker.tile, p});
    }
    return cores;
}

void GraphProgram::State::choose_kinds() {
    std::array<std::uint32_t, graph::max_kinds> count{};
    const ChipConfig& config = device.config();
    for (const CoreId& core : workers) {
        const bool there = core.tile.x < config.tile_columns() &&
                           core.tile.y < config.tile_rows() && core.processor < config.cores.size();
        if (!there) throw AddressError("no worker core " + describe(core));
        const std::uint8_t kind = kind_of(core);
        auto found = std::ranges::find(kinds, kind);
        if (found == kinds.end()) {
            if (kinds.size() == graph::max_kinds) {
                throw ConfigError("workers of more than " + std::to_string(graph::max_kinds) +
                                  " kinds");
            }
            found = kinds.insert(kinds.end(), kind);
        }
        ++count[static_cast<std::size_t>(found - kinds.begin())];
    }
    usual_kind = static_cast<std::uint8_t>(std::ranges::max_element(count) - count.begin());
}

/// The chip and the worker program can do it, and each kernel has room on its core.
void GraphProgram::State::check_programs() const {
    const ChipConfig& config = device.config();
    if (!leads_programs(worker_program)) {
        throw GraphError("the worker program '" + worker_program.name() +
                         "' was built for a version whose tasks are no programs; build it again");
    }
    for (const TileProgram& program : programs) {
        std::uint32_t taken = 0;
        for (const TileKernel& kernel : program.kernels) {
            const std::string text = "program '" + program.name + "': kernel '" +
                                     kernel.kernel.name() + "' on core " +
                                     std::to_string(kernel.processor);
            const std::size_t cores =
                std::min<std::size_t>(config.cores.size(), graph::max_program_cores);
            if (kernel.processor >= cores) {
                throw ConfigError(text + "; a program reaches cores 0 to " +
                                  std::to_string(cores - 1) + " of a tile of '" + config.name +
                                  "'");
            }
            if ((taken >> kernel.processor & 1) != 0) {
                throw ConfigError(text + ", where the program has another one");
            }
            taken |= 1u << kernel.processor;
            if (kernel.feeds_engine && config.compute_engines == 0) {
                throw ConfigError(text + " is a compute kernel, and the tiles of '" + config.name +
                                  "' have no compute engines (compute_engines is 0)");
            }
            constexpr std::uint32_t stack = 512;  // that a core has at least
            const std::uint32_t room = config.cores[kernel.processor].local_bytes;
            const std::uint32_t globals = kernel.kernel.image()->globals_end() - abi::local_base;
            if (globals + stack > room) {
                throw ConfigError(text + " has " + std::to_string(globals) +
                                  " bytes of globals, which leave less than " +
                                  std::to_string(stack) + " of the core's " + std::to_string(room) +
                                  " for the stack");
            }
        }
    }
}

/// Who leads has the tile's other cores for that, and its kind for itself: tasks go where their
/// kind is.
void GraphProgram::State::check_leaders() const {
    for (const CoreId& worker : workers) {
        if (worker.processor == 0) continue;
        const auto leader = std::ranges::find(workers, CoreId{worker.tile, 0});
        const std::string text = "worker " + describe(worker);
        if (leader != workers.end()) {
            throw ConfigError(text +
                              " belongs to what the worker on core 0 of its tile leads, as "
                              "the graph has programs of kernels; expected one of them");
        }
        if (kind_of(worker) == kind_of({worker.tile, 0})) {
            throw ConfigError(text + " cannot lead a program of kernels, as workers of the kind " +
                              std::string(name(CoreKind{kind_of(worker)})) +
                              " have to in this graph; expected core 0 of a tile");
        }
    }
}

void GraphProgram::State::check_scheduler(const Graph& graph) const {
    const std::uint32_t can = scheduler_features(scheduler);
    const auto need = [&](bool needed, std::uint32_t feature, const char* what) {
        if (!needed || (can & feature) != 0) return;
        throw GraphError("the scheduler '" + scheduler.name() +
                         "' does not say that it can deal with " + what +
                         " (TILEWRIGHT_SCHEDULER of tilewright/kernel/scheduling.hpp)");
    };
    need(!graph.control_edges().empty(), graph::feature::control_flow,
         "parts of graphs that are repeated or left out");
    need(graph.reserved().tasks != 0, graph::feature::dynamic_tasks, "tasks that add tasks");
    need(!graph.gangs().empty(), graph::feature::gangs, "tasks on several cores");
    need(graph.top_priority() != 0, graph::feature::priorities, "priorities of tasks");
}

/// Of one task, by kind. ConfigError for a task that needs more workers than there are.
std::array<std::uint32_t, graph::max_kinds> GraphProgram::State::most_cores(
    const Graph& graph) const {
    std::array<std::uint32_t, graph::max_kinds> most{};
    for (const Gang& gang : graph.gangs()) {
        const std::uint8_t kind = kind_number(graph, gang.task);
        const auto there =
            std::ranges::count(workers, kinds[kind], [this](CoreId core) { return kind_of(core); });
        if (gang.cores > there) {
            throw ConfigError(graph.name(gang.task) + " needs " + std::to_string(gang.cores) +
                              " workers of the kind " + std::string(name(CoreKind{kinds[kind]})) +
                              " at once, and " + std::to_string(there) + " were given");
        }
        most[kind] = std::max(most[kind], gang.cores);
    }
    return most;
}

/// Of each kind, workers that tasks can keep at work at once: not more than the tasks have cores.
/// The library's scheduler hands a task to the first worker that is idle, so that those behind them
/// would get none.
std::array<std::uint32_t, graph::max_kinds> GraphProgram::State::most_at_work(
    const Graph& graph) const {
    std::array<std::uint32_t, graph::max_kinds> most{};
    most.fill(graph.reserved().tasks);
    for (TaskId task = 0; task < task_count; ++task) ++most[kind_number(graph, task)];
    for (const Gang& gang : graph.gangs()) most[kind_number(graph, gang.task)] += gang.cores - 1;
    return most;
}

/// In turns, but the first scheduler gets as many of each kind as a task has cores; those that
/// would be beyond `most` of their kind with their scheduler stay out of the run.
void GraphProgram::State::distribute_workers(
    const Graph& graph, const std::array<std::uint32_t, graph::max_kinds>& most) {
    const auto cores = most_cores(graph);
    workers_of.resize(schedulers.size());
    takes_part.resize(workers.size());
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        std::vector<std::uint32_t> of_kind;
        for (std::uint32_t w = 0; w < workers.size(); ++w) {
            if (kind_of(workers[w]) == kinds[kind]) of_kind.push_back(w);
        }
        const std::size_t fair = (of_kind.size() + schedulers.size() - 1) / schedulers.size();
        const std::size_t first = std::max<std::size_t>(fair, cores[kind]);
        if (first > graph::max_workers_of_kind) {
            throw ConfigError(std::to_string(of_kind.size()) + " workers of the kind " +
                              std::string(name(CoreKind{kinds[kind]})) +
                              "; a scheduler takes up to " +
                              std::to_string(graph::max_workers_of_kind) + " of a kind");
        }
        std::size_t left_for_first = first;
        std::size_t left_for_others = of_kind.size() - first;
        std::size_t s = 0;
        std::array<std::uint32_t, graph::max_schedulers> of_this_kind{};
        for (const std::uint32_t worker : of_kind) {
            while ((s == 0 ? left_for_first : left_for_others) == 0)
                s = (s + 1) % schedulers.size();
            --(s == 0 ? left_for_first : left_for_others);
            if (of_this_kind[s]++ < most[kind]) {
                workers_of[s].push_back(worker);
                takes_part[worker] = true;
            }
            s = (s + 1) % schedulers.size();
        }
    }
    std::size_t largest = 0;
    for (const auto& of_one : workers_of) largest = std::max(largest, of_one.size());
    if (largest > graph::max_workers) {
        throw ConfigError(std::to_string(largest) +
                          " workers for one scheduler, which takes up to " +
                          std::to_string(graph::max_workers));
    }
    ring_bytes = 64;
    while (ring_bytes / 4 < 2 * largest + 16) ring_bytes *= 2;
}

}  // namespace tilewright
