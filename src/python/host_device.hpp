// A device in the hands of Python threads: one at a time.
//
// A run releases the GIL, so another thread, or a signal handler, may call in meanwhile. The flag
// is read and written with the GIL held, which makes the check exact.
#pragma once

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "host_bytes.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/tensix/watch.hpp"
#include "tilewright/trace/profile.hpp"
#include "tilewright/trace/trace.hpp"

namespace tilewright::python {

/// Whether a call on a device is under way. A callback that the call makes may call the device too.
struct InUse {
    bool busy = false;
    std::thread::id in_callback{};  ///< the thread that is in one
};

/// Memory that the queued reads of one queue will fill.
using HostReads = std::vector<std::shared_ptr<HostBytes>>;

struct HostDevice {
    Device device;
    std::vector<std::shared_ptr<HostReads>> reads{};  ///< of each queue, which may be gone itself
    std::unique_ptr<TraceWriter> trace{};             ///< the recording under way
    std::unique_ptr<Profile> profile{};               ///< likewise
    std::unique_ptr<tensix::ElementWatch> watch{};    ///< of a number of a compute engine
    TileId watch_tile{};                              ///< whose engine that is
    Architecture watch_architecture{};                ///< of that engine
    std::shared_ptr<InUse> in_use = std::make_shared<InUse>();

    explicit HostDevice(const ChipConfig& config, const DeviceOptions& options = {})
        : device(config, options) {}
};

struct HostBuffer {
    Buffer buffer;
    std::shared_ptr<InUse> in_use;  ///< of its device
};

/// The device lock as a call from Python holds it, on a device or on what belongs to one. It does
/// not wait: BusyError if another thread's call holds it.
class HostLock {
public:
    explicit HostLock(std::shared_ptr<InUse> in_use)
        : in_use_(std::move(in_use)), outer_(in_use_->busy) {
        if (outer_ && in_use_->in_callback != std::this_thread::get_id()) {
            throw BusyError("device: in use by another thread, which must return first");
        }
        in_use_->busy = true;
    }
    ~HostLock() { in_use_->busy = outer_; }
    HostLock(const HostLock&) = delete;
    HostLock& operator=(const HostLock&) = delete;

private:
    std::shared_ptr<InUse> in_use_;
    bool outer_;
};

}  // namespace tilewright::python
