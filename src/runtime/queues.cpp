#include "runtime/queues.hpp"

#include <algorithm>
#include <set>
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

EventPoint Queues::add_event() {
    const std::lock_guard lock(mutex_);
    if (points_.size() + work_.happened.size() >= forget_at_) forget_events();
    auto point = std::make_shared<const std::uint64_t>(work_.next_event++);
    points_.emplace(*point, point);
    return point;
}

// Those are left that somebody can ask about: the host by a handle, a queue by a wait. The time for
// the next look is so far away that an event costs the same, however many there are.
void Queues::forget_events() {
    std::erase_if(points_, [](const auto& point) { return point.second.expired(); });
    std::set<std::uint64_t> awaited;
    std::size_t commands = 0;
    for (const OneQueue& queue : work_.queues) {
        commands += queue.commands.size();
        for (const Command& command : queue.commands) {
            if (const auto* wait = std::get_if<WaitCommand>(&command)) awaited.insert(wait->event);
        }
    }
    std::erase_if(work_.happened, [&](const auto& event) {
        return !points_.contains(event.first) && !awaited.contains(event.first);
    });
    forget_at_ = 64 + commands + 2 * (points_.size() + work_.happened.size());
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

QueuedWork Queues::work() {
    const std::lock_guard lock(mutex_);
    forget_events();
    return work_;
}

void Queues::adopt(QueuedWork work) {
    const std::lock_guard lock(mutex_);
    work.queues.resize(std::max(work.queues.size(), work_.queues.size()));
    work.next_event = std::max(work.next_event, work_.next_event);
    std::swap(work_, work);
}

void Queues::clear() {
    std::vector<OneQueue> dropped;  // outlive the lock
    const std::lock_guard lock(mutex_);
    dropped.resize(work_.queues.size());
    dropped.swap(work_.queues);
}

bool Queues::start_what_is_ready(DeviceState& state) {
    std::vector<Command> done;  // outlive the lock
    const std::lock_guard lock(mutex_);
    bool any = false;
    // An event of one queue may free another one: until nothing starts any more.
    for (bool again = true; again;) {
        again = false;
        for (std::uint32_t number = 0; number < work_.queues.size(); ++number) {
            Start first = start(state, number, done);
            any = any || first != Start::nothing;
            for (; first == Start::done; first = start(state, number, done)) again = true;
        }
    }
    return any;
}

// The first command of the queue; if it is done at once, the next one may start.
Queues::Start Queues::start(DeviceState& state, std::uint32_t number, std::vector<Command>& done) {
    OneQueue& queue = work_.queues[number];
    if (queue.started || queue.commands.empty()) return Start::nothing;
    Command& command = queue.commands.front();
    if (const auto* wait = std::get_if<WaitCommand>(&command)) {
        if (!work_.happened.contains(wait->event)) return Start::nothing;
        queue.commands.pop_front();
        return Start::done;
    }
    if (const auto* record = std::get_if<RecordCommand>(&command)) {
        work_.happened[record->event] = state.chip.now();
        queue.commands.pop_front();
        return Start::done;
    }
    if (const auto* run = std::get_if<RunCommand>(&command)) {
        for (const Launch& launch : run->launches) {
            for (const CoreId& id : launch.cores) {
                // Another queue's kernel is there: its end brings us here again.
                if (!state.chip.core_idle(state.chip.core_index(id))) return Start::nothing;
            }
        }
        start_group(state, run->launches, run->words, number);
    } else if (const auto* write = std::get_if<WriteCommand>(&command)) {
        transfer(state, number, write->data.size());
    } else if (const auto* read = std::get_if<ReadCommand>(&command)) {
        transfer(state, number, read->data.size());
    } else if (!start_copy(state, number, std::get<CopyCommand>(command))) {
        done.push_back(std::move(command));
        queue.commands.pop_front();
        return Start::done;
    }
    queue.started = true;
    queue.since = state.chip.now();
    return Start::under_way;
}

namespace {

Record record_of(const DeviceState& state, std::uint64_t buffer, std::uint32_t number,
                 const char* use) {
    const std::optional<Record> record = state.find(buffer);
    if (record) return *record;
    throw ClosedError("queue " + std::to_string(number) + ": the buffer that it was to " + use +
                      " has been freed");
}

bool with_host(const Record& record) {
    return record.placement.kind == Placement::Kind::host;
}

}  // namespace

// False if there is nothing to copy.
bool Queues::start_copy(DeviceState& state, std::uint32_t number, CopyCommand& copy) {
    const Record from = record_of(state, copy.from, number, "copy from");
    const Record to = record_of(state, copy.to, number, "copy to");
    if (copy.range.bytes == 0) return false;
    const std::uint32_t engines = state.chip.config().dma_engine_count;
    if (engines == 0 || with_host(from) || with_host(to)) {
        copy.left = (with_host(from) ? 0 : 1) + (with_host(to) ? 0 : 1);
        transfer(state, number, copy.range.bytes);
        return true;
    }
    // Queues begin at different engines, so that they do not all wait for the first one.
    const std::vector<DmaCopy> parts = plan_copy(state, from, to, copy.range);
    copy.left = parts.size();
    std::uint32_t engine = number % engines;
    for (const DmaCopy& part : parts) {
        state.chip.submit({EngineKind::dma, engine},
                          {.work = part, .completion = notice_of_queue(number)});
        engine = (engine + 1) % engines;
    }
    return true;
}

void Queues::engine_ended(DeviceState& state, std::uint32_t number) {
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    auto& copy = std::get<CopyCommand>(work_.queues[number].commands.front());
    if (--copy.left == 0) done = ended(state, number, "copy", copy.range.bytes);
}

void Queues::transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes) {
    state.chip.notify_at(state.chip.cross_host_link(state.chip.now(), bytes), number);
}

// The first command of the queue is done.
Command Queues::ended(DeviceState& state, std::uint32_t number, std::string_view what,
                      std::uint64_t bytes) {
    OneQueue& queue = work_.queues[number];
    if (Observer* const observer = state.chip.observer()) {
        observer->on_queue({.queue = number,
                            .what = what,
                            .bytes = bytes,
                            .start = Cycle{queue.since},
                            .end = Cycle{state.chip.now()}});
    }
    Command command = std::move(queue.commands.front());
    queue.commands.pop_front();
    queue.started = false;
    return command;
}

void Queues::transfer_ended(DeviceState& state, std::uint32_t number) {
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    Command& command = work_.queues[number].commands.front();
    if (const auto* write = std::get_if<WriteCommand>(&command)) {
        const Record record = record_of(state, write->buffer, number, "write to");
        state.write(record, write->offset, write->data);
        done = ended(state, number, "write", write->data.size());
    } else if (auto* copy = std::get_if<CopyCommand>(&command)) {
        const CopyRange& range = copy->range;
        if (copy->data.empty()) {
            copy->data.resize(range.bytes);
            state.read(record_of(state, copy->from, number, "copy from"), range.from, copy->data);
        }
        if (--copy->left != 0) {
            transfer(state, number, range.bytes);
            return;
        }
        state.write(record_of(state, copy->to, number, "copy to"), range.to, copy->data);
        done = ended(state, number, "copy", range.bytes);
    } else {
        const auto& read = std::get<ReadCommand>(command);
        read.buffer.read(read.data, read.offset);
        done = ended(state, number, "read", read.data.size());
    }
}

void Queues::group_ended(DeviceState& state, Group& group) {
    if (group.queue == Group::direct) return;
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    const auto number = static_cast<std::uint32_t>(group.queue);
    OneQueue& queue = work_.queues[number];
    queue.ended.push_back(std::move(group));
    const Kernel kernel = std::get<RunCommand>(queue.commands.front()).launches.front().kernel;
    done = ended(state, number, kernel.name(), 0);
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
