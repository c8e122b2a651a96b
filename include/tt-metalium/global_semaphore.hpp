// A semaphore that outlives programs: one word at the same L1 address on every tile.
#pragma once

#include <cstdint>
#include <memory>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/core_coord.hpp>

namespace tt::tt_metal {

class GlobalSemaphore {
public:
    GlobalSemaphore(IDevice* device, const CoreRangeSet& cores, std::uint32_t initial_value,
                    BufferType buffer_type = BufferType::L1);
    IDevice* device() const { return buffer_->device(); }
    DeviceAddr address() const { return buffer_->address(); }
    /// On all its cores, now.
    void reset_semaphore_value(std::uint32_t value) const;

private:
    CoreRangeSet cores_;
    std::shared_ptr<Buffer> buffer_;
};

}  // namespace tt::tt_metal
