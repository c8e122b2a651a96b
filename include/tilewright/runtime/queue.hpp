// Work in order, without waiting for it: copies, kernels, and waits between queues.
//
//     Queue copies = device.queue(), work = device.queue();
//     copies.write(x, data);
//     Event there = copies.record();
//     work.wait(there);
//     work.run(launches);
//     work.read(y, result);
//     work.finish();             // simulated time passes here, for all queues
//
// The commands of one queue take place one after another; those of different queues at the same
// time, as far as they do not wait for each other. What happens when depends on what is in the
// queues and not on the order in which the host filled them. Reads and writes cross the host link
// and take time on it, first come, first served: host_latency_cycles + ceil(bytes /
// host_bytes_per_cycle). Copies between buffers are work for the DMA engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/runtime/buffer.hpp"

namespace tilewright {

struct Launch;
struct RunOptions;
struct Run;

/// A point in a queue. Copies are the same point.
class TILEWRIGHT_API Event {
public:
    Event() = default;
    /// The cycle in which it happened, once it has.
    std::optional<Cycle> cycle() const;

private:
    friend class Queue;
    Event(const std::shared_ptr<detail::DeviceState>& state,
          std::shared_ptr<const std::uint64_t> number)
        : state_(state), number_(std::move(number)) {}
    std::weak_ptr<detail::DeviceState> state_;
    std::shared_ptr<const std::uint64_t> number_;  // forgotten when nobody holds it
};

/// A handle; copies are the same queue. Filling a queue is allowed from any thread, also while
/// another one lets time pass. Error once the device is closed.
class TILEWRIGHT_API Queue {
public:
    Queue() = default;
    /// Copy bytes of the host, which are taken at once. AddressError if they do not fit.
    void write(const Buffer& buffer, std::span<const std::byte> data, std::uint64_t offset = 0);
    /// Copy to memory of the host, which must stay until the command is done.
    void read(const Buffer& buffer, std::span<std::byte> data, std::uint64_t offset = 0);
    /// Copy a buffer to another one of the same size; both stay until the command is done. The DMA
    /// engines do it, beginning with engine (number of the queue) modulo their count: one transfer
    /// for each pair of memories in which the pages lie at regular distances, the next one by the
    /// next engine. On a chip without them the bytes come to the host and go back, each way over
    /// the host link; from and to pinned memory they cross it once. ArgumentError for buffers of
    /// different sizes, for two in pinned memory, and for ranges of one buffer that overlap.
    void copy(const Buffer& destination, const Buffer& source);
    /// So many bytes, from an offset in one to an offset in the other. AddressError if they do not
    /// fit.
    void copy(const Buffer& destination, const Buffer& source, std::uint64_t bytes,
              std::uint64_t destination_offset = 0, std::uint64_t source_offset = 0);
    /// Run kernels until all have ended. Arguments are checked at once; the cores must be idle when
    /// their turn comes.
    void run(std::span<const Launch> launches);
    /// An event that happens when all commands before it are done.
    Event record();
    /// Later commands wait until the event has happened. Error for an event of another device.
    void wait(const Event& event);

    /// Let time pass until all commands of this queue are done; errors as Device::finish(). The
    /// other queues go on meanwhile. Returns what the kernels of this queue did since the last
    /// call.
    Run finish(const RunOptions& options);
    Run finish();
    bool empty() const;  ///< all its commands are done

private:
    friend class Device;
    Queue(const std::shared_ptr<detail::DeviceState>& state, std::uint32_t number)
        : state_(state), number_(number) {}
    std::shared_ptr<detail::DeviceState> open_state() const;
    std::weak_ptr<detail::DeviceState> state_;
    std::uint32_t number_ = 0;
};

}  // namespace tilewright
