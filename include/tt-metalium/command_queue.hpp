// Work for one device in order. Filling it lets no simulated time pass; finish() does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <tt-metalium/buffer.hpp>
#include <tt_stl/span.hpp>
#include <vector>

#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal {

class IDevice;
class Program;

namespace detail {
/// What a program is on one device: kernels compiled, memory placed, arguments taken.
using Launches = std::vector<tilewright::Launch>;
}  // namespace detail

class CommandQueue {
public:
    CommandQueue(IDevice& device, std::uint32_t id);
    CommandQueue(const CommandQueue&) = delete;
    CommandQueue& operator=(const CommandQueue&) = delete;

    std::uint32_t id() const { return id_; }
    IDevice* device() const { return device_; }

    /// Bytes for the pages of a buffer from the first of `region` on, taken at once. Throws
    /// std::runtime_error if they do not fit, or if another device holds the buffer.
    void write(const Buffer& buffer, tt::stl::Span<const std::byte> data, DeviceAddr offset = 0);
    /// Into memory that must stay until finish().
    void read(const Buffer& buffer, tt::stl::Span<std::byte> data, DeviceAddr offset = 0);
    void run(const detail::Launches& launches);
    tilewright::Event record();
    void wait(const tilewright::Event& event);
    /// Let simulated time pass until all is done; what kernels printed goes to standard output.
    void finish();

private:
    IDevice* device_;
    std::uint32_t id_;
    tilewright::Queue queue_;
    std::vector<std::function<void()>> after_finish_;  // take the padding out of what was read
};

}  // namespace tt::tt_metal
