// What a program may ask of a device's memories.
#pragma once

#include <cstdint>
#include <tt-metalium/buffer_types.hpp>
#include <tt-metalium/hal_types.hpp>

namespace tt::tt_metal {

class IDevice;

class Allocator {
public:
    explicit Allocator(const IDevice& device) : device_(&device) {}
    std::uint32_t get_alignment(BufferType type) const;  ///< bytes that pages are rounded up to
    std::uint32_t get_num_banks(const BufferType& type) const;
    DeviceAddr get_bank_size(const BufferType& type) const;
    /// Where a program's own L1, or its own part of each DRAM bank, begins.
    DeviceAddr get_base_allocator_addr(const HalMemType& memory) const;

private:
    const IDevice* device_;
};

}  // namespace tt::tt_metal
