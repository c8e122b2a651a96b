// Graphs on a device: written once, run as often as one likes.
#include "tilewright/graph/program.hpp"

#include <algorithm>
#include <array>

#include "graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {

using graph_memory::address;
using graph_memory::joined;
using graph_memory::write;

namespace {

void clear(const Buffer& buffer) {
    const std::vector<std::byte> zeros(std::min<std::uint64_t>(buffer.bytes(), 1 << 16));
    for (std::uint64_t at = 0; at < buffer.bytes(); at += zeros.size()) {
        buffer.write(
            std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), buffer.bytes() - at)), at);
    }
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

// --- Running it ---------------------------------------------------------------------------------

/// As before a run, whatever the one before has left.
void GraphProgram::State::reset() {
    constexpr std::uint32_t nobody = ~0u;
    for_records([&](std::uint32_t first, std::span<graph::Task> piece) {
        for (graph::Task& task : piece) {
            const auto number = static_cast<std::uint32_t>(first + (&task - piece.data()));
            // What a task takes over that was added is that of its run.
            const bool is_spare = number >= task_count && number - task_count < dynamic.spare_tasks;
            const graph::Task fresh{.remaining = task.dependencies,
                                    .dependencies = task.dependencies,
                                    .successors = is_spare ? 0 : task.successors,
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
    for (std::size_t i = 0; i < queue_count; ++i) {
        write(rings, std::span<const std::uint32_t>(roots[i]), ready(i).ring - address(rings));
    }
    if (!control_edges.empty())
        write(control_buffer, std::span<const graph::ControlEdge>(control_edges));
    if (dynamic.spare_tasks != 0) {
        write(dynamic_buffer, std::span<const graph::DynamicTasks>(&dynamic, 1));
        clear(dynamic_states);
    }
    if (!gangs.empty()) write(gang_buffer, std::span<const graph::Gang>(gangs));
    for (const Buffer& queue : queues) clear(queue);
    for (std::uint32_t w = 0; w < workers.size(); ++w) {
        if (!takes_part[w]) continue;
        std::array<std::uint32_t, abi::mailbox_stride / 4> words{};
        words[graph::mailbox::header / 4] = address(header_buffer);
        device.write_l1(workers[w].tile, mailbox(w), std::as_bytes(std::span(words)));
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
        launches.push_back(
            {s.scheduler, {s.schedulers[number]}, {word(address(s.header_buffer)), word(number)}});
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
    const std::uint32_t tasks = state_->task_count + state_->added_count();
    state_->for_records([&](std::uint32_t first, std::span<graph::Task> piece) {
        for (std::size_t i = 0; i < piece.size(); ++i) {
            const TaskId task = state_->task_of(first + static_cast<std::uint32_t>(i));
            if (task >= tasks || joined(piece[i].ended) != 0) continue;
            if (std::ranges::binary_search(state_->optional, task)) continue;
            if (missing++ == 0) first_missing = task;
        }
    });
    if (missing != 0) {
        throw GraphError(std::to_string(missing) + " of " + std::to_string(tasks) +
                         " tasks never ran, the first of them task " +
                         std::to_string(first_missing) +
                         (tasks > state_->task_count ? ": tasks that were added wait for each other"
                                                     : ": the scheduler ended too soon"));
    }
    return run;
}

}  // namespace tilewright
