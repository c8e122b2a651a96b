// The host as the chip knows it: memory that it has pinned for the network, the link to it, words
// and flags that it sets, and the cycles for which it wants to be told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tilewright/chip/config.hpp"
#include "tilewright/sim/clock.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/tile/order.hpp"

namespace tilewright {

struct HostSideState {
    std::vector<std::uint8_t> doorbells;   ///< by number of the semaphore: 1 if it is one
    std::vector<std::uint8_t> host_flags;  ///< by number of the flag: 1 if the host sets it
    std::uint64_t link_free_at = 0;
};
template <class Archive>
void fields(Archive& archive, HostSideState& s) {
    archive(s.doorbells, s.host_flags, s.link_free_at);
}

class HostSide {
public:
    HostSide(const ChipConfig& config, SimClock& clock);

    /// As of Chip.
    std::uint32_t pin(std::span<std::byte> memory);
    void unpin(std::uint32_t address) { pinned_.erase(address); }
    std::span<std::byte> pinned(std::uint64_t address) const;
    std::uint64_t cross_link(std::uint64_t cycle, std::uint64_t bytes);
    void notify_at(std::uint64_t cycle, std::uint32_t number);
    void make_doorbell(std::uint32_t address);
    void make_host_flag(std::uint32_t flag) { state_.host_flags[flag] = 1; }

    /// Where these bytes at the host's node lie; nullptr if they are not pinned.
    std::byte* find_pinned(std::uint32_t address, std::uint32_t bytes) const;
    bool is_doorbell(std::uint32_t address) const;
    bool sets(std::uint32_t flag) const { return state_.host_flags[flag] != 0; }
    /// SnapshotError while memory is pinned: it is the host's, so that it neither can be saved nor
    /// will be there.
    void check_unpinned() const;

    // The contract of a component
    using State = HostSideState;
    const State& state() const { return state_; }
    State blank() const { return {}; }
    void check(const State& state, const EventQueue& queue) const;
    void adopt(State&& state);
    bool owns(std::uint32_t component) const { return component == host_component; }
    std::optional<News> handle(const ScheduledEvent& event);
    void count(const CountSink&) const {}
    std::string describe() const { return {}; }
    std::uint32_t busy() const { return notices_due_; }
    void abort();

private:
    const ChipConfig& config_;
    SimClock& clock_;
    HostSideState state_;
    std::map<std::uint32_t, std::span<std::byte>> pinned_;  // by address at the host's node
    std::uint32_t notices_due_ = 0;                         // derived
};
static_assert(Component<HostSide>);

}  // namespace tilewright
