// All tiles of a chip, each from when it is first needed: most of a large chip never runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tilewright/sim/component.hpp"
#include "tilewright/tile/tile.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {

/// What a snapshot holds of them: tiles of their own, which take the place of the chip's.
struct TilesState {
    const Surroundings* around = nullptr;
    std::vector<std::unique_ptr<Tile>> tiles;
};
void fields(ArchiveWriter& archive, const TilesState& state);
void fields(ArchiveReader& archive, TilesState& state);

class Tiles final : public L1Listener {
public:
    explicit Tiles(const Surroundings& around);
    const Surroundings& around() const { return around_; }

    std::uint32_t tile_count() const { return static_cast<std::uint32_t>(state_.tiles.size()); }
    std::uint32_t core_count() const { return static_cast<std::uint32_t>(tile_of_.size()); }
    std::uint32_t tile_of(std::uint32_t core) const { return tile_of_[core]; }
    std::uint32_t processor_of(std::uint32_t core) const {
        return core - around_.sites[tile_of_[core]].first_core;
    }
    CoreId core_id(std::uint32_t core) const {
        return {.tile = around_.sites[tile_of_[core]].id,
                .processor = static_cast<std::uint16_t>(processor_of(core))};
    }
    /// nullptr if it has not been needed yet.
    Tile* find(std::uint32_t tile) const { return state_.tiles[tile].get(); }
    Tile& tile(std::uint32_t tile);
    Tile& tile_with(std::uint32_t core) { return tile(tile_of_[core]); }
    /// One that has not run is as it was built.
    const Core& core(std::uint32_t core) const;
    /// Instructions that translated code has carried out for it since its last launch.
    std::uint64_t translated(std::uint32_t core) const;
    /// What it runs, or ran last; no code if that is not known.
    const Program& program(std::uint32_t core) const;

    /// Calls visit(tile, processor, core) for the cores that have run, in their order.
    template <class Visitor>
    void for_each_core(Visitor&& visit) const {
        for (const auto& tile : state_.tiles) {
            if (tile == nullptr) continue;
            tile->cores.for_each([&](std::size_t p, Core& core) {
                visit(*tile, static_cast<std::uint32_t>(p), core);
            });
        }
    }

    void start(std::uint32_t core, std::uint32_t image);
    /// What cores reach without the bus has changed.
    void remap();
    /// For a profile that begins (-1) or ends (1): where cores stand in blocks that they have
    /// begun.
    void count_parts(std::int64_t times);
    /// Programs are to be decoded as the observers want them.
    void decode_again();
    void l1_written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                    const Writer& writer) override;

    // The contract of a component
    using State = TilesState;
    const State& state() const { return state_; }
    State blank() const;
    void check(const State& state, const EventQueue& queue) const;
    void adopt(State&& state);
    bool owns(std::uint32_t component) const {
        return component >= device_component && component < host_component;
    }
    std::optional<News> handle(const ScheduledEvent& event);
    void count(const CountSink& sink) const;
    std::string describe() const;
    std::uint32_t busy() const { return busy_; }
    void abort();

private:
    const Surroundings& around_;
    std::vector<std::uint32_t> tile_of_;  // by core
    TilesState state_;
    std::uint32_t busy_ = 0;  // cores whose kernel or transfers have not ended; derived
};
static_assert(Component<Tiles>);

}  // namespace tilewright
