#include "chip/host_side.hpp"

#include <algorithm>

#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {
namespace {

// Regions lie on pages with address 0 left out, so that a kernel's null address is a fault.
constexpr std::uint64_t page = 4096;

std::uint32_t notices_in(const EventQueue& queue) {
    return static_cast<std::uint32_t>(
        std::ranges::count(queue.events(), host_component,
                           [](const ScheduledEvent& event) { return event.component; }));
}

}  // namespace

HostSide::HostSide(const ChipConfig& config, SimClock& clock)
    : config_(config),
      clock_(clock),
      state_{.doorbells = std::vector<std::uint8_t>(abi::semaphore_count),
             .host_flags = std::vector<std::uint8_t>(abi::engine_flag_count)} {}

std::uint32_t HostSide::pin(std::span<std::byte> memory) {
    if (!config_.host_router) {
        throw UnsupportedError("pin: the host of '" + config_.name +
                               "' is not on its network (config field 'host_router')");
    }
    if (memory.empty()) throw ArgumentError("pin: 0 bytes; expected at least 1");
    std::uint64_t at = page;
    for (const auto& [address, taken] : pinned_) {
        if (address - at >= memory.size()) break;
        at = (address + taken.size() + page - 1) / page * page;
    }
    if (at + memory.size() > std::uint64_t{1} << 32) {
        throw OutOfMemoryError("pin: no room for " + std::to_string(memory.size()) +
                               " bytes among the host's 4294967296 addresses");
    }
    pinned_.emplace(static_cast<std::uint32_t>(at), memory);
    return static_cast<std::uint32_t>(at);
}

std::span<std::byte> HostSide::pinned(std::uint64_t address) const {
    return pinned_.at(static_cast<std::uint32_t>(address));
}

std::byte* HostSide::find_pinned(std::uint32_t address, std::uint32_t bytes) const {
    auto next = pinned_.upper_bound(address);
    if (next == pinned_.begin()) return nullptr;
    const auto& [start, memory] = *std::prev(next);
    const std::uint64_t offset = address - start;
    if (offset > memory.size() || bytes > memory.size() - offset) return nullptr;
    return memory.data() + offset;
}

std::uint64_t HostSide::cross_link(std::uint64_t cycle, std::uint64_t bytes) {
    const std::uint64_t rate = config_.host_bytes_per_cycle;
    state_.link_free_at = std::max(cycle, state_.link_free_at) + (bytes + rate - 1) / rate;
    return state_.link_free_at + config_.host_latency_cycles;
}

void HostSide::notify_at(std::uint64_t cycle, std::uint32_t number) {
    clock_.queue.push(cycle, host_component, number);
    ++notices_due_;
}

void HostSide::make_doorbell(std::uint32_t address) {
    state_.doorbells.at((address - abi::semaphore_base) / 4) = 1;
}

bool HostSide::is_doorbell(std::uint32_t address) const {
    const std::uint32_t number = (address - abi::semaphore_base) / 4;
    return number < state_.doorbells.size() && state_.doorbells[number] != 0;
}

void HostSide::check_unpinned() const {
    for (const auto& [address, memory] : pinned_) {
        throw SnapshotError("snapshot: " + std::to_string(memory.size()) +
                            " bytes of the host's memory are pinned at " + std::to_string(address) +
                            "; free them first");
    }
}

void HostSide::check(const State& state, const EventQueue&) const {
    if (state.doorbells.size() != state_.doorbells.size()) {
        throw SnapshotError("snapshot: wrong number of semaphores");
    }
    if (state.host_flags.size() != state_.host_flags.size()) {
        throw SnapshotError("snapshot: wrong number of flags");
    }
}

void HostSide::adopt(State&& state) {
    state_ = std::move(state);
    pinned_.clear();
    notices_due_ = notices_in(clock_.queue);
}

std::optional<News> HostSide::handle(const ScheduledEvent& event) {
    --notices_due_;
    return News{News::Kind::notified, event.data};
}

void HostSide::abort() {
    notices_due_ = 0;
    state_.link_free_at = 0;
}

}  // namespace tilewright
