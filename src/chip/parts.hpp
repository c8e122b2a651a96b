// The parts of a chip, in one table: what the chip does with all of them is a loop over it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "chip/dram_banks.hpp"
#include "chip/early_turns.hpp"
#include "chip/engine_station.hpp"
#include "chip/host_side.hpp"
#include "chip/images.hpp"
#include "chip/network.hpp"
#include "chip/tiles.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/race/race_check.hpp"
#include "tilewright/tile/lap.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/suspicion.hpp"

namespace tilewright {

struct Parts {
    Parts(const ChipConfig& chip, const Conventions& conventions,
          std::span<const DeviceKind> more_devices);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    const ChipConfig config;
    const TileParameters parameters;
    const std::vector<CoreTraits> traits;  ///< of the cores of workers, and of each control tile
    const std::vector<TileSite> sites;
    Memories memories;
    SimClock clock;
    Probes probes;
    AccessChecks checks;
    std::unique_ptr<RaceCheck> races;  ///< while they are checked; `probes` has it, too
    std::vector<DeviceKind> devices;
    std::uint64_t ended_command = 0;          ///< of the last Outcome::command_ended
    std::uint32_t notice = 0;                 ///< of the last Outcome::core_ended or notified
    std::optional<CoreFault> fault;           ///< of Outcome::faulted, until abort()
    std::optional<std::uint32_t> stuck_core;  ///< of Outcome::stuck, until abort()
    Suspicion suspicion;
    std::vector<CoreLap> laps;  ///< of Outcome::deadlocked, until abort()

    HostSide host;
    DramBanks dram;
    Images images;
    Surroundings around;
    Tiles tiles;
    Network network;
    EngineStation engines;
    std::unique_ptr<EarlyTurns> early;  ///< with more threads than one

    /// In the order in which they are saved, and taken over: images before the cores that run them,
    /// banks before the engines that note where they are.
    auto table() { return std::tie(host, dram, images, network, tiles, engines); }
    auto table() const { return std::tie(host, dram, images, network, tiles, engines); }
    template <class F>
    void for_each(F&& f) {
        std::apply([&](auto&... part) { (f(part), ...); }, table());
    }
    template <class F>
    void for_each(F&& f) const {
        std::apply([&](const auto&... part) { (f(part), ...); }, table());
    }

    void abort();
    /// What checks remember is forgotten.
    void restart_checks();
};

/// A chip's tables of what stands where.
TileParameters tile_parameters(const ChipConfig& config, const Conventions& conventions);

}  // namespace tilewright
