// One thread at a time uses a device. Who comes in between is refused, whatever the device is
// doing.
#pragma once

#include <memory>
#include <thread>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::detail {

/// Held for the length of one call on a device or on what belongs to it; keeps the device's state,
/// which a callback may close.
class DeviceLock {
public:
    /// BusyError if another thread uses the device. A callback of the thread that does comes in
    /// again.
    explicit DeviceLock(std::shared_ptr<DeviceState> state)
        : state_(std::move(state)),
          inside_already_(state_->user.load() == std::this_thread::get_id()) {
        if (!inside_already_ && !state_->enter()) {
            throw BusyError("the device is in use by another thread, which must return first");
        }
    }
    ~DeviceLock() {
        if (!inside_already_) state_->leave();
    }
    DeviceLock(const DeviceLock&) = delete;
    DeviceLock& operator=(const DeviceLock&) = delete;

    DeviceState& operator*() const { return *state_; }
    DeviceState* operator->() const { return state_.get(); }

private:
    std::shared_ptr<DeviceState> state_;
    bool inside_already_;
};

/// For what is several calls in one. ClosedError if the device is closed, BusyError if in use.
DeviceLock lock_device(const Device& device);

}  // namespace tilewright::detail
