// Graphs on a device: written once, run as often as one likes.
#include "tilewright/graph/program.hpp"

#include <algorithm>
#include <array>

#include "graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {

using graph_memory::address;
using graph_memory::joined;

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

std::vector<CoreId> first_leaders(const ChipConfig& config, std::uint32_t count) {
    if (count > config.tile_count()) {
        throw ConfigError("no " + std::to_string(count) + " workers that lead a tile: '" +
                          config.name + "' has " + std::to_string(config.tile_count()) + " tiles");
    }
    if (count == 0) count = config.tile_count();
    std::vector<CoreId> cores;
    for (std::uint32_t t = 0; t < count; ++t) cores.push_back({config.tile_id(t), 0});
    return cores;
}

// --- Running it ---------------------------------------------------------------------------------

template <class Put>
void GraphProgram::State::for_contents(const Put& put) {
    constexpr std::uint32_t nobody = ~0u;
    const auto put_at = [&](const Buffer& buffer, auto values, std::uint64_t offset = 0) {
        if (values.empty()) return;
        put(buffer, buffer.global_address() + offset, std::as_bytes(values));
    };
    const auto clear = [&](const Buffer& buffer) {
        const std::vector<std::byte> zeros(std::min<std::uint64_t>(buffer.bytes(), 1 << 16));
        for (std::uint64_t at = 0; at < buffer.bytes(); at += zeros.size()) {
            const std::uint64_t left = buffer.bytes() - at;
            put_at(buffer, std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), left)), at);
        }
    };
    for_records([&](std::uint32_t first, std::span<graph::Task> piece) {
        for (graph::Task& task : piece) {
            const auto number = static_cast<std::uint32_t>(first + (&task - piece.data()));
            // What a task takes over that was added is that of its run.
            const bool is_spare = number >= task_count && number - task_count < dynamic.spare_tasks;
            const graph::Task fresh{
                .remaining = task.dependencies,
                .dependencies = task.dependencies,
                .successors = is_spare ? 0 : task.successors,
                .function = task.function,
                .arguments = task.arguments,
                .argument_words = task.argument_words,
                .next = number < priorities.size() ? priorities[number] : std::uint32_t{0},
                .worker = nobody,
                .ready = {},
                .dispatched = {},
                .started = {},
                .ended = {}};
            task = fresh;
        }
        put_at(records, std::span<const graph::Task>(piece),
               std::uint64_t{first} * sizeof(graph::Task));
    });
    put_at(header_buffer, std::span(&header, 1));
    put_at(above_buffer, std::span(above));
    clear(rings);
    for (std::size_t i = 0; i < roots.size(); ++i) {
        put_at(rings, std::span(roots[i]), ready(i).ring - address(rings));
    }
    put_at(control_buffer, std::span(control_edges));
    if (dynamic.spare_tasks != 0) {
        put_at(dynamic_buffer, std::span(&dynamic, 1));
        clear(dynamic_states);
    }
    put_at(gang_buffer, std::span(gangs));
    for (const Buffer& queue : queues) clear(queue);
    const std::uint32_t columns = device.config().tile_columns();
    MailboxWords words{};
    words[graph::mailbox::header / 4] = address(header_buffer);
    const auto put_mailbox = [&](CoreId core) {
        const std::uint32_t tile = core.tile.y * columns + core.tile.x;
        put(Buffer(), device.map().address(MemoryKind::tile_l1, tile, mailbox(core)),
            std::as_bytes(std::span(words)));
    };
    for (std::uint32_t w = 0; w < workers.size(); ++w) {
        if (!takes_part[w]) continue;
        put_mailbox(workers[w]);
        for (const CoreId& follower : followers(workers[w])) put_mailbox(follower);
    }
}

std::vector<Launch> GraphProgram::State::launches() const {
    const auto word = [](std::uint32_t value) { return Argument{std::uint64_t{value}}; };
    std::vector<Launch> launches;
    for (std::uint32_t number = 0; number < schedulers.size(); ++number) {
        launches.push_back(
            {scheduler, {schedulers[number]}, {word(address(header_buffer)), word(number)}});
        const graph::Scheduler& self = header.schedulers[number];
        for (std::uint32_t index = 0; index < workers_of[number].size(); ++index) {
            launches.push_back(
                {worker_program,
                 {workers[workers_of[number][index]]},
                 {word(self.queue_node), word(self.queue_address), word(self.queue_ring_bytes),
                  word(index), word(workers_of[number][index])}});
        }
    }
    std::vector<CoreId> following_cores;
    for (std::uint32_t w = 0; w < workers.size(); ++w) {
        if (!takes_part[w]) continue;
        const std::vector<CoreId> of_worker = followers(workers[w]);
        following_cores.insert(following_cores.end(), of_worker.begin(), of_worker.end());
    }
    if (!following_cores.empty()) {
        launches.push_back({Kernel::builtin("graph_follower"), following_cores, {}});
    }
    return launches;
}

GraphProgram::GraphProgram(Device& device, const Graph& graph, const GraphOptions& options)
    : state_(std::make_unique<State>(device, graph, options)) {}
GraphProgram::~GraphProgram() = default;
GraphProgram::GraphProgram(GraphProgram&&) noexcept = default;
GraphProgram& GraphProgram::operator=(GraphProgram&&) noexcept = default;

void GraphProgram::start() {
    State& s = *state_;
    s.device.launch(s.launches());  // refuses busy cores; no time passes before what follows
    s.for_contents([&](const Buffer&, GlobalAddress place, std::span<const std::byte> bytes) {
        s.device.write(place, bytes);
    });
    s.started = count(s.device.cycle());
}

void GraphProgram::enqueue(Queue& queue) {
    State& s = *state_;
    std::vector<Launch> launches = s.launches();
    s.for_contents(
        [&](const Buffer& buffer, GlobalAddress place, std::span<const std::byte> bytes) {
            launches.front().contents.push_back({place, {bytes.begin(), bytes.end()}, buffer});
        });
    // What does not change stays as long as the run does.
    for (const Buffer& buffer : {s.arguments, s.lists, s.dynamic_arguments, s.program_buffer}) {
        launches.front().contents.push_back({s.records.global_address(), {}, buffer});
    }
    queue.run(launches);
}

Run GraphProgram::run(const RunOptions& options) {
    start();
    Run run = state_->device.finish(options);
    check_all_ran();
    return run;
}

void GraphProgram::ended_in_queue(const Run& run) {
    // The records are those of its last run; others may have had the same scheduler afterwards.
    std::uint64_t first = ~std::uint64_t{0};
    state_->for_records([&](std::uint32_t, std::span<graph::Task> piece) {
        for (const graph::Task& task : piece) {
            if (const std::uint64_t at = joined(task.dispatched)) first = std::min(first, at);
        }
    });
    std::optional<std::uint64_t> started;
    for (const CoreReport& each : run.cores) {
        const bool may_be = each.core == schedulers().front() && count(each.start) <= first;
        if (may_be) started = std::max(started.value_or(0), count(each.start));
    }
    if (!started) {
        throw ArgumentError("the graph did not run there: core " + describe(schedulers().front()) +
                            ", its scheduler, did not begin before its first task");
    }
    state_->started = *started;
    check_all_ran();
}

void GraphProgram::check_all_ran() const {
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
}

}  // namespace tilewright
