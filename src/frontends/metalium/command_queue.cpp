// The queue of one device: pages of buffers to and from the host's arrays, programs, events.
#include <algorithm>
#include <cstring>
#include <span>
#include <tt-metalium/command_queue.hpp>
#include <tt-metalium/device.hpp>
#include <tt-metalium/host_api.hpp>

#include "frontends/metalium/print.hpp"
#include "frontends/metalium/program_state.hpp"
#include "frontends/metalium/report.hpp"
#include "frontends/metalium/simulated_device.hpp"
#include "tilewright/base/error.hpp"

namespace tt::tt_metal {
namespace {

/// Bytes that lie together both in the native buffer and, page after page, at the host.
struct Run {
    DeviceAddr native;
    DeviceAddr bytes;       // in the native buffer, padding of pages included
    DeviceAddr host;        // offset in the host's array
    DeviceAddr host_bytes;  // without padding
};

void check(const Buffer& buffer, const IDevice& device, DeviceAddr offset, DeviceAddr bytes) {
    TT_FATAL(buffer.device() == &device, "the buffer belongs to another device");
    TT_FATAL(offset % buffer.page_size() == 0,
             "offset {} is not a multiple of the page of {} bytes", offset, buffer.page_size());
    TT_FATAL(offset <= buffer.size() && bytes <= buffer.size() - offset,
             "{} bytes at offset {} do not fit into a buffer of {}", bytes, offset, buffer.size());
}

std::vector<Run> runs_of(const Buffer& buffer, DeviceAddr offset, DeviceAddr bytes) {
    if (buffer.contiguous()) return {{offset, bytes, 0, bytes}};
    const DeviceAddr page = buffer.page_size();
    std::vector<Run> runs;
    for (DeviceAddr done = 0; done < bytes; done += page) {
        const auto number = static_cast<std::uint32_t>((offset + done) / page);
        const DeviceAddr native = buffer.native_offset(number);
        const DeviceAddr part = std::min(page, bytes - done);
        if (!runs.empty()) {
            Run& last = runs.back();
            const DeviceAddr pages = last.host_bytes / page;
            if (native == last.native + pages * buffer.aligned_page_size()) {
                last.bytes = native + part - last.native;
                last.host_bytes += part;
                continue;
            }
        }
        runs.push_back({native, part, done, part});
    }
    return runs;
}

struct Pages {
    DeviceAddr bytes;
    DeviceAddr aligned;
};

// Calls copy(offset with padding, offset without, bytes) for the pages of `bytes` bytes.
template <class Copy>
void for_each_page(const Pages& pages, DeviceAddr bytes, Copy&& copy) {
    for (DeviceAddr done = 0; done < bytes; done += pages.bytes) {
        copy(done / pages.bytes * pages.aligned, done, std::min(pages.bytes, bytes - done));
    }
}

}  // namespace

CommandQueue::CommandQueue(IDevice& device, std::uint32_t id)
    : device_(&device), id_(id), queue_(device.native().queue()) {}

void CommandQueue::write(const Buffer& buffer, tt::stl::Span<const std::byte> data,
                         DeviceAddr offset) {
    check(buffer, *device_, offset, data.size());
    const Pages pages{buffer.page_size(), buffer.aligned_page_size()};
    for (const Run& run : runs_of(buffer, offset, data.size())) {
        const auto part = data.subspan(run.host, run.host_bytes);
        if (run.bytes == run.host_bytes) {
            queue_.write(buffer.native(), part, run.native);
            continue;
        }
        std::vector<std::byte> padded(run.bytes);
        for_each_page(pages, part.size(), [&](DeviceAddr at, DeviceAddr from, DeviceAddr bytes) {
            std::memcpy(padded.data() + at, part.data() + from, bytes);
        });
        queue_.write(buffer.native(), padded, run.native);
    }
}

void CommandQueue::read(const Buffer& buffer, tt::stl::Span<std::byte> data, DeviceAddr offset) {
    check(buffer, *device_, offset, data.size());
    const Pages pages{buffer.page_size(), buffer.aligned_page_size()};
    for (const Run& run : runs_of(buffer, offset, data.size())) {
        const auto part = data.subspan(run.host, run.host_bytes);
        if (run.bytes == run.host_bytes) {
            queue_.read(buffer.native(), part, run.native);
            continue;
        }
        const auto padded = std::make_shared<std::vector<std::byte>>(run.bytes);
        queue_.read(buffer.native(), *padded, run.native);
        after_finish_.push_back([pages, padded, part] {
            for_each_page(pages, part.size(), [&](DeviceAddr at, DeviceAddr to, DeviceAddr bytes) {
                std::memcpy(part.data() + to, padded->data() + at, bytes);
            });
        });
    }
}

void CommandQueue::run(const detail::Launches& launches) {
    if (!launches.empty()) queue_.run(launches);
}

tilewright::Event CommandQueue::record() {
    return queue_.record();
}

void CommandQueue::wait(const tilewright::Event& event) {
    queue_.wait(event);
}

void CommandQueue::finish() {
    const auto after = std::exchange(after_finish_, {});
    detail::print_output(device_->id(), [&] {
        tilewright::Run run = queue_.finish();
        detail::report_run(device_->id(), device_->native().config().name, run);
        return run;
    });
    for (const auto& action : after) action();
}

// --- Host API -----------------------------------------------------------------------------------

void EnqueueWriteBuffer(CommandQueue& queue, BufferRefOrPtr buffer,
                        tt::stl::Span<const std::byte> data, bool blocking) {
    queue.write(*buffer, data);
    if (blocking) queue.finish();
}
void EnqueueWriteBuffer(CommandQueue& queue, BufferRefOrPtr buffer, const void* data,
                        bool blocking) {
    EnqueueWriteBuffer(queue, buffer,
                       std::span(static_cast<const std::byte*>(data), buffer->size()), blocking);
}
void EnqueueReadBuffer(CommandQueue& queue, BufferRefOrPtr buffer, void* data, bool blocking) {
    queue.read(*buffer, std::span(static_cast<std::byte*>(data), buffer->size()));
    if (blocking) queue.finish();
}
void EnqueueProgram(CommandQueue& queue, Program& program, bool blocking) {
    for (const auto& kernel : program.state().kernels) {
        queue.device()->sub_devices().check_cores(kernel.cores);
    }
    queue.run(detail::prepare(program.state(), *queue.device()));
    if (blocking) queue.finish();
}
void Finish(CommandQueue& queue, tt::stl::Span<const SubDeviceId>) {
    queue.finish();
}
void Synchronize(IDevice* device, std::optional<std::uint8_t> cq_id,
                 tt::stl::Span<const SubDeviceId>) {
    for (std::uint8_t q = 0; q < device->num_hw_cqs(); ++q) {
        if (!cq_id || *cq_id == q) device->command_queue(q).finish();
    }
}
void EnqueueRecordEvent(CommandQueue& queue, const std::shared_ptr<Event>& event,
                        tt::stl::Span<const SubDeviceId>) {
    event->device = queue.device();
    event->cq_id = queue.id();
    ++event->event_id;
    event->native = queue.record();
}
void EnqueueWaitForEvent(CommandQueue& queue, const std::shared_ptr<Event>& event) {
    TT_FATAL(event->native.has_value(), "the event was never recorded");
    queue.wait(*event->native);
}
void EventSynchronize(const std::shared_ptr<Event>& event) {
    TT_FATAL(event->native.has_value(), "the event was never recorded");
    if (!event->native->cycle()) {
        event->device->command_queue(static_cast<std::uint8_t>(event->cq_id)).finish();
    }
}
bool EventQuery(const std::shared_ptr<Event>& event) {
    TT_FATAL(event->native.has_value(), "the event was never recorded");
    if (!event->native->cycle()) detail::let_time_pass(*event->device);
    return event->native->cycle().has_value();
}

}  // namespace tt::tt_metal
