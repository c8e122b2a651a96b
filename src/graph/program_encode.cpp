// Writing a graph into the memory of a device in the form of firmware/graph_layout.hpp.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/noc/registers.hpp"

namespace tilewright {

using graph_memory::address;
using graph_memory::write;

namespace {

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
        } catch (const OutOfMemoryError&) {  // look in the next
        } catch (const AddressError&) {      // it lies past the end of the window
        }
    }
    Buffer buffer = device.allocate(bytes, Placement::in_bank(0));
    buffer.core_address();
    return buffer;
}

}  // namespace

std::uint32_t GraphProgram::State::function_word(const Graph& graph, TaskId task) const {
    const std::uint32_t function = graph.functions()[task];
    const std::uint32_t kind = std::uint32_t{kind_number(graph, task)}
                               << graph::function::kind_shift;
    if (function < functions.size()) {
        const std::size_t given = graph.arguments(task).size();
        const std::size_t needed = functions[function].arguments;
        if (given >= needed) return function | kind;
        throw GraphError(graph.name(task) + ": '" + functions[function].name + "' takes " +
                         counted(needed, "argument") + ", and argument " + std::to_string(given) +
                         " is missing");
    }
    if (function - first_program_function < programs.size()) {
        if (graph.cores(task) == 1) return static_cast<std::uint32_t>(functions.size()) | kind;
        throw GraphError(graph.name(task) +
                         ": a program runs on one tile, and cannot be a task on " +
                         std::to_string(graph.cores(task)) + " cores");
    }
    const std::uint32_t kernel = function - first_kernel_function;
    if (kernel < image_numbers.size()) {
        return graph::function::call_image | image_numbers[kernel] | kind;
    }
    throw GraphError(graph.name(task) + ": no function " + std::to_string(function) +
                     "; the worker program has " + std::to_string(functions.size()) +
                     ", and beside it there are " + counted(image_numbers.size(), "kernel") +
                     " and " + counted(programs.size(), "program"));
}

std::uint8_t GraphProgram::State::kind_number(const Graph& graph, TaskId task) const {
    std::uint8_t kind = graph.kinds()[task];
    const std::uint32_t function = graph.functions()[task];
    if (kind == kind_of_function && function < functions.size()) kind = functions[function].kind;
    if (function - first_program_function < programs.size()) {
        kind = static_cast<std::uint8_t>(device.config().cores[0].kind);  // those of leaders
    }
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
    const std::size_t levels = graph.top_priority() + std::size_t{1};
    if (levels > 1) {
        above.resize(levels - 1);
        priorities.resize(task_count);
        for (TaskId t = 0; t < task_count; ++t) {
            priorities[t] = static_cast<std::uint8_t>(graph.priority(t));
        }
    }
    roots.resize(levels * queues_of_level);
    std::vector<std::uint32_t> places(roots.size());  // in each ready queue
    std::size_t list_words = 0;
    for (TaskId t = 0; t < task_count; ++t) {
        const std::size_t queue = queue_of(
            graph.priority(t), graph.cores(t) > 1 ? graph::max_kinds : kind_number(graph, t));
        ++places[queue];
        if (predecessors[t] == 0) roots[queue].push_back(edge_to(t));
        const std::size_t count = successors.of(t).size();
        if (count > 1) list_words += count;
    }
    std::uint32_t ring_words = 0;
    dynamic.spare_tasks = graph.reserved().tasks;
    dynamic.spare_edges = graph.reserved().edges;
    dynamic.argument_room = graph.reserved().arguments;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) places[kind] += dynamic.spare_tasks;
    for (std::uint32_t& count : places) ring_words += count = std::bit_ceil(std::max(count, 1u));
    for (const Gang& gang : graph.gangs()) {
        member_tasks.insert(member_tasks.end(), gang.cores - 1, gang.task);
    }
    const std::uint32_t first_member = task_count + dynamic.spare_tasks;
    record_count = first_member + static_cast<std::uint32_t>(member_tasks.size());

    records = allocate_direct(device, std::max<std::size_t>(record_count, 1) * sizeof(graph::Task));
    arguments = allocate_direct(device, std::max<std::size_t>(graph.all_arguments().size(), 1) * 8);
    lists = allocate_direct(device, list_words * 4 + workers.size() * sizeof(graph::Worker));
    rings = allocate_direct(device, std::uint64_t{ring_words} * 4);
    header_buffer = allocate_direct(device, sizeof(graph::Header));
    if (!graph.control_edges().empty()) {
        control_buffer =
            allocate_direct(device, graph.control_edges().size() * sizeof(graph::ControlEdge));
    }
    if (!graph.gangs().empty()) {
        gang_buffer = allocate_direct(device, graph.gangs().size() * sizeof(graph::Gang));
    }
    if (!above.empty()) {
        above_buffer = allocate_direct(device, above.size() * sizeof(graph::LevelQueues));
        header.above = address(above_buffer);
        header.top_priority = static_cast<std::uint32_t>(above.size());
    }
    for (const CoreId& core : schedulers) {
        queues.push_back(device.allocate(4 + ring_bytes, Placement::in_l1(core.tile)));
    }

    write(arguments, graph.all_arguments());
    if (!programs.empty()) encode_programs(graph);
    std::uint32_t list_at = 0;  // bytes of `lists` that are written
    const auto append = [&](std::span<const std::uint32_t> words) {
        const std::uint32_t at = address(lists) + list_at;
        write(lists, words, list_at);
        list_at += static_cast<std::uint32_t>(words.size_bytes());
        return at;
    };
    // From what follows a task otherwise to what its record holds. Control-flow edges and gangs
    // are in the order of their tasks.
    const auto with_control_edge = [&](TaskId task, std::uint32_t follows) {
        if (control_edges.size() == graph.control_edges().size()) return follows;
        const ControlEdge& edge = graph.control_edges()[control_edges.size()];
        if (edge.from != task) return follows;
        if (graph.cores(edge.to) > 1) {
            throw GraphError(graph.name(edge.to) +
                             " runs on several cores, and is where a part that is repeated begins "
                             "or one that may be left out ends; put an empty task before it");
        }
        const auto offset =
            static_cast<std::uint32_t>(control_edges.size() * sizeof(graph::ControlEdge));
        control_edges.push_back({.to = edge_to(edge.to) | graph::edge::only,
                                 .successors = follows,
                                 .word = edge.word,
                                 .on_zero = edge.when == ControlEdge::When::zero,
                                 .times = edge.times,
                                 .left = edge.times});
        return (address(control_buffer) + offset) | graph::control_mark;
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
            task.successors = with_control_edge(t, task.successors);
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
    const std::vector<graph::Task> blank(std::min<std::size_t>(dynamic.spare_tasks, chunk));
    for (std::uint32_t at = 0; at < dynamic.spare_tasks; at += chunk) {
        const std::size_t count = std::min<std::size_t>(chunk, dynamic.spare_tasks - at);
        write(records, std::span(blank).first(count),
              std::uint64_t{task_count + at} * sizeof(graph::Task));
    }

    if (dynamic.spare_tasks != 0) encode_dynamic_tasks();
    header.gang_count = static_cast<std::uint32_t>(gangs.size());
    encode_header(places);
    for (std::size_t s = 0; s < schedulers.size(); ++s) {
        std::vector<std::uint32_t> words;
        for (std::uint32_t w : workers_of[s]) {
            const auto kind = std::ranges::find(kinds, kind_of(workers[w])) - kinds.begin();
            words.insert(words.end(),
                         {abi::node(abi::NodeSpace::tile, workers[w].tile.x, workers[w].tile.y),
                          mailbox(workers[w]), static_cast<std::uint32_t>(kind), w});
        }
        header.schedulers[s].workers = append(words);
    }
}

void GraphProgram::State::encode_programs(const Graph& graph) {
    std::vector<graph::TileProgram> table;
    std::vector<std::uint32_t> setup;
    auto image = program_images.begin();
    for (const TileProgram& program : programs) {
        graph::TileProgram& entry = table.emplace_back();
        for (const TileKernel& kernel : program.kernels) {
            entry.images[kernel.processor] = *image++ + 1;
        }
        entry.setup = static_cast<std::uint32_t>(setup.size() * 4);  // behind the table
        for (const L1Words& part : program.setup) {
            setup.push_back(part.address);
            setup.push_back(static_cast<std::uint32_t>(part.words.size()));
            setup.insert(setup.end(), part.words.begin(), part.words.end());
        }
        entry.setup_words = static_cast<std::uint32_t>(setup.size()) - entry.setup / 4;
        entry.followers = following;
    }
    const std::size_t table_bytes = table.size() * sizeof(graph::TileProgram);
    program_buffer = allocate_direct(device, table_bytes + setup.size() * 4);
    for (graph::TileProgram& entry : table) {
        entry.setup += address(program_buffer) + static_cast<std::uint32_t>(table_bytes);
    }
    write(program_buffer, std::span<const graph::TileProgram>(table));
    write(program_buffer, std::span<const std::uint32_t>(setup), table_bytes);
    for (TaskId t = 0; t < task_count; ++t) {
        const std::uint32_t number = graph.functions()[t] - first_program_function;
        if (number >= programs.size()) continue;
        if (graph.arguments(t).size() * 8 < sizeof(graph::ProgramCall)) {
            throw GraphError(graph.name(t) + ": a program takes what program_arguments() gives");
        }
        const std::uint32_t at = address(program_buffer) +
                                 number * static_cast<std::uint32_t>(sizeof(graph::TileProgram));
        write(
            arguments, std::span(&at, 1),
            std::uint64_t{graph.argument_offsets()[t]} * 8 + offsetof(graph::ProgramCall, program));
    }
}

void GraphProgram::State::encode_header(std::span<const std::uint32_t> places) {
    header.records = address(records);
    header.task_count = task_count;
    header.scheduler_count = static_cast<std::uint32_t>(schedulers.size());
    header.tasks_ahead = tasks_ahead;
    header.kind_count = static_cast<std::uint32_t>(kinds.size());
    std::uint32_t ring_at = address(rings);
    for (std::size_t i = 0; i < places.size(); ++i) {
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

void GraphProgram::State::encode_dynamic_tasks() {
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
    for (const TaskFunction& function : functions) words.push_back(function.arguments);
    const std::size_t states = std::size_t{task_count} + dynamic.spare_tasks;
    dynamic_buffer = allocate_direct(device, sizeof(graph::DynamicTasks) + words.size() * 4);
    dynamic_states = allocate_direct(
        device, states * sizeof(graph::TaskState) + dynamic.spare_edges * sizeof(graph::AddedEdge));
    dynamic_arguments = allocate_direct(
        device,
        std::max<std::uint64_t>(std::uint64_t{dynamic.spare_tasks} * dynamic.argument_room * 8, 8));
    write(dynamic_buffer, std::span<const std::uint32_t>(words), sizeof(graph::DynamicTasks));
    header.dynamic_tasks = address(dynamic_buffer);
    dynamic.states = address(dynamic_states);
    dynamic.edge_list =
        dynamic.states + static_cast<std::uint32_t>(states * sizeof(graph::TaskState));
    dynamic.arguments = address(dynamic_arguments);
    dynamic.functions =
        header.dynamic_tasks + static_cast<std::uint32_t>(sizeof(graph::DynamicTasks));
    dynamic.function_count = static_cast<std::uint32_t>(functions.size());
    dynamic.kernels = dynamic.functions + dynamic.function_count * 4;
    dynamic.kernel_count = static_cast<std::uint32_t>(image_numbers.size());
    dynamic.needs = dynamic.kernels + dynamic.kernel_count * 4;
    std::ranges::fill(dynamic.kinds, graph::no_kind);
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        dynamic.kinds[kinds[kind]] = static_cast<std::uint32_t>(kind);
    }
}

}  // namespace tilewright
