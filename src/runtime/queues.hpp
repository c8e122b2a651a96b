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
#include "tilewright/runtime/device.hpp"

namespace tilewright::detail {

struct DeviceState;

struct WriteCommand {
    Buffer buffer;
    std::uint64_t offset;
    std::vector<std::byte> data;
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
    std::vector<Group> ended;  ///< what finish() will report
};

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
    /// Drop all commands; events that have not happened never will.
    void clear();

    // Called while time passes:
    void start_what_is_ready(DeviceState& state);
    void transfer_ended(DeviceState& state, std::uint32_t queue);
    void group_ended(DeviceState& state, Group& group);
    /// What keeps the first command of a queue from starting, for messages.
    std::string describe(std::uint32_t queue) const;

private:
    bool start(DeviceState& state, std::uint32_t number);
    void transfer(DeviceState& state, std::uint32_t number, std::uint64_t bytes);

    mutable std::mutex mutex_;
    std::vector<OneQueue> queues_;
    std::map<std::uint64_t, std::uint64_t> happened_;  // event to cycle
    std::uint64_t next_event_ = 1;
};

}  // namespace tilewright::detail
