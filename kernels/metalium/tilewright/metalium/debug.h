// What helps to debug and to profile: assertions, waypoints, zones of the timeline.
#pragma once

#include <cstdint>

#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/zone.hpp"

#define TILEWRIGHT_TEXT_OF(x) #x
#define TILEWRIGHT_JOINED_(a, b) a##b
#define TILEWRIGHT_JOINED(a, b) TILEWRIGHT_JOINED_(a, b)

/// Stops the run as a fault unless the condition holds. What else is given is not used.
#define ASSERT(condition, ...) \
    ::tilewright::kernel::check(static_cast<bool>(condition), "ASSERT(" #condition ") failed")
#define LLK_ASSERT(condition, message) \
    ::tilewright::kernel::check(static_cast<bool>(condition), message)

// Reports name the place of each core; a mark that it leaves on its way adds nothing.
#define WAYPOINT(mark) static_assert(sizeof(mark) <= 5, "a waypoint has at most four letters")
#define PAUSE()
#define WATCHER_RING_BUFFER_PUSH(value) static_cast<void>(value)

/// A stretch of the timeline with a name, to the end of the block.
#define DeviceZoneScopedN(name) \
    const ::tilewright::kernel::Zone TILEWRIGHT_JOINED(tilewright_zone_, __COUNTER__)(name)
#define DeviceZoneScopedMainN(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedMainChildN(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedSumN1(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedSumN2(name) DeviceZoneScopedN(name)
namespace tilewright::metalium {
/// The name of a moment in the timeline; programs of 2024 give it a number, which is not recorded.
TILEWRIGHT_DEVICE const char* moment_name(const char* name) {
    return name;
}
TILEWRIGHT_DEVICE const char* moment_name(std::uint32_t) {
    return "data";
}
}  // namespace tilewright::metalium
/// A moment of the timeline; what goes with it is evaluated and not recorded.
#define DeviceTimestampedData(name, data)                   \
    do {                                                    \
        static_cast<void>(data);                            \
        const ::tilewright::kernel::Zone tilewright_moment( \
            ::tilewright::metalium::moment_name(name));     \
    } while (false)
#define DeviceRecordEvent(id) DeviceTimestampedData("event", id)

/// Caches of L1 are left out of the model: there is nothing to invalidate.
TILEWRIGHT_DEVICE void invalidate_l1_cache() {
    tilewright::kernel::device::compiler_barrier();
}

/// Lets this many cycles pass.
TILEWRIGHT_DEVICE void riscv_wait(std::uint32_t cycles) {
    const std::uint64_t end = tilewright::kernel::cycles() + cycles;
    while (tilewright::kernel::cycles() < end) {
    }
}

/// Signs of life for a host that watches: a deadlock is found without them.
#define RISC_POST_STATUS(status) static_cast<void>(status)
TILEWRIGHT_DEVICE void RISC_POST_HEARTBEAT(std::uint32_t& heartbeat) {
    ++heartbeat;
}
