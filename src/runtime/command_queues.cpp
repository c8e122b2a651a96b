#include "runtime/command_queues.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/race/race_check.hpp"

namespace tilewright::detail {
namespace {

/// While it lives, what is done to the chip is that queue's doing.
class Acting {
public:
    Acting(Chip& chip, std::uint32_t queue) : races_(chip.races()) {
        if (races_ != nullptr) races_->act_as(queue);
    }
    ~Acting() {
        if (races_ != nullptr) races_->act_as(direct_queue);
    }
    Acting(const Acting&) = delete;
    Acting& operator=(const Acting&) = delete;

    RaceCheck* races() const { return races_; }

private:
    RaceCheck* races_;
};

}  // namespace

std::uint32_t CommandQueues::add_queue() {
    const std::lock_guard lock(mutex_);
    work_.queues.emplace_back();
    return static_cast<std::uint32_t>(work_.queues.size() - 1);
}

void CommandQueues::add(std::uint32_t queue, Command command) {
    const std::lock_guard lock(mutex_);
    work_.queues[queue].commands.push_back(std::move(command));
}

EventPoint CommandQueues::add_event() {
    const std::lock_guard lock(mutex_);
    if (points_.size() + work_.happened.size() >= forget_at_) forget_events();
    auto point = std::make_shared<const std::uint64_t>(work_.next_event++);
    points_.emplace(*point, point);
    return point;
}

// Those are left that somebody can ask about: the host by a handle, a queue by a wait. The time for
// the next look is so far away that an event costs the same, however many there are.
void CommandQueues::forget_events() {
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

std::optional<std::uint64_t> CommandQueues::event_cycle(std::uint64_t event) const {
    const std::lock_guard lock(mutex_);
    const auto found = work_.happened.find(event);
    if (found == work_.happened.end()) return std::nullopt;
    return found->second;
}

bool CommandQueues::empty(std::uint32_t queue) const {
    const std::lock_guard lock(mutex_);
    return work_.queues[queue].commands.empty();
}

bool CommandQueues::all_empty() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::all_of(work_.queues, [](const OneQueue& q) { return q.commands.empty(); });
}

std::vector<EndedLaunch> CommandQueues::take_ended(std::uint32_t queue) {
    const std::lock_guard lock(mutex_);
    return std::exchange(work_.queues[queue].ended, {});
}

std::uint64_t CommandQueues::first_start(std::uint32_t queue, std::uint64_t now) const {
    const std::lock_guard lock(mutex_);
    for (const EndedLaunch& launch : work_.queues[queue].ended) now = std::min(now, launch.start);
    return now;
}

std::uint32_t CommandQueues::count() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint32_t>(work_.queues.size());
}

QueuedWork CommandQueues::work() {
    const std::lock_guard lock(mutex_);
    forget_events();
    return work_;
}

void CommandQueues::adopt(QueuedWork work) {
    const std::lock_guard lock(mutex_);
    work.queues.resize(std::max(work.queues.size(), work_.queues.size()));
    work.next_event = std::max(work.next_event, work_.next_event);
    std::swap(work_, work);
}

void CommandQueues::clear() {
    std::vector<OneQueue> dropped;  // outlive the lock
    const std::lock_guard lock(mutex_);
    dropped.resize(work_.queues.size());
    dropped.swap(work_.queues);
}

bool CommandQueues::start_what_is_ready(DeviceState& state) {
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
CommandQueues::Start CommandQueues::start(DeviceState& state, std::uint32_t number,
                                          std::vector<Command>& done) {
    OneQueue& queue = work_.queues[number];
    if (queue.started || queue.commands.empty()) return Start::nothing;
    Command& command = queue.commands.front();
    const Acting acting(state.chip, number);
    if (const auto* wait = std::get_if<WaitCommand>(&command)) {
        if (!work_.happened.contains(wait->event)) return Start::nothing;
        if (acting.races() != nullptr) acting.races()->awaited(number, wait->event);
        queue.commands.pop_front();
        return Start::done;
    }
    if (const auto* record = std::get_if<RecordCommand>(&command)) {
        work_.happened[record->event] = state.chip.now();
        if (acting.races() != nullptr) acting.races()->recorded(number, record->event);
        queue.commands.pop_front();
        return Start::done;
    }
    if (const auto* run = std::get_if<RunCommand>(&command)) {
        // Another launch is there: its end brings us here again.
        if (!is_free(state, run->held->claim())) return Start::nothing;
        start_launches(state, *run, number);
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

Allocation record_of(const DeviceState& state, std::uint64_t buffer, std::uint32_t number,
                     const char* use) {
    const std::optional<Allocation> record = state.memory.find(buffer);
    if (record) return *record;
    throw ClosedError("queue " + std::to_string(host_number(number)) +
                      ": the buffer that it was to " + use + " has been freed");
}

bool with_host(const Allocation& record) {
    return record.placement.kind == Placement::Kind::host;
}

}  // namespace

// False if there is nothing to copy.
bool CommandQueues::start_copy(DeviceState& state, std::uint32_t number, CopyCommand& copy) {
    const Allocation from = record_of(state, copy.from, number, "copy from");
    const Allocation to = record_of(state, copy.to, number, "copy to");
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
    std::uint32_t engine = host_number(number) % engines;
    for (const DmaCopy& part : parts) {
        state.chip.submit({EngineKind::dma, engine},
                          {.work = part, .completion = notice_of_queue(number)});
        engine = (engine + 1) % engines;
    }
    return true;
}

void CommandQueues::engine_ended(DeviceState& state, std::uint32_t number) {
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    auto& commands = work_.queues[number].commands;
    auto* const copy = commands.empty() ? nullptr : std::get_if<CopyCommand>(&commands.front());
    // A snapshot that was made up may be wrong in what no check of it sees.
    if (copy == nullptr) throw SnapshotError("snapshot: a transfer of a queue that copies nothing");
    if (RaceCheck* const races = state.chip.races()) races->queue_saw_last_engine(number);
    if (--copy->left == 0) done = ended(state, number, "copy", copy->range.bytes);
}

void CommandQueues::transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes) {
    state.chip.notify_at(state.chip.cross_host_link(state.chip.now(), bytes), number);
}

// The first command of the queue is done.
Command CommandQueues::ended(DeviceState& state, std::uint32_t number, std::string_view what,
                             std::uint64_t bytes) {
    OneQueue& queue = work_.queues[number];
    if (Observer* const observer = state.chip.observer()) {
        observer->on_queue({.queue = host_number(number),
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

void CommandQueues::transfer_ended(DeviceState& state, std::uint32_t number) {
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    Command& command = work_.queues[number].commands.front();
    const Acting acting(state.chip, number);
    const auto note_read = [&](const Allocation& from, std::uint64_t offset, std::uint64_t bytes) {
        if (acting.races() == nullptr || with_host(from)) return;
        state.memory.for_each_piece(
            from, offset, bytes, [&](const MemoryRef& place, std::uint64_t, std::uint64_t n) {
                acting.races()->host_touched(place, n, false, state.chip.now());
            });
    };
    if (const auto* write = std::get_if<WriteCommand>(&command)) {
        const Allocation record = record_of(state, write->buffer, number, "write to");
        state.memory.write(record, write->offset, write->data);
        done = ended(state, number, "write", write->data.size());
    } else if (auto* copy = std::get_if<CopyCommand>(&command)) {
        const CopyRange& range = copy->range;
        if (copy->data.empty()) {
            copy->data.resize(range.bytes);
            const Allocation from = record_of(state, copy->from, number, "copy from");
            state.memory.read(from, range.from, copy->data);
            note_read(from, range.from, range.bytes);
        }
        if (--copy->left != 0) {
            transfer(state, number, range.bytes);
            return;
        }
        state.memory.write(record_of(state, copy->to, number, "copy to"), range.to, copy->data);
        done = ended(state, number, "copy", range.bytes);
    } else {
        const auto& read = std::get<ReadCommand>(command);
        read.buffer.read(read.data, read.offset);
        note_read(record_of(state, read.id, number, "read"), read.offset, read.data.size());
        done = ended(state, number, "read", read.data.size());
    }
}

void CommandQueues::launch_ended(DeviceState& state, UnderWay launch) {
    std::optional<Command> done;  // outlives the lock
    const std::lock_guard lock(mutex_);
    work_.queues[launch.queue].ended.push_back(std::move(launch.ended));
    if (launch.queue != direct_queue) done = ended(state, launch.queue, launch.name, 0);
}

std::string CommandQueues::describe(std::uint32_t number) const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (std::uint32_t q = 0; q < work_.queues.size(); ++q) {
        if (work_.queues[q].commands.empty()) continue;
        const Command& first = work_.queues[q].commands.front();
        text += "\n  queue " + std::to_string(host_number(q)) + (q == number ? " (this one)" : "") +
                " has " + std::to_string(work_.queues[q].commands.size()) +
                " commands left; the first ";
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
