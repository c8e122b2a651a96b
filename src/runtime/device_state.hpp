// What a device owns behind its handles. They refer to it weakly: closing the device ends them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/allocations.hpp"
#include "runtime/command_queues.hpp"
#include "runtime/launches.hpp"
#include "runtime/leases.hpp"
#include "runtime/translator.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/sim/observer_group.hpp"

namespace tilewright::detail {

struct DeviceState : std::enable_shared_from_this<DeviceState> {
    DeviceState(const ChipConfig& config, const DeviceOptions& options);

    /// The last handle is gone, in any thread. Memory of the host that is pinned stays so while
    /// another thread uses the device.
    void drop(std::uint64_t id, const Allocation& allocation);
    /// In any thread, likewise: it counts from the end of what the device does.
    void forbid_calls(std::uint32_t number);

    /// The command with this notice has ended: its callback, which is forgotten here.
    std::function<void()> take_callback(std::uint64_t notice);

    /// No kernels, no transfers, no commands.
    void stop_everything();

    bool in_use_elsewhere() const;  ///< by another thread; `tables` is locked
    bool enter();                   ///< false if another thread uses the device
    void leave();

    const std::uint64_t serial;  ///< no other device of this process has it
    ObserverGroup observers;     ///< the chip tells them, so they come before it
    Translator translator;       ///< likewise
    Chip chip;

    // What other threads look at and drop handles from is guarded by `tables`, under which nothing
    // is destroyed that somebody else has made.
    mutable std::mutex tables;
    std::atomic<std::thread::id>
        user{};  ///< who uses the device (device_lock.hpp), if anybody does
    Leases leases;
    Allocations memory;
    std::vector<std::pair<std::uint64_t, Allocation>> dropped;  ///< pinned, to be given back
    std::vector<std::uint32_t> forbidden;  ///< images that may not be called from then on

    std::map<std::uint64_t, std::function<void()>> callbacks;  ///< by notice
    std::uint64_t next_notice = 1;
    Launches launches;  ///< under way
    std::uint64_t next_launch = 1;
    CommandQueues queues;
};

/// What a Lease shares between its copies.
struct LeaseHandle {
    LeaseHandle(std::weak_ptr<DeviceState> owner, std::uint64_t which, Holding what)
        : device(std::move(owner)), number(which), holding(std::move(what)) {}
    ~LeaseHandle() { release(); }
    LeaseHandle(const LeaseHandle&) = delete;
    LeaseHandle& operator=(const LeaseHandle&) = delete;
    void release() const;
    bool valid() const;

    std::weak_ptr<DeviceState> device;
    std::uint64_t number;
    Holding holding;
};

}  // namespace tilewright::detail
