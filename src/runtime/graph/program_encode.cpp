// Writing a graph into the memory of a device in the form of graph/layout.hpp.
#include <algorithm>
#include <array>
#include <bit>

#include "runtime/graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/runtime/graph/check.hpp"
#include "tilewright/runtime/graph/jumps.hpp"

namespace tilewright {

using graph_memory::address;
using graph_memory::write;

namespace {

std::string core_text(CoreId id) {
    return "(" + std::to_string(id.tile.x) + ", " + std::to_string(id.tile.y) + ", " +
           std::to_string(id.processor) + ")";
}

/// In the last bank that has room inside the window, where users' own buffers come last.
Buffer allocate_direct(Device& device, std::uint64_t bytes) {
    const ChipConfig& config = device.config();
    if (config.direct_memory_bytes == 0) {
        throw ConfigError("graphs lie in direct memory, which '" + config.name + "' does not have");
    }
    const auto banks = static_cast<std::uint32_t>(
        (config.direct_memory_bytes + config.dram_bank_bytes - 1) / config.dram_bank_bytes);
    for (std::uint32_t bank = banks; bank-- > 1;) {
        try {
            Buffer buffer = device.allocate(bytes, Placement::in_bank(bank));
            buffer.core_address();
            return buffer;
        } catch (const AddressError&) {  // full there
        }
    }
    Buffer buffer = device.allocate(bytes, Placement::in_bank(0));
    buffer.core_address();
    return buffer;
}

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

/// All of them, or as many as the schedulers take.
std::vector<CoreId> usual_workers(const ChipConfig& config, std::uint32_t schedulers) {
    const std::size_t all = config.tile_count() * config.cores.size();
    const std::size_t most = std::size_t{graph::max_workers} * schedulers;
    return first_workers(config, static_cast<std::uint32_t>(std::min(all, most)));
}

}  // namespace

GraphProgram::State::State(Device& device_, const Graph& graph, const GraphOptions& options)
    : device(device_),
      scheduler(options.scheduler ? *options.scheduler : builtin_scheduler()),
      worker_program(options.worker_program ? *options.worker_program : builtin_worker_program()),
      functions(task_functions(worker_program)),
      tasks_ahead(options.tasks_ahead),
      task_count(static_cast<std::uint32_t>(graph.size())),
      workers(options.workers.empty() ? usual_workers(device.config(), options.schedulers)
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
    if (graph.reserved().tasks != 0 && !graph.jumps().empty()) {
        throw GraphError("a graph with parts that are repeated or left out cannot grow");
    }
    check_order(graph);
    optional = check_jumps(graph);
    check_scheduler(graph);
    choose_kinds();
    const bool hardware_floats = std::ranges::all_of(workers, [&](CoreId core) {
        const std::string& isa = device.config().cores[core.processor].isa;
        return riscv::parse_isa(isa).has(riscv::Extension::f);
    });
    if (!options.worker_program && hardware_floats) {
        worker_program = Kernel::builtin("graph_worker_float");  // the same functions
    }
    distribute_workers(graph);
    for (const Kernel& kernel : options.kernels) {
        image_numbers.push_back(device.allow_calls(kernel));
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
}

void GraphProgram::State::choose_kinds() {
    std::array<std::uint32_t, graph::max_kinds> count{};
    const ChipConfig& config = device.config();
    for (const CoreId& core : workers) {
        const bool there = core.tile.x < config.tile_columns() &&
                           core.tile.y < config.tile_rows() && core.processor < config.cores.size();
        if (!there) throw AddressError("no worker core " + core_text(core));
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

void GraphProgram::State::check_scheduler(const Graph& graph) const {
    const std::uint32_t can = scheduler_features(scheduler);
    const auto need = [&](bool needed, std::uint32_t feature, const char* what) {
        if (!needed || (can & feature) != 0) return;
        throw GraphError("the scheduler '" + scheduler.name() +
                         "' does not say that it can deal with " + what +
                         " (TILEWRIGHT_SCHEDULER of tilewright/kernel/scheduling.hpp)");
    };
    need(!graph.jumps().empty(), graph::feature::jumps,
         "parts of graphs that are repeated or left out");
    need(graph.reserved().tasks != 0, graph::feature::growth, "tasks that add tasks");
    need(!graph.gangs().empty(), graph::feature::gangs, "tasks on several cores");
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

/// In turns, but the first scheduler gets as many of each kind as a task has cores.
void GraphProgram::State::distribute_workers(const Graph& graph) {
    const auto cores = most_cores(graph);
    workers_of.resize(schedulers.size());
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
        for (const std::uint32_t worker : of_kind) {
            while ((s == 0 ? left_for_first : left_for_others) == 0)
                s = (s + 1) % schedulers.size();
            --(s == 0 ? left_for_first : left_for_others);
            workers_of[s].push_back(worker);
            s = (s + 1) % schedulers.size();
        }
    }
    std::size_t most = 0;
    for (const auto& of_one : workers_of) most = std::max(most, of_one.size());
    if (most > graph::max_workers) {
        throw ConfigError(std::to_string(most) + " workers for one scheduler, which takes up to " +
                          std::to_string(graph::max_workers));
    }
    ring_bytes = 64;
    while (ring_bytes / 4 < 2 * most + 16) ring_bytes *= 2;
}

// --- Writing it ---------------------------------------------------------------------------------

std::uint32_t GraphProgram::State::function_word(const Graph& graph, TaskId task) const {
    const std::uint32_t function = graph.functions()[task];
    const std::uint32_t kind = std::uint32_t{kind_number(graph, task)}
                               << graph::function::kind_shift;
    if (function < functions.size()) return function | kind;
    const std::uint32_t kernel = function - first_kernel_function;
    if (kernel < image_numbers.size()) {
        return graph::function::call_image | image_numbers[kernel] | kind;
    }
    throw GraphError(graph.name(task) + ": no function " + std::to_string(function) +
                     "; the worker program has " + std::to_string(functions.size()) +
                     ", and beside it there are " + std::to_string(image_numbers.size()) +
                     " kernels");
}

std::uint8_t GraphProgram::State::kind_number(const Graph& graph, TaskId task) const {
    std::uint8_t kind = graph.kinds()[task];
    const std::uint32_t function = graph.functions()[task];
    if (kind == kind_of_function && function < functions.size()) kind = functions[function].kind;
    if (kind == kind_of_function) return usual_kind;
    const auto found = std::ranges::find(kinds, kind);
    if (found != kinds.end()) return static_cast<std::uint8_t>(found - kinds.begin());
    throw ConfigError(graph.name(task) + " needs a worker of the kind " +
                      std::string(name(CoreKind{kind})) + ", and none was given");
}

void GraphProgram::State::encode(const Graph& graph) {
    const TaskLists& successors = graph.successors();
    const std::vector<std::uint32_t> predecessors = graph.predecessor_counts();
    const auto edge_to = [&](TaskId t) {
        const std::uint32_t how = graph.cores(t) > 1     ? graph::edge::gang
                                  : predecessors[t] <= 1 ? graph::edge::only
                                                         : 0;
        return t | std::uint32_t{kind_number(graph, t)} << graph::edge::kind_shift | how |
               graph::edge::present;
    };
    std::array<std::uint32_t, queue_count> places{};  // in each ready queue
    std::size_t list_words = 0;
    for (TaskId t = 0; t < task_count; ++t) {
        const std::size_t queue = graph.cores(t) > 1 ? graph::max_kinds : kind_number(graph, t);
        ++places[queue];
        if (predecessors[t] == 0) roots[queue].push_back(edge_to(t));
        const std::size_t count = successors.of(t).size();
        if (count > 1) list_words += count;
    }
    std::uint32_t ring_words = 0;
    growth.spare_tasks = graph.reserved().tasks;
    growth.spare_edges = graph.reserved().edges;
    growth.argument_room = graph.reserved().arguments;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) places[kind] += growth.spare_tasks;
    for (std::uint32_t& count : places) ring_words += count = std::bit_ceil(std::max(count, 1u));
    for (const Gang& gang : graph.gangs()) {
        member_tasks.insert(member_tasks.end(), gang.cores - 1, gang.task);
    }
    const std::uint32_t first_member = task_count + growth.spare_tasks;
    record_count = first_member + static_cast<std::uint32_t>(member_tasks.size());

    records = allocate_direct(device, std::max<std::size_t>(record_count, 1) * sizeof(graph::Task));
    arguments = allocate_direct(device, std::max<std::size_t>(graph.all_arguments().size(), 1) * 8);
    lists = allocate_direct(device, list_words * 4 + workers.size() * sizeof(graph::Worker));
    rings = allocate_direct(device, std::uint64_t{ring_words} * 4);
    header_buffer = allocate_direct(device, sizeof(graph::Header));
    if (!graph.jumps().empty()) {
        jump_buffer = allocate_direct(device, graph.jumps().size() * sizeof(graph::Jump));
    }
    if (!graph.gangs().empty()) {
        gang_buffer = allocate_direct(device, graph.gangs().size() * sizeof(graph::Gang));
    }
    for (const CoreId& core : schedulers) {
        queues.push_back(device.allocate(4 + ring_bytes, Placement::in_l1(core.tile)));
    }

    write(arguments, graph.all_arguments());
    std::uint32_t list_at = 0;  // bytes of `lists` that are written
    const auto append = [&](std::span<const std::uint32_t> words) {
        const std::uint32_t at = address(lists) + list_at;
        write(lists, words, list_at);
        list_at += static_cast<std::uint32_t>(words.size_bytes());
        return at;
    };
    // From what follows a task otherwise to what its record holds. Jumps and gangs are in order of
    // tasks.
    const auto with_jump = [&](TaskId task, std::uint32_t follows) {
        if (jumps.size() == graph.jumps().size()) return follows;
        const Jump& jump = graph.jumps()[jumps.size()];
        if (jump.from != task) return follows;
        if (graph.cores(jump.to) > 1) {
            throw GraphError(graph.name(jump.to) +
                             " runs on several cores, and is where a part that is repeated begins "
                             "or one that may be left out ends; put an empty task before it");
        }
        const auto offset = static_cast<std::uint32_t>(jumps.size() * sizeof(graph::Jump));
        jumps.push_back({.to = edge_to(jump.to) | graph::edge::only,
                         .successors = follows,
                         .word = jump.word,
                         .on_zero = jump.when == Jump::When::zero,
                         .times = jump.times,
                         .left = jump.times});
        return (address(jump_buffer) + offset) | graph::jump_mark;
    };
    std::vector<graph::Task> members;  // records of cores 1, 2, ...
    const auto with_gang = [&](TaskId t, graph::Task& task) {
        if (gangs.size() == graph.gangs().size()) return;
        const Gang& gang = graph.gangs()[gangs.size()];
        if (gang.task != t) return;
        const auto offset = static_cast<std::uint32_t>(gangs.size() * sizeof(graph::Gang));
        const auto first = static_cast<std::uint32_t>(first_member + members.size());
        gangs.push_back({.task = t,
                         .cores = gang.cores,
                         .left = gang.cores,
                         .successors = task.successors,
                         .members = address(records) + first * graph::record_bytes});
        task.successors = (address(gang_buffer) + offset) | graph::gang_mark;
        task.function |= (gang.cores - 1) << graph::function::cores_shift;
        for (std::uint32_t rank = 1; rank < gang.cores; ++rank) {
            members.push_back(task);
            members.back().function |= rank << graph::function::rank_shift;
        }
    };
    std::vector<graph::Task> piece;
    std::vector<std::uint32_t> list;
    for (TaskId first = 0; first < task_count; first += chunk) {
        piece.clear();
        list.clear();
        const std::uint32_t lists_from = address(lists) + list_at;
        for (TaskId t = first; t < std::min<std::size_t>(first + chunk, task_count); ++t) {
            graph::Task task{};
            task.dependencies = predecessors[t];
            const std::span<const TaskId> following = successors.of(t);
            if (following.size() == 1) task.successors = edge_to(following[0]);
            if (following.size() > 1) {
                task.successors = lists_from + static_cast<std::uint32_t>(list.size() * 4);
                for (TaskId next : following) list.push_back(edge_to(next));
                list.back() |= graph::edge::last;
            }
            task.successors = with_jump(t, task.successors);
            task.function = function_word(graph, t);
            task.arguments = address(arguments) + graph.argument_offsets()[t] * 8;
            task.argument_words = static_cast<std::uint32_t>(graph.arguments(t).size() * 2);
            with_gang(t, task);
            piece.push_back(task);
        }
        write(records, std::span<const graph::Task>(piece),
              std::uint64_t{first} * sizeof(graph::Task));
        append(list);
    }
    write(records, std::span<const graph::Task>(members),
          std::uint64_t{first_member} * sizeof(graph::Task));
    const std::vector<graph::Task> blank(std::min<std::size_t>(growth.spare_tasks, chunk));
    for (std::uint32_t at = 0; at < growth.spare_tasks; at += chunk) {
        const std::size_t count = std::min<std::size_t>(chunk, growth.spare_tasks - at);
        write(records, std::span(blank).first(count),
              std::uint64_t{task_count + at} * sizeof(graph::Task));
    }

    if (growth.spare_tasks != 0) encode_growth();
    header.gang_count = static_cast<std::uint32_t>(gangs.size());
    encode_header(places);
    for (std::size_t s = 0; s < schedulers.size(); ++s) {
        std::vector<std::uint32_t> words;
        for (std::uint32_t w : workers_of[s]) {
            const auto kind = std::ranges::find(kinds, kind_of(workers[w])) - kinds.begin();
            words.insert(words.end(),
                         {abi::node(abi::NodeSpace::tile, workers[w].tile.x, workers[w].tile.y),
                          mailbox(w), static_cast<std::uint32_t>(kind), w});
        }
        header.schedulers[s].workers = append(words);
    }
}

void GraphProgram::State::encode_header(std::span<const std::uint32_t> places) {
    header.records = address(records);
    header.task_count = task_count;
    header.scheduler_count = static_cast<std::uint32_t>(schedulers.size());
    header.tasks_ahead = tasks_ahead;
    header.kind_count = static_cast<std::uint32_t>(kinds.size());
    std::uint32_t ring_at = address(rings);
    for (std::size_t i = 0; i < queue_count; ++i) {
        graph::ReadyQueue& queue = ready(i);
        queue.ring = ring_at;
        queue.mask = places[i] - 1;
        queue.tail = queue.ready = static_cast<std::uint32_t>(roots[i].size());
        header.active += queue.ready;
        ring_at += places[i] * 4;
    }
    for (std::size_t s = 0; s < schedulers.size(); ++s) {
        const TileId tile = schedulers[s].tile;
        header.schedulers[s].queue_node = abi::node(abi::NodeSpace::tile, tile.x, tile.y);
        header.schedulers[s].queue_address = static_cast<std::uint32_t>(queues[s].address());
        header.schedulers[s].queue_ring_bytes = ring_bytes;
        header.schedulers[s].worker_count = static_cast<std::uint32_t>(workers_of[s].size());
    }
}

void GraphProgram::State::encode_growth() {
    const auto word = [&](std::uint8_t kind) {
        const auto found = std::ranges::find(kinds, kind);
        return found == kinds.end() ? graph::function::no_worker
                                    : static_cast<std::uint32_t>(found - kinds.begin())
                                          << graph::function::kind_shift;
    };
    std::vector<std::uint32_t> words;
    for (std::uint32_t f = 0; f < functions.size(); ++f) {
        const std::uint8_t kind = functions[f].kind;
        words.push_back(f | word(kind == kind_of_function ? kinds[usual_kind] : kind));
    }
    for (const std::uint32_t image : image_numbers) {
        words.push_back(graph::function::call_image | image | word(kinds[usual_kind]));
    }
    const std::size_t states = std::size_t{task_count} + growth.spare_tasks;
    growth_buffer = allocate_direct(device, sizeof(graph::Growth) + words.size() * 4);
    growth_states = allocate_direct(device, states * sizeof(graph::GrowingTask) +
                                                growth.spare_edges * sizeof(graph::AddedEdge));
    growth_arguments = allocate_direct(
        device,
        std::max<std::uint64_t>(std::uint64_t{growth.spare_tasks} * growth.argument_room * 8, 8));
    write(growth_buffer, std::span<const std::uint32_t>(words), sizeof(graph::Growth));
    header.growth = address(growth_buffer);
    growth.states = address(growth_states);
    growth.edge_list =
        growth.states + static_cast<std::uint32_t>(states * sizeof(graph::GrowingTask));
    growth.arguments = address(growth_arguments);
    growth.functions = header.growth + static_cast<std::uint32_t>(sizeof(graph::Growth));
    growth.function_count = static_cast<std::uint32_t>(functions.size());
    growth.kernels = growth.functions + growth.function_count * 4;
    growth.kernel_count = static_cast<std::uint32_t>(image_numbers.size());
    std::ranges::fill(growth.kinds, graph::no_kind);
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        growth.kinds[kinds[kind]] = static_cast<std::uint32_t>(kind);
    }
}

}  // namespace tilewright
