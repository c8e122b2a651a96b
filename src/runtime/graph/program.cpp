// Graphs on a device: written once in the form of graph/layout.hpp, run as often as one likes.
#include "tilewright/runtime/graph/program.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/runtime/graph/check.hpp"
#include "tilewright/runtime/graph/jumps.hpp"
#include "tilewright/runtime/graph/layout.hpp"

namespace tilewright {
namespace {

constexpr std::size_t chunk = 4096;  // records that the host holds at once

std::string core_text(CoreId id) {
    return "(" + std::to_string(id.tile.x) + ", " + std::to_string(id.tile.y) + ", " +
           std::to_string(id.processor) + ")";
}

template <class T>
void write(const Buffer& buffer, std::span<const T> values, std::uint64_t offset = 0) {
    buffer.write(std::as_bytes(values), offset);
}
template <class T>
void read(const Buffer& buffer, std::span<T> values, std::uint64_t offset = 0) {
    buffer.read(std::as_writable_bytes(values), offset);
}

void clear(const Buffer& buffer) {
    const std::vector<std::byte> zeros(std::min<std::uint64_t>(buffer.bytes(), 1 << 16));
    for (std::uint64_t at = 0; at < buffer.bytes(); at += zeros.size()) {
        buffer.write(
            std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), buffer.bytes() - at)), at);
    }
}

std::uint32_t core_address(const Buffer& buffer) {
    return value(buffer.core_address());
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

std::uint64_t joined(const std::uint32_t (&words)[2]) {
    return words[0] | std::uint64_t{words[1]} << 32;
}

}  // namespace

Kernel builtin_scheduler() {
    return Kernel::builtin("graph_scheduler");
}
Kernel builtin_worker_program() {
    return Kernel::builtin("graph_worker");
}

std::vector<CoreId> first_workers(const ChipConfig& config, std::uint32_t count) {
    std::vector<CoreId> cores;
    const std::size_t all = config.tile_count() * config.cores.size();
    if (count > all) {
        throw ConfigError("no " + std::to_string(count) + " workers: '" + config.name + "' has " +
                          std::to_string(all));
    }
    if (count == 0) count = static_cast<std::uint32_t>(all);
    for (std::uint32_t t = 0; cores.size() < count; ++t) {
        for (std::uint16_t p = 0; p < config.cores.size() && cores.size() < count; ++p) {
            cores.push_back({config.tile_id(t), p});
        }
    }
    return cores;
}

struct GraphProgram::State {
    State(Device& device_, const Graph& graph, const GraphOptions& options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void forbid_calls();
    void choose_kinds();
    void distribute_workers();
    void encode(const Graph& graph);
    std::uint32_t function_word(const Graph& graph, TaskId task) const;
    std::uint8_t kind_number(const Graph& graph, TaskId task) const;
    std::uint8_t kind_of(CoreId core) const {
        const ChipConfig& config = device.config();
        return static_cast<std::uint8_t>(config.cores.at(core.processor).kind);
    }
    std::uint32_t mailbox(std::uint32_t worker) const {
        return abi::mailbox_base + workers[worker].processor * abi::mailbox_stride;
    }
    std::array<std::uint32_t, abi::mailbox_stride / 4> mailbox_words(std::uint32_t worker) const;
    /// Calls f(first task, records) for all, in pieces.
    template <class F>
    void for_records(F&& f) const;
    void reset();

    Device& device;
    Kernel scheduler;
    Kernel worker_program;
    std::vector<TaskFunction> functions;
    std::vector<std::uint32_t> image_numbers;  // of the kernels that tasks may call
    std::uint32_t tasks_ahead;
    std::uint32_t task_count;
    std::vector<CoreId> workers;
    std::vector<CoreId> schedulers;
    std::vector<std::uint8_t> kinds;                     // CoreKinds of the workers, by kind number
    std::uint8_t usual_kind = 0;                         // of tasks that do not care
    std::vector<std::vector<std::uint32_t>> workers_of;  // by scheduler: numbers, kind by kind

    Buffer records;
    Buffer arguments;  // 64-bit words
    Buffer lists;      // of successors, and of workers
    Buffer rings;      // of the ready queues, one after another
    Buffer header_buffer;
    Buffer jump_buffer;                                              // with jumps only
    std::vector<graph::Jump> jumps;                                  // as at the start of a run
    std::vector<TaskId> optional;                                    // tasks that need not run
    std::vector<Buffer> queues;                                      // of the schedulers
    std::array<std::vector<std::uint32_t>, graph::max_kinds> roots;  // edges, by ready queue
    std::uint32_t ring_bytes = 0;
    graph::Header header{};  // as at the start of a run
    std::uint64_t started = 0;
};

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
    if (graph.size() > graph::max_tasks) {
        throw ConfigError("a graph of " + std::to_string(graph.size()) +
                          " tasks; a device takes up to " + std::to_string(graph::max_tasks));
    }
    check_order(graph);
    optional = check_jumps(graph);
    choose_kinds();
    const bool hardware_floats = std::ranges::all_of(workers, [&](CoreId core) {
        const std::string& isa = device.config().cores[core.processor].isa;
        return riscv::parse_isa(isa).has(riscv::Extension::f);
    });
    if (!options.worker_program && hardware_floats) {
        worker_program = Kernel::builtin("graph_worker_float");  // the same functions
    }
    distribute_workers();
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

void GraphProgram::State::distribute_workers() {
    workers_of.resize(schedulers.size());
    for (std::uint8_t kind : kinds) {
        std::uint32_t of_kind = 0;
        for (std::uint32_t w = 0; w < workers.size(); ++w) {
            if (kind_of(workers[w]) == kind) workers_of[of_kind++ % schedulers.size()].push_back(w);
        }
        const std::size_t most = (of_kind + schedulers.size() - 1) / schedulers.size();
        if (most > graph::max_workers_of_kind) {
            throw ConfigError(std::to_string(of_kind) + " workers of the kind " +
                              std::string(name(CoreKind{kind})) + "; a scheduler takes up to " +
                              std::to_string(graph::max_workers_of_kind) + " of a kind");
        }
    }
    const std::size_t most = workers_of[0].size();
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
        return t | std::uint32_t{kind_number(graph, t)} << graph::edge::kind_shift |
               (predecessors[t] <= 1 ? graph::edge::only : 0) | graph::edge::present;
    };
    std::array<std::uint32_t, graph::max_kinds> places{};  // in each ready queue
    std::size_t list_words = 0;
    for (TaskId t = 0; t < task_count; ++t) {
        const std::uint8_t kind = kind_number(graph, t);
        ++places[kind];
        if (predecessors[t] == 0) roots[kind].push_back(edge_to(t));
        const std::size_t count = successors.of(t).size();
        if (count > 1) list_words += count;
    }
    std::uint32_t root_count = 0;
    std::uint32_t ring_words = 0;
    for (std::size_t kind = 0; kind < places.size(); ++kind) {
        root_count += static_cast<std::uint32_t>(roots[kind].size());
        places[kind] = std::bit_ceil(std::max(places[kind], 1u));
        ring_words += places[kind];
    }

    records = allocate_direct(device, std::max<std::size_t>(task_count, 1) * sizeof(graph::Task));
    arguments = allocate_direct(device, std::max<std::size_t>(graph.all_arguments().size(), 1) * 8);
    lists = allocate_direct(device, list_words * 4 + workers.size() * sizeof(graph::Worker));
    rings = allocate_direct(device, std::uint64_t{ring_words} * 4);
    header_buffer = allocate_direct(device, sizeof(graph::Header));
    if (!graph.jumps().empty()) {
        jump_buffer = allocate_direct(device, graph.jumps().size() * sizeof(graph::Jump));
    }
    for (const CoreId& core : schedulers) {
        queues.push_back(device.allocate(4 + ring_bytes, Placement::in_l1(core.tile)));
    }

    write(arguments, graph.all_arguments());
    std::uint32_t list_at = 0;  // bytes of `lists` that are written
    const auto append = [&](std::span<const std::uint32_t> words) {
        const std::uint32_t address = core_address(lists) + list_at;
        write(lists, words, list_at);
        list_at += static_cast<std::uint32_t>(words.size_bytes());
        return address;
    };
    // From what follows a task otherwise to what its record holds. The jumps are in order of tasks.
    const auto with_jump = [&](TaskId task, std::uint32_t follows) {
        if (jumps.size() == graph.jumps().size()) return follows;
        const Jump& jump = graph.jumps()[jumps.size()];
        if (jump.from != task) return follows;
        const auto offset = static_cast<std::uint32_t>(jumps.size() * sizeof(graph::Jump));
        jumps.push_back({.to = edge_to(jump.to) | graph::edge::only,
                         .successors = follows,
                         .word = jump.word,
                         .on_zero = jump.when == Jump::When::zero,
                         .times = jump.times,
                         .left = jump.times});
        return (core_address(jump_buffer) + offset) | graph::jump_mark;
    };
    std::vector<graph::Task> piece;
    std::vector<std::uint32_t> list;
    for (TaskId first = 0; first < task_count; first += chunk) {
        piece.clear();
        list.clear();
        const std::uint32_t lists_from = core_address(lists) + list_at;
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
            task.arguments = core_address(arguments) + graph.argument_offsets()[t] * 8;
            task.argument_words = static_cast<std::uint32_t>(graph.arguments(t).size() * 2);
            piece.push_back(task);
        }
        write(records, std::span<const graph::Task>(piece),
              std::uint64_t{first} * sizeof(graph::Task));
        append(list);
    }

    header.records = core_address(records);
    header.task_count = task_count;
    header.scheduler_count = static_cast<std::uint32_t>(schedulers.size());
    header.tasks_ahead = tasks_ahead;
    header.kind_count = static_cast<std::uint32_t>(kinds.size());
    header.active = root_count;
    std::uint32_t ring_at = core_address(rings);
    for (std::size_t kind = 0; kind < roots.size(); ++kind) {
        graph::ReadyQueue& queue = header.ready[kind];
        queue.ring = ring_at;
        queue.mask = places[kind] - 1;
        queue.tail = queue.ready = static_cast<std::uint32_t>(roots[kind].size());
        ring_at += places[kind] * 4;
    }
    for (std::size_t s = 0; s < schedulers.size(); ++s) {
        const TileId tile = schedulers[s].tile;
        header.schedulers[s].queue_node = abi::node(abi::NodeSpace::tile, tile.x, tile.y);
        header.schedulers[s].queue_address = static_cast<std::uint32_t>(queues[s].address());
        header.schedulers[s].queue_ring_bytes = ring_bytes;
        header.schedulers[s].worker_count = static_cast<std::uint32_t>(workers_of[s].size());
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

// --- Running it ---------------------------------------------------------------------------------

template <class F>
void GraphProgram::State::for_records(F&& f) const {
    std::vector<graph::Task> piece;
    for (TaskId first = 0; first < task_count; first += chunk) {
        piece.resize(std::min<std::size_t>(chunk, task_count - first));
        read(records, std::span(piece), std::uint64_t{first} * sizeof(graph::Task));
        f(first, std::span(piece));
    }
}

/// As before a run, whatever the one before has left.
void GraphProgram::State::reset() {
    constexpr std::uint32_t nobody = ~0u;
    for_records([&](TaskId first, std::span<graph::Task> piece) {
        for (graph::Task& task : piece) {
            const graph::Task fresh{.remaining = task.dependencies,
                                    .dependencies = task.dependencies,
                                    .successors = task.successors,
                                    .function = task.function,
                                    .arguments = task.arguments,
                                    .argument_words = task.argument_words,
                                    .next = 0,
                                    .worker = nobody,
                                    .ready = {},
                                    .dispatched = {},
                                    .started = {},
                                    .ended = {}};
            task = fresh;
        }
        write(records, std::span<const graph::Task>(piece),
              std::uint64_t{first} * sizeof(graph::Task));
    });
    write(header_buffer, std::span<const graph::Header>(&header, 1));
    clear(rings);
    for (std::size_t kind = 0; kind < roots.size(); ++kind) {
        const std::uint32_t offset = header.ready[kind].ring - core_address(rings);
        if (!roots[kind].empty()) write(rings, std::span<const std::uint32_t>(roots[kind]), offset);
    }
    if (!jumps.empty()) write(jump_buffer, std::span<const graph::Jump>(jumps));
    const std::vector<std::byte> zeros(std::max<std::size_t>(4 + ring_bytes, abi::mailbox_stride));
    for (const Buffer& queue : queues) queue.write(std::span(zeros).first(4 + ring_bytes));
    for (std::uint32_t w = 0; w < workers.size(); ++w) {
        device.write_l1(workers[w].tile, mailbox(w), std::span(zeros).first(abi::mailbox_stride));
    }
}

GraphProgram::GraphProgram(Device& device, const Graph& graph, const GraphOptions& options)
    : state_(std::make_unique<State>(device, graph, options)) {}
GraphProgram::~GraphProgram() = default;
GraphProgram::GraphProgram(GraphProgram&&) noexcept = default;
GraphProgram& GraphProgram::operator=(GraphProgram&&) noexcept = default;

void GraphProgram::start() {
    State& s = *state_;
    const auto word = [](std::uint32_t value) { return Argument{std::uint64_t{value}}; };
    std::vector<Launch> launches;
    for (std::uint32_t number = 0; number < s.schedulers.size(); ++number) {
        launches.push_back({s.scheduler,
                            {s.schedulers[number]},
                            {word(core_address(s.header_buffer)), word(number)}});
        const graph::Scheduler& self = s.header.schedulers[number];
        for (std::uint32_t index = 0; index < s.workers_of[number].size(); ++index) {
            launches.push_back(
                {s.worker_program,
                 {s.workers[s.workers_of[number][index]]},
                 {word(self.queue_node), word(self.queue_address), word(self.queue_ring_bytes),
                  word(index), word(s.workers_of[number][index])}});
        }
    }
    s.device.launch(launches);  // refuses busy cores; no time passes before what follows
    s.reset();
    s.started = count(s.device.cycle());
}

Run GraphProgram::run(const RunOptions& options) {
    start();
    Run run = state_->device.finish(options);
    std::uint32_t missing = 0;
    TaskId first_missing = 0;
    state_->for_records([&](TaskId first, std::span<graph::Task> piece) {
        for (std::size_t i = 0; i < piece.size(); ++i) {
            const TaskId task = first + static_cast<TaskId>(i);
            if (joined(piece[i].ended) != 0) continue;
            if (std::ranges::binary_search(state_->optional, task)) continue;
            if (missing++ == 0) first_missing = task;
        }
    });
    if (missing != 0) {
        throw GraphError(std::to_string(missing) + " of " + std::to_string(state_->task_count) +
                         " tasks never ran, the first of them task " +
                         std::to_string(first_missing) + ": the scheduler ended too soon");
    }
    return run;
}

// --- Looking ------------------------------------------------------------------------------------

const std::vector<CoreId>& GraphProgram::workers() const {
    return state_->workers;
}
const std::vector<CoreId>& GraphProgram::schedulers() const {
    return state_->schedulers;
}
std::uint64_t GraphProgram::started_at() const {
    return state_->started;
}

std::vector<TaskTimes> GraphProgram::times() const {
    std::vector<TaskTimes> times;
    times.reserve(state_->task_count);
    state_->for_records([&](TaskId, std::span<graph::Task> piece) {
        for (const graph::Task& task : piece) {
            const bool from_start = task.dependencies == 0 && joined(task.ready) == 0;
            times.push_back({.ready = from_start ? state_->started : joined(task.ready),
                             .dispatched = joined(task.dispatched),
                             .started = joined(task.started),
                             .ended = joined(task.ended),
                             .worker = task.worker});
        }
    });
    return times;
}

std::array<std::uint32_t, abi::mailbox_stride / 4> GraphProgram::State::mailbox_words(
    std::uint32_t worker) const {
    std::array<std::uint32_t, abi::mailbox_stride / 4> words{};
    device.read_l1(workers[worker].tile, mailbox(worker), std::as_writable_bytes(std::span(words)));
    return words;
}

std::vector<std::optional<TaskId>> GraphProgram::executing() const {
    std::vector<std::optional<TaskId>> result(state_->workers.size());
    for (std::uint32_t w = 0; w < result.size(); ++w) {
        const auto words = state_->mailbox_words(w);
        for (std::uint32_t slot : {0, 1}) {
            const std::uint32_t address =
                words[graph::mailbox::slots / 4 + slot] & ~graph::turn_mask;
            if (address == 0) continue;
            const std::uint32_t offset = address - state_->header.records;
            graph::Task task{};
            read(state_->records, std::span(&task, 1), offset);
            if (joined(task.started) > joined(task.ended)) {
                result[w] = offset / graph::record_bytes;
            }
        }
    }
    return result;
}

std::vector<Handshake> GraphProgram::handshakes() const {
    std::vector<Handshake> result;
    for (std::uint32_t w = 0; w < state_->workers.size(); ++w) {
        const auto words = state_->mailbox_words(w);
        Handshake h{.core = state_->workers[w],
                    .ready = words[graph::mailbox::ready / 4] != 0,
                    .done = words[graph::mailbox::done / 4],
                    .quit = words[graph::mailbox::quit / 4] != 0};
        std::uint64_t latest = 0;
        for (std::uint32_t slot : {0, 1}) {
            const std::uint32_t address =
                words[graph::mailbox::slots / 4 + slot] & ~graph::turn_mask;
            if (address == 0) continue;
            graph::Task task{};
            const std::uint32_t offset = address - state_->header.records;
            read(state_->records, std::span(&task, 1), offset);
            h.busy = h.busy || joined(task.ended) <= joined(task.dispatched);
            if (!h.task || joined(task.dispatched) >= latest) {
                h.task = offset / graph::record_bytes;
                latest = joined(task.dispatched);
            }
        }
        result.push_back(h);
    }
    return result;
}

}  // namespace tilewright
