// The DRAM banks of a chip: when each has served an access, and what it has done.
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/chip/config.hpp"
#include "tilewright/memory/dram_bank.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/sim/probes.hpp"

namespace tilewright {

struct DramBanksState {
    std::vector<DramBank> banks;
};
template <class Archive>
void fields(Archive& archive, DramBanksState& s) {
    archive(s.banks);
}

DramTiming dram_timing(const ChipConfig& config);

class DramBanks {
public:
    DramBanks(const ChipConfig& config, const Probes& probes);

    DramBank& bank(std::uint32_t number) { return state_.banks[number]; }
    const DramBank& bank(std::uint32_t number) const { return state_.banks[number]; }
    /// Serve an access that arrives at `cycle`; the cycle in which it is done.
    std::uint64_t access(std::uint32_t bank, std::uint64_t cycle, std::uint32_t address,
                         std::uint32_t bytes, bool write);

    // The contract of a component
    using State = DramBanksState;
    const State& state() const { return state_; }
    State blank() const { return {}; }
    void check(const State& state, const EventQueue& queue) const;
    void adopt(State&& state) { state_ = std::move(state); }
    bool owns(std::uint32_t) const { return false; }
    std::optional<News> handle(const ScheduledEvent&) { return std::nullopt; }
    void count(const CountSink& sink) const;
    std::string describe() const { return {}; }
    std::uint32_t busy() const { return 0; }
    void abort();

private:
    const Probes& probes_;
    DramTiming timing_;
    DramBanksState state_;
};
static_assert(Component<DramBanks>);

}  // namespace tilewright
