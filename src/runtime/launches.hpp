// Kernels that were launched together: checked, started, and what they did.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/leases.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

template <class Archive>
void fields(Archive& archive, CoreReport& r) {
    archive(r.core.tile.x, r.core.tile.y, r.core.processor, r.start, r.end, r.instructions,
            r.waiting_cycles, r.output);
}

}  // namespace tilewright

namespace tilewright::detail {

struct DeviceState;

/// Holds a claim until the last copy of the pointer to it goes.
class ClaimHolder {
public:
    explicit ClaimHolder(Claim claim) : claim_(std::move(claim)) {}
    ~ClaimHolder();
    ClaimHolder(const ClaimHolder&) = delete;
    ClaimHolder& operator=(const ClaimHolder&) = delete;
    const Claim& claim() const { return claim_; }
    /// The claim is in the book of the device now, and is to be ended there.
    void booked(const std::shared_ptr<DeviceState>& state);

private:
    std::weak_ptr<DeviceState> state_;
    std::uint64_t edition_ = 0;
    Claim claim_;
};
using HeldClaim = std::shared_ptr<ClaimHolder>;

/// Launches that were checked, with their arguments as words: what a command queue takes.
struct RunCommand {
    std::vector<Launch> launches;
    std::vector<std::vector<std::uint32_t>> words;
    HeldClaim held;
};

struct EndedLaunch {
    std::uint64_t start = 0;  ///< cycle of the launch
    std::vector<CoreReport> cores{};
};

/// A launch under way.
struct UnderWay {
    std::uint32_t queue = 0;  ///< whose command it is
    std::uint32_t left = 0;   ///< cores that still run
    std::string name{};       ///< of its first kernel
    HeldClaim held{};
    EndedLaunch ended{};  ///< what the others did
};

template <class Archive>
void fields(Archive& archive, EndedLaunch& e) {
    archive(e.start, e.cores);
}

/// By number, which grows from launch to launch and goes with its cores (Leases::launch_on).
using Launches = std::map<std::uint64_t, UnderWay>;

/// Everything about the launches that can be known before they start. AddressError names what does
/// not fit, or who has what they need; nothing is claimed then.
RunCommand check_launches(const std::shared_ptr<DeviceState>& state,
                          std::span<const Launch> launches);

/// AddressError, which names the other, unless the launches can start now.
void check_free(const DeviceState& state, const Claim& claim);
bool is_free(const DeviceState& state, const Claim& claim);

/// Start checked launches now, which are free to, for a queue.
void start_launches(DeviceState& state, const RunCommand& command, std::uint32_t queue);

/// The kernel on a core has ended.
void core_ended(DeviceState& state, std::uint32_t core);

/// What launches did, as one run.
Run report(const DeviceState& state, std::span<const EndedLaunch> launches);

/// What the kernels have printed that are under way, or belong to a launch that is; for a message,
/// short or in full.
std::string printed(const DeviceState& state, bool full = false);

/// The run also had engines at work from `start` until now.
void extend(Run& run, const DeviceState& state, std::uint64_t start);

}  // namespace tilewright::detail
