// What can be seen of a graph on a device, while it runs and afterwards.
#include <algorithm>
#include <array>

#include "runtime/graph/program_state.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {

using graph_memory::joined;
using graph_memory::read;

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
    state_->for_records([&](std::uint32_t first, std::span<graph::Task> piece) {
        for (std::uint32_t i = 0; i < piece.size(); ++i) {
            const graph::Task& task = piece[i];
            const std::uint64_t started = joined(task.started);
            const std::uint64_t ended = joined(task.ended);
            if (first + i < state_->task_count) {
                const bool from_start = task.dependencies == 0 && joined(task.ready) == 0;
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
                result[w] = state_->task_of(offset / graph::record_bytes);
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
                h.task = state_->task_of(offset / graph::record_bytes);
                latest = joined(task.dispatched);
            }
        }
        result.push_back(h);
    }
    return result;
}

}  // namespace tilewright
