#include "tilewright/runtime/queue.hpp"

#include <chrono>

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/race/race_check.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

void check(const Buffer& buffer, std::uint64_t offset, std::uint64_t bytes,
           const std::shared_ptr<detail::DeviceState>& state) {
    const std::uint64_t size = buffer.bytes();
    if (!buffer.belongs_to(state)) throw ArgumentError("the buffer belongs to another device");
    if (offset <= size && bytes <= size - offset) return;
    throw AddressError(std::to_string(bytes) + " bytes at offset " + std::to_string(offset) +
                       " do not fit into a buffer of " + std::to_string(size) + " bytes");
}

}  // namespace

std::optional<Cycle> Event::cycle() const {
    const auto state = state_.lock();
    if (!state) return std::nullopt;
    const auto cycle = state->queues.event_cycle(*number_);
    return cycle ? std::optional(Cycle{*cycle}) : std::nullopt;
}

std::shared_ptr<detail::DeviceState> Queue::open_state() const {
    auto state = state_.lock();
    if (!state) throw ClosedError("the device of the queue is closed");
    return state;
}

void Queue::write(const Buffer& buffer, std::span<const std::byte> data, std::uint64_t offset) {
    const auto state = open_state();
    check(buffer, offset, data.size(), state);
    state->queues.add(
        number_,
        detail::WriteCommand{buffer.allocation_->id, offset, {data.begin(), data.end()}, buffer});
}

void Queue::read(const Buffer& buffer, std::span<std::byte> data, std::uint64_t offset) {
    const auto state = open_state();
    check(buffer, offset, data.size(), state);
    state->queues.add(number_, detail::ReadCommand{buffer, buffer.allocation_->id, offset, data});
}

void Queue::copy(const Buffer& destination, const Buffer& source) {
    if (destination.bytes() != source.bytes()) {
        throw ArgumentError("copy: the destination has " + std::to_string(destination.bytes()) +
                            " bytes, the source " + std::to_string(source.bytes()));
    }
    copy(destination, source, source.bytes());
}

void Queue::copy(const Buffer& destination, const Buffer& source, std::uint64_t bytes,
                 std::uint64_t destination_offset, std::uint64_t source_offset) {
    const auto state = open_state();
    check(source, source_offset, bytes, state);
    check(destination, destination_offset, bytes, state);
    const auto pinned = [](const Buffer& buffer) {
        return buffer.placement().kind == Placement::Kind::host;
    };
    if (pinned(source) && pinned(destination)) {
        throw ArgumentError("copy: both buffers are memory of the host; copy it there");
    }
    const std::uint64_t from = source.allocation_->id;
    const std::uint64_t to = destination.allocation_->id;
    if (from == to && bytes != 0 && source_offset < destination_offset + bytes &&
        destination_offset < source_offset + bytes) {
        throw ArgumentError("copy: bytes " + std::to_string(source_offset) + " and " +
                            std::to_string(destination_offset) + ", " + std::to_string(bytes) +
                            " of each, overlap in one buffer");
    }
    state->queues.add(number_,
                      detail::CopyCommand{.from = from,
                                          .to = to,
                                          .range = {source_offset, destination_offset, bytes},
                                          .keep = {source, destination}});
}

void Queue::run(std::span<const Launch> launches) {
    const auto state = open_state();
    if (launches.empty()) throw ArgumentError("a queue got a launch of no kernels");
    state->queues.add(number_, detail::check_launches(state, launches));
}

Event Queue::record() {
    const auto state = open_state();
    Event event(state, state->queues.add_event());
    state->queues.add(number_, detail::RecordCommand{*event.number_});
    return event;
}

void Queue::wait(const Event& event) {
    const auto state = open_state();
    if (event.state_.lock() != state) throw ArgumentError("the event belongs to another device");
    state->queues.add(number_, detail::WaitCommand{*event.number_});
}

bool Queue::empty() const {
    return open_state()->queues.empty(number_);
}

Run Queue::finish() {
    return finish(RunOptions{});
}

Run Queue::finish(const RunOptions& options) {
    const detail::DeviceLock state(open_state());
    const auto host_start = std::chrono::steady_clock::now();
    const std::uint64_t deadline = detail::cycles_after(state->chip.now(), options.cycle_limit);
    bool done = false;  // other threads may fill it again at once
    const Chip::Outcome outcome = detail::pass_time(
        *state, deadline, options, [&] { return done = state->queues.empty(number_); });
    detail::refuse_outcome(*state, outcome, options);
    if (!done) {
        const std::string text =
            "queue " + std::to_string(detail::host_number(number_)) +
            " cannot go on, and nothing else is left to happen:" + state->queues.describe(number_);
        if (outcome == Chip::Outcome::idle) {
            throw StateError(text + "\n  and kernels wait for the host to ring a doorbell");
        }
        state->stop_everything();
        throw DeadlockError(text);
    }
    if (RaceCheck* const races = state->chip.races()) {
        races->queue_saw_queue(detail::direct_queue, number_);
    }
    const std::vector<detail::EndedLaunch> launches = state->queues.take_ended(number_);
    Run run = detail::report(*state, launches);
    run.host_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - host_start).count();
    return run;
}

}  // namespace tilewright
