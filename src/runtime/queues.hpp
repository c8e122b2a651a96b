// The queues of a device: commands as plain data, and what starts them when their time has come.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "runtime/running.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

struct DeviceState;
struct Record;

struct WriteCommand {
    std::uint64_t buffer;  ///< number of the allocation
    std::uint64_t offset;
    std::vector<std::byte> data;
    Buffer keep{};  ///< so that it is not freed before its time
};
struct ReadCommand {
    Buffer buffer;
    std::uint64_t offset;
    std::span<std::byte> data;  ///< the caller's
};
struct RunCommand {
    std::vector<Launch> launches;
    std::vector<std::vector<std::uint32_t>> words;
};
struct RecordCommand {
    std::uint64_t event;
};
struct WaitCommand {
    std::uint64_t event;
};
using Command = std::variant<WriteCommand, ReadCommand, RunCommand, RecordCommand, WaitCommand>;

struct OneQueue {
    std::deque<Command> commands;  ///< the first one is under way if `started`
    bool started = false;
    std::uint64_t since = 0;   ///< cycle in which it started
    std::vector<Group> ended;  ///< what finish() will report
};

/// All that queues remember: what a snapshot of a device holds of them.
struct QueuedWork {
    std::vector<OneQueue> queues;
    std::map<std::uint64_t, std::uint64_t> happened;  ///< event to cycle
    std::uint64_t next_event = 1;
};

/// SnapshotError names a queue whose work cannot be saved: a read points into memory of the host.
void save(ArchiveWriter& archive, const QueuedWork& work);
/// SnapshotError if it cannot be what save() wrote.
QueuedWork load_queued_work(ArchiveReader& archive);
/// SnapshotError unless the work fits the launches under way, the copies whose ends are due (by
/// number of the queue) and the allocations.
void check(const QueuedWork& work, std::span<const Group> groups,
           std::span<const std::uint32_t> copies, const std::map<std::uint64_t, Record>& records);

/// All members but `mutex` are guarded by it; handlers lock it for themselves.
class Queues {
public:
    std::uint32_t add_queue();
    void add(std::uint32_t queue, Command command);
    std::uint64_t add_event();
    std::optional<std::uint64_t> event_cycle(std::uint64_t event) const;
    bool empty(std::uint32_t queue) const;
    bool all_empty() const;
    std::vector<Group> take_ended(std::uint32_t queue);
    std::uint32_t count() const;
    QueuedWork work() const;
    /// Queues that there were and that the work does not know stay, with nothing to do.
    void adopt(QueuedWork work);
    /// Drop all commands; events that have not happened never will.
    void clear();

    // Called while time passes:
    void start_what_is_ready(DeviceState& state);
    void transfer_ended(DeviceState& state, std::uint32_t queue);
    void group_ended(DeviceState& state, Group& group);
    /// What keeps the first command of a queue from starting, for messages.
    std::string describe(std::uint32_t queue) const;

private:
    void ended(DeviceState& state, std::uint32_t number, std::string_view what,
               std::uint64_t bytes);
    bool start(DeviceState& state, std::uint32_t number);
    void transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes);

    mutable std::mutex mutex_;
    QueuedWork work_;
};

}  // namespace tilewright::detail
