#include "runtime/queues.hpp"

#include <algorithm>
#include <utility>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::detail {

std::uint32_t Queues::add_queue() {
    const std::lock_guard lock(mutex_);
    work_.queues.emplace_back();
    return static_cast<std::uint32_t>(work_.queues.size() - 1);
}

void Queues::add(std::uint32_t queue, Command command) {
    const std::lock_guard lock(mutex_);
    work_.queues[queue].commands.push_back(std::move(command));
}

std::uint64_t Queues::add_event() {
    const std::lock_guard lock(mutex_);
    return work_.next_event++;
}

std::optional<std::uint64_t> Queues::event_cycle(std::uint64_t event) const {
    const std::lock_guard lock(mutex_);
    const auto found = work_.happened.find(event);
    if (found == work_.happened.end()) return std::nullopt;
    return found->second;
}

bool Queues::empty(std::uint32_t queue) const {
    const std::lock_guard lock(mutex_);
    return work_.queues[queue].commands.empty();
}

bool Queues::all_empty() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::all_of(work_.queues, [](const OneQueue& q) { return q.commands.empty(); });
}

std::vector<Group> Queues::take_ended(std::uint32_t queue) {
    const std::lock_guard lock(mutex_);
    return std::exchange(work_.queues[queue].ended, {});
}

std::uint32_t Queues::count() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(work_.queues.size());
}

QueuedWork Queues::work() const {
    const std::lock_guard lock(mutex_);
    return work_;
}

void Queues::adopt(QueuedWork work) {
    const std::lock_guard lock(mutex_);
    work.queues.resize(std::max(work.queues.size(), work_.queues.size()));
    work.next_event = std::max(work.next_event, work_.next_event);
    work_ = std::move(work);
}

void Queues::clear() {
    const std::lock_guard lock(mutex_);
    for (OneQueue& queue : work_.queues) queue = {};
}

void Queues::start_what_is_ready(DeviceState& state) {
    const std::lock_guard lock(mutex_);
    // An event of one queue may free another one: until nothing starts any more.
    for (bool again = true; again;) {
        again = false;
        for (std::uint32_t number = 0; number < work_.queues.size(); ++number) {
            while (start(state, number)) again = true;
        }
    }
}

// True if the first command of the queue is done at once, so that the next one may start.
bool Queues::start(DeviceState& state, std::uint32_t number) {
    OneQueue& queue = work_.queues[number];
    if (queue.started || queue.commands.empty()) return false;
    Command& command = queue.commands.front();
    if (const auto* wait = std::get_if<WaitCommand>(&command)) {
        if (!work_.happened.contains(wait->event)) return false;
        queue.commands.pop_front();
        return true;
    }
    if (const auto* record = std::get_if<RecordCommand>(&command)) {
        work_.happened[record->event] = state.chip.now();
        queue.commands.pop_front();
        return true;
    }
    if (const auto* run = std::get_if<RunCommand>(&command)) {
        for (const Launch& launch : run->launches) {
            for (const CoreId& id : launch.cores) {
                // Another queue's kernel is there: its end brings us here again.
                if (!state.chip.core_idle(state.chip.core_index(id))) return false;
            }
        }
        start_group(state, run->launches, run->words, number);
    } else if (const auto* write = std::get_if<WriteCommand>(&command)) {
        transfer(state, number, write->data.size());
    } else {
        transfer(state, number, std::get<ReadCommand>(command).data.size());
    }
    queue.started = true;
    queue.since = state.chip.now();
    return false;
}

void Queues::transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes) {
    state.chip.notify_at(state.chip.cross_host_link(state.chip.now(), bytes), number);
}

// The first command of the queue is done.
void Queues::ended(DeviceState& state, std::uint32_t number, std::string_view what,
                   std::uint64_t bytes) {
    OneQueue& queue = work_.queues[number];
    if (Observer* const observer = state.chip.observer()) {
        observer->on_queue({.queue = number,
                            .what = what,
                            .bytes = bytes,
                            .start = Cycle{queue.since},
                            .end = Cycle{state.chip.now()}});
    }
    queue.commands.pop_front();
    queue.started = false;
}

void Queues::transfer_ended(DeviceState& state, std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    const Command& command = work_.queues[number].commands.front();
    if (const auto* write = std::get_if<WriteCommand>(&command)) {
        const auto record = state.records.find(write->buffer);
        if (record == state.records.end()) {
            throw AddressError("queue " + std::to_string(number) +
                               ": the buffer that it was to write to has been freed");
        }
        state.write(record->second, write->offset, write->data);
        ended(state, number, "write", write->data.size());
    } else {
        const auto& read = std::get<ReadCommand>(command);
        read.buffer.read(read.data, read.offset);
        ended(state, number, "read", read.data.size());
    }
}

void Queues::group_ended(DeviceState& state, Group& group) {
    if (group.queue == Group::direct) return;
    const std::lock_guard lock(mutex_);
    const auto number = static_cast<std::uint32_t>(group.queue);
    OneQueue& queue = work_.queues[number];
    queue.ended.push_back(std::move(group));
    const Kernel kernel = std::get<RunCommand>(queue.commands.front()).launches.front().kernel;
    ended(state, number, kernel.name(), 0);
    std::erase_if(state.groups,
                  [](const Group& g) { return g.running.empty() && g.ended.empty(); });
}

std::string Queues::describe(std::uint32_t number) const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (std::uint32_t q = 0; q < work_.queues.size(); ++q) {
        if (work_.queues[q].commands.empty()) continue;
        const Command& first = work_.queues[q].commands.front();
        text += "\n  queue " + std::to_string(q) + (q == number ? " (this one)" : "") + " has " +
                std::to_string(work_.queues[q].commands.size()) + " commands left; the first ";
        if (const auto* wait = std::get_if<WaitCommand>(&first)) {
            text += "waits for event " + std::to_string(wait->event) + ", which is not recorded";
        } else if (std::holds_alternative<RunCommand>(first) && !work_.queues[q].started) {
            text += "needs cores that other kernels keep";
        } else {
            text += "is under way";
        }
    }
    return text;
}

}  // namespace tilewright::detail
