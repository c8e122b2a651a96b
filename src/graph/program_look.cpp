// What can be seen of a graph on a device, while it runs and afterwards.
#include <algorithm>
#include <array>

#include "graph/program_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {

using graph_memory::address;
using graph_memory::joined;
using graph_memory::read;

namespace {

AddressRange global_range(const Buffer& buffer) {
    const std::uint64_t begin = value(buffer.global_address());
    return {begin, begin + buffer.bytes()};
}

}  // namespace

AddressRange GraphProgram::records() const {
    return global_range(state_->records);
}

std::vector<AddressRange> GraphProgram::memory() const {
    const State& s = *state_;
    std::vector<AddressRange> ranges;
    for (const Buffer* buffer : {&s.records, &s.arguments, &s.lists, &s.rings, &s.header_buffer}) {
        ranges.push_back(global_range(*buffer));
    }
    if (!s.gangs.empty()) ranges.push_back(global_range(s.gang_buffer));
    if (!s.above.empty()) ranges.push_back(global_range(s.above_buffer));
    if (!s.control_edges.empty()) ranges.push_back(global_range(s.control_buffer));
    if (!s.programs.empty()) ranges.push_back(global_range(s.program_buffer));
    return ranges;
}

const std::vector<CoreId>& GraphProgram::workers() const {
    return state_->workers;
}
const std::vector<CoreId>& GraphProgram::schedulers() const {
    return state_->schedulers;
}
std::vector<CoreId> GraphProgram::followers(std::uint32_t worker) const {
    return state_->followers(state_->workers.at(worker));
}
std::uint64_t GraphProgram::started_at() const {
    return state_->started;
}

std::vector<TaskTimes> GraphProgram::times() const {
    std::vector<TaskTimes> times;
    const std::uint32_t tasks = state_->task_count + state_->added_count();
    const std::uint32_t first_member = state_->task_count + state_->dynamic.spare_tasks;
    times.reserve(tasks);
    state_->for_records([&](std::uint32_t first, std::span<graph::Task> piece) {
        for (std::uint32_t i = 0; i < piece.size(); ++i) {
            const graph::Task& task = piece[i];
            const std::uint64_t started = joined(task.started);
            const std::uint64_t ended = joined(task.ended);
            if (first + i >= tasks && first + i < first_member) continue;
            if (first + i < tasks) {
                const bool from_start = task.dependencies == 0 && joined(task.ready) == 0 &&
                                        first + i < state_->task_count;
                times.push_back({.ready = from_start ? state_->started : joined(task.ready),
                                 .dispatched = joined(task.dispatched),
                                 .started = started,
                                 .ended = ended,
                                 .worker = task.worker});
                continue;
            }
            // One more core of a task on several.
            TaskTimes& whole = times[state_->task_of(first + i)];
            if (whole.started == 0 || (started != 0 && started < whole.started)) {
                whole.started = started;
            }
            whole.ended = whole.ended == 0 || ended == 0 ? 0 : std::max(whole.ended, ended);
        }
    });
    return times;
}

std::vector<TaskShare> GraphProgram::shares() const {
    std::vector<TaskShare> shares;
    for (const graph::Gang& gang : state_->gangs) {
        for (std::uint32_t rank = 0; rank < gang.cores; ++rank) {
            graph::Task task{};
            const std::uint32_t offset = rank == 0 ? gang.task * graph::record_bytes
                                                   : gang.members - state_->header.records +
                                                         (rank - 1) * graph::record_bytes;
            read(state_->records, std::span(&task, 1), offset);
            shares.push_back({.task = gang.task,
                              .rank = rank,
                              .worker = task.worker,
                              .started = joined(task.started),
                              .ended = joined(task.ended)});
        }
    }
    return shares;
}

GraphProgram::State::MailboxWords GraphProgram::State::mailbox_words(std::uint32_t worker) const {
    MailboxWords words{};
    const CoreId core = workers[worker];
    device.read_l1(core.tile, mailbox(core), std::as_writable_bytes(std::span(words)));
    return words;
}

// A graph that has run on the core since has left its own words there.
bool GraphProgram::State::has_mailbox(std::uint32_t worker, const MailboxWords& words) const {
    return takes_part[worker] && words[graph::mailbox::header / 4] == address(header_buffer);
}

std::vector<std::optional<TaskId>> GraphProgram::executing() const {
    std::vector<std::optional<TaskId>> result(state_->workers.size());
    for (std::uint32_t w = 0; w < result.size(); ++w) {
        const auto words = state_->mailbox_words(w);
        if (!state_->has_mailbox(w, words)) continue;
        for (std::uint32_t slot : {0, 1}) {
            const std::uint32_t address =
                words[graph::mailbox::slots / 4 + slot] & ~graph::turn_mask;
            if (address == 0) continue;
            const std::uint32_t offset = address - state_->header.records;
            graph::Task task{};
            read(state_->records, std::span(&task, 1), offset);
            if (joined(task.started) > joined(task.ended)) {
                result[w] = state_->task_of(offset / graph::record_bytes);
            }
        }
    }
    return result;
}

std::vector<Handshake> GraphProgram::handshakes() const {
    std::vector<Handshake> result;
    result.reserve(state_->workers.size());
    for (std::uint32_t w = 0; w < state_->workers.size(); ++w) {
        const auto words = state_->mailbox_words(w);
        if (!state_->has_mailbox(w, words)) {
            result.push_back({.core = state_->workers[w]});
            continue;
        }
        Handshake h{.core = state_->workers[w],
                    .ready = words[graph::mailbox::ready / 4] != 0,
                    .done = words[graph::mailbox::done / 4],
                    .quit = (words[graph::mailbox::quit / 4] & 1) != 0};
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
                h.task = state_->task_of(offset / graph::record_bytes);
                latest = joined(task.dispatched);
            }
        }
        result.push_back(h);
    }
    return result;
}

std::uint32_t GraphProgram::State::added_count() const {
    if (dynamic.spare_tasks == 0 || task_count == 0) return 0;
    graph::DynamicTasks now{};
    read(dynamic_buffer, std::span(&now, 1));
    return std::min(now.tasks, dynamic.spare_tasks);
}

std::vector<AddedTask> GraphProgram::added() const {
    const State& s = *state_;
    std::vector<AddedTask> added(s.added_count());
    if (added.empty()) return added;
    graph::DynamicTasks now{};
    read(s.dynamic_buffer, std::span(&now, 1));
    std::vector<graph::Task> records(added.size());
    read(s.records, std::span(records), std::uint64_t{s.task_count} * sizeof(graph::Task));
    std::vector<graph::TaskState> states(s.task_count + added.size());
    read(s.dynamic_states, std::span(states));
    // Programs of the graph can write to all of this: numbers are kept in range.
    for (std::uint32_t i = 0; i < added.size(); ++i) {
        const graph::Task& record = records[i];
        AddedTask& task = added[i];
        const std::uint32_t number = record.function & graph::function::number_mask;
        const bool image = (record.function & graph::function::call_image) != 0;
        if (image && !s.image_numbers.empty()) {
            const auto at = std::ranges::find(s.image_numbers, number) - s.image_numbers.begin();
            task.function = first_kernel_function +
                            std::min(static_cast<std::uint32_t>(at), s.dynamic.kernel_count - 1);
        } else {
            task.function = std::min(number, s.dynamic.function_count - 1);
        }
        task.parent = std::min(states[s.task_count + i].parent, s.task_count + i - 1);
        task.kind = s.kinds.at(std::min<std::size_t>(graph::kind_of(record), s.kinds.size() - 1));
        task.continues = states[task.parent].continuation == s.task_count + i + 1;
        task.arguments.resize(std::min(record.argument_words / 2, s.dynamic.argument_room));
        read(s.dynamic_arguments, std::span(task.arguments),
             std::uint64_t{i} * s.dynamic.argument_room * 8);
    }
    std::vector<graph::AddedEdge> edges(std::min(now.edges, s.dynamic.spare_edges));
    read(s.dynamic_states, std::span(edges), s.dynamic.edge_list - s.dynamic.states);
    for (const graph::AddedEdge& edge : edges) {
        const std::uint32_t to = edge.edge & graph::edge::task_mask;
        if (to < s.task_count || to - s.task_count >= added.size() || edge.from >= to) continue;
        added[to - s.task_count].after.push_back(edge.from);
    }
    return added;
}

Graph with_added_tasks(const Graph& graph, std::span<const AddedTask> added) {
    Graph result = graph;
    for (const AddedTask& task : added) {
        const TaskId number = result.add(task.function, task.arguments, task.kind);
        const std::string parent = task.parent < graph.size()
                                       ? graph.name(task.parent)
                                       : "task " + std::to_string(task.parent);
        result.set_name(number, "task " + std::to_string(number) + ", added by " + parent);
    }
    // In the order of their numbers: a task has a higher one than that which it continues.
    std::vector<std::vector<TaskId>> after(result.size());  // those that were added, by predecessor
    for (std::size_t i = 0; i < added.size(); ++i) {
        for (const TaskId before : added[i].after) {
            after[before].push_back(static_cast<TaskId>(graph.size() + i));
        }
    }
    std::vector<TaskId> continued(result.size(), 0xFFFF'FFFF);  // by which task
    for (std::size_t i = 0; i < added.size(); ++i) {
        if (added[i].continues) continued[added[i].parent] = static_cast<TaskId>(graph.size() + i);
    }
    const auto parent = [&](TaskId task) {
        return task < graph.size() ? 0xFFFF'FFFF : added[task - graph.size()].parent;
    };
    for (TaskId first = 0; first < result.size(); ++first) {
        for (const TaskId next : after[first]) {
            result.add_edge(first, next);
            TaskId by = first;
            while (parent(next) != by && continued[by] != 0xFFFF'FFFF) {
                by = continued[by];
                if (by != next) result.add_edge(by, next);
            }
        }
        if (first >= graph.size()) continue;
        for (TaskId by = continued[first]; by != 0xFFFF'FFFF; by = continued[by]) {
            for (const TaskId next : graph.successors().of(first)) result.add_edge(by, next);
        }
    }
    return result;
}

}  // namespace tilewright
