// Who has code that gives the signal for which a core waits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/signal_sites.hpp"
#include "tilewright/sim/run_report.hpp"

namespace tilewright::diagnose {

/// For one look at a chip: what kernels' files say is read once for each.
class Signallers {
public:
    explicit Signallers(const Chip& chip);

    /// Among the cores from `first` to `end`, without the one that waits: those that were launched
    /// with it or later.
    std::vector<Signaller> find(std::uint32_t waiter, abi::Signal signal, std::uint32_t object,
                                std::uint32_t first, std::uint32_t end);
    /// Cores of its tile whose kernels are under way, where they are.
    std::vector<Signaller> beside(std::uint32_t waiter) const;

private:
    bool launched_with(std::uint32_t core, std::uint32_t other) const;
    const std::vector<firmware::SignalSite>& sites(const Image& image);

    const Chip& chip_;
    std::vector<bool> known_;  // by core: its image is still the one that it ran
    std::map<const Image*, std::vector<firmware::SignalSite>> sites_;
};

/// Those of `more` go to the ones that are at the same place and in the same state.
void add_signallers(std::vector<Signaller>& all, const std::vector<Signaller>& more);

/// Four of them at most, or all if it is to be in full.
std::string list_signallers(const std::vector<Signaller>& all, bool full);

}  // namespace tilewright::diagnose
