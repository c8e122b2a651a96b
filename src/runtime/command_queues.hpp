// The command queues of a device: commands as plain data, and what starts them when their time has
// come. Queue 0 is that of direct launches, which start when they are given, beside each other; the
// others are the host's, in order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/copies.hpp"
#include "runtime/launches.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

struct DeviceState;
struct Allocation;

struct WriteCommand {
    std::uint64_t buffer;  ///< number of the allocation
    std::uint64_t offset;
    std::vector<std::byte> data;
    Buffer keep{};  ///< so that it is not freed before its time
};
struct ReadCommand {
    Buffer buffer;
    std::uint64_t id;  ///< number of its allocation
    std::uint64_t offset;
    std::span<std::byte> data;  ///< the caller's
};
/// Between two buffers: by DMA, or over the host link where there are no engines or a buffer is
/// memory of the host.
struct CopyCommand {
    std::uint64_t from;  ///< numbers of the allocations
    std::uint64_t to;
    CopyRange range;
    /// Of a copy under way: transfers of engines that have not ended, or crossings of the host
    /// link, on the last of which the bytes are here if they had to be fetched.
    std::uint64_t left = 0;
    std::vector<std::byte> data{};
    std::array<Buffer, 2> keep{};  ///< so that they are not freed before their time
};
struct RecordCommand {
    std::uint64_t event;
};
struct WaitCommand {
    std::uint64_t event;
};
using Command =
    std::variant<WriteCommand, ReadCommand, RunCommand, RecordCommand, WaitCommand, CopyCommand>;

constexpr std::uint32_t direct_queue = 0;
/// The number by which the host knows one of its queues.
constexpr std::uint32_t host_number(std::uint32_t queue) {
    return queue - 1;
}

struct OneQueue {
    std::deque<Command> commands{};  ///< the first one is under way if `started`
    bool started = false;
    std::uint64_t since = 0;           ///< cycle in which it started
    std::vector<EndedLaunch> ended{};  ///< what finish() will report
};

/// All that queues remember: what a snapshot of a device holds of them.
struct QueuedWork {
    std::vector<OneQueue> queues = std::vector<OneQueue>(1);
    std::map<std::uint64_t, std::uint64_t> happened;  ///< event that is known to somebody, to cycle
    std::uint64_t next_event = 1;
};

/// SnapshotError names a queue whose work cannot be saved: a read points into memory of the host.
void save(ArchiveWriter& archive, const QueuedWork& work);
/// SnapshotError if it cannot be what save() wrote.
QueuedWork load_queued_work(ArchiveReader& archive);
/// Launches under way, as a snapshot has them.
struct LoadedLaunches {
    std::uint64_t next = 1;
    Launches launches;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> cores;  ///< and the launch that runs there
};
void save_launches(ArchiveWriter& archive, const DeviceState& state);
/// SnapshotError if it cannot be what save_launches() wrote.
LoadedLaunches load_launches(ArchiveReader& archive);
/// Calls f(claim) for what is queued and what is under way.
template <class F>
void for_each_claim(const QueuedWork& work, const Launches& launches, F&& f) {
    for (const OneQueue& queue : work.queues) {
        for (const Command& command : queue.commands) {
            if (const auto* run = std::get_if<RunCommand>(&command)) f(run->held);
        }
    }
    for (const auto& [number, launch] : launches) f(launch.held);
}
/// Puts all that into a new edition of the book. AddressError if it cannot be.
void book_claims(Leases& leases, const QueuedWork& work, const LoadedLaunches& loaded);
/// SnapshotError unless the work fits the launches under way, the crossings of the host link whose
/// ends are due (by number of the queue), the commands of engines and the allocations.
void check(const QueuedWork& work, const Launches& launches,
           std::span<const std::uint32_t> crossings, const EngineState& engines,
           const std::map<std::uint64_t, Allocation>& records);

/// The notice of an engine's command that is part of a copy of the queue, and back. Those of
/// callbacks count from 1, that of matmuls is all ones.
constexpr std::uint64_t first_queue_notice = std::uint64_t{1} << 63;
constexpr std::uint64_t notice_of_queue(std::uint32_t queue) {
    return first_queue_notice | queue;
}
constexpr std::optional<std::uint32_t> queue_of_notice(std::uint64_t notice) {
    if (notice >> 32 != first_queue_notice >> 32) return std::nullopt;
    return static_cast<std::uint32_t>(notice);
}

/// The number of an event, shared by its handles.
using EventPoint = std::shared_ptr<const std::uint64_t>;

/// All members but `mutex_` are guarded by it; handlers lock it for themselves. Nothing that a
/// caller has made is destroyed under it.
class CommandQueues {
public:
    std::uint32_t add_queue();
    void add(std::uint32_t queue, Command command);
    EventPoint add_event();
    std::optional<std::uint64_t> event_cycle(std::uint64_t event) const;
    bool empty(std::uint32_t queue) const;
    bool all_empty() const;
    std::vector<EndedLaunch> take_ended(std::uint32_t queue);
    /// When the first launch began whose end finish() of that queue has not told of yet.
    std::uint64_t first_start(std::uint32_t queue, std::uint64_t now) const;
    std::uint32_t count() const;
    QueuedWork work();
    /// Queues that there were and that the work does not know stay, with nothing to do.
    void adopt(QueuedWork work);
    /// Drop all commands; events that have not happened never will.
    void clear();

    // Called while time passes:
    /// True if there was something.
    bool start_what_is_ready(DeviceState& state);
    void transfer_ended(DeviceState& state, std::uint32_t queue);
    void engine_ended(DeviceState& state, std::uint32_t queue);
    void launch_ended(DeviceState& state, UnderWay launch);
    /// What keeps the first command of a queue from starting, for messages.
    std::string describe(std::uint32_t queue) const;

private:
    Command ended(DeviceState& state, std::uint32_t number, std::string_view what,
                  std::uint64_t bytes);
    void forget_events();
    enum class Start : std::uint8_t { nothing, under_way, done };
    Start start(DeviceState& state, std::uint32_t number, std::vector<Command>& done);
    void transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes);
    bool start_copy(DeviceState& state, std::uint32_t number, CopyCommand& copy);

    mutable std::mutex mutex_;
    QueuedWork work_;
    std::map<std::uint64_t, std::weak_ptr<const std::uint64_t>> points_;  ///< of all events
    std::size_t forget_at_ = 64;  ///< so many of them, and it is worth looking who is gone
};

}  // namespace tilewright::detail
