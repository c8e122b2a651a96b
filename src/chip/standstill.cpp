#include "chip/standstill.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tile/rehearsal.hpp"
#include "tilewright/tile/order.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {
namespace {

// A core alone: beyond the longest period that is promised to be found.
constexpr std::uint64_t longest_lap = 20'000;  // cycles
// Several together: a part of what has gone by since the last time, so that it costs little.
constexpr std::uint64_t share_of_pause = 16;

struct Cores {
    std::vector<std::uint32_t> active;    ///< have an event
    std::vector<std::uint32_t> sleeping;  ///< wait for a word
};

// Nothing if something else is under way.
std::optional<Cores> cores_under_way(const Parts& parts) {
    Cores cores;
    for (const ScheduledEvent& event : parts.clock.queue.events()) {
        if (event.component < first_core_component || event.component == host_component) {
            return std::nullopt;
        }
        const std::uint32_t number = core_of(event.component);
        const Core& core = parts.tiles.core(number);
        if (core.status == CoreStatus::idle || core.event_sequence != event.sequence) continue;
        if (core.status == CoreStatus::blocked || core.status == CoreStatus::ended) {
            return std::nullopt;
        }
        cores.active.push_back(number);
    }
    // Without an event, those that a device holds stay where they are: no device has one either,
    // and none that repeats itself does anything to a device.
    parts.tiles.for_each_core([&](const Tile& tile, std::uint32_t processor, const Core& core) {
        const std::uint32_t number = tile.core_number(processor);
        if (core.waits() && std::ranges::find(cores.active, number) == cores.active.end()) {
            cores.sleeping.push_back(number);
        }
    });
    return cores;
}

Rehearsal::Member member(Parts& parts, std::uint32_t core) {
    return {&parts.tiles.tile_with(core), parts.tiles.processor_of(core)};
}

// The host could change a word that the lap reads.
bool reads_of_host(const Parts& parts, const Lap& lap) {
    return std::ranges::any_of(lap.words, [&](const LapWord& word) {
        const Tile& tile = *parts.tiles.find(parts.tiles.tile_of(word.core));
        std::uint32_t offset = 0;
        if (word.place == nullptr) {
            const RegisterDevice* const device = tile.device_at(word.address, offset);
            return device == nullptr || device->host_changes(offset);
        }
        return word.address < parts.parameters.l1_bytes && parts.host.is_doorbell(word.address);
    });
}

// Nobody writes what another one uses, or sleeps on.
bool apart(const Parts& parts, const std::vector<CoreLap>& laps, const Cores& cores) {
    std::set<const std::byte*> awaited;
    for (const std::uint32_t core : cores.sleeping) {
        const Tile& tile = *parts.tiles.find(parts.tiles.tile_of(core));
        for_each_awaited(parts.tiles.core(core), [&](std::uint32_t address) {
            if (address < parts.parameters.l1_bytes) awaited.insert(tile.l1 + address);
        });
    }
    std::map<const std::byte*, std::size_t> users;
    for (const CoreLap& each : laps) {
        for (const LapWord& word : each.lap.words) ++users[word.place];
    }
    return std::ranges::all_of(laps, [&](const CoreLap& each) {
        return std::ranges::all_of(each.lap.words, [&](const LapWord& word) {
            return !word.written || (users[word.place] == 1 && !awaited.contains(word.place));
        });
    });
}

// Each for itself.
std::vector<CoreLap> single_laps(Parts& parts, const Cores& cores, const ScheduledEvent& next) {
    std::vector<CoreLap> laps;
    for (const std::uint32_t core : cores.active) {
        const Rehearsal::Member alone = member(parts, core);
        const auto lap = Rehearsal({&alone, 1}, next.cycle, next.component).lap(longest_lap);
        if (!lap || reads_of_host(parts, *lap)) return {};
        laps.push_back({core, lap->places.front(), *lap});
    }
    return apart(parts, laps, cores) ? laps : std::vector<CoreLap>{};
}

// All of them with each other.
std::vector<CoreLap> common_lap(Parts& parts, const Cores& cores, const ScheduledEvent& next) {
    std::vector<Rehearsal::Member> all;
    for (const std::uint32_t core : cores.active) all.push_back(member(parts, core));
    for (const std::uint32_t core : cores.sleeping) all.push_back(member(parts, core));
    const std::uint64_t cycles = parts.suspicion.pause() / share_of_pause / all.size();
    const auto lap = Rehearsal(all, next.cycle, next.component).lap(cycles);
    if (!lap || reads_of_host(parts, *lap)) return {};
    std::vector<CoreLap> laps;
    for (std::size_t i = 0; i < cores.active.size(); ++i) {
        laps.push_back({cores.active[i], lap->places[i], *lap});
    }
    return laps;
}

}  // namespace

bool waits_for_host(const Parts& parts) {
    const HostSide& host = parts.host;
    if (parts.engines.engines().waits_for([&](std::uint32_t flag) { return host.sets(flag); })) {
        return true;
    }
    bool found = false;
    parts.tiles.for_each_core([&](const Tile& tile, std::uint32_t, const Core& core) {
        for_each_awaited(core, [&](std::uint32_t address) {
            std::uint32_t offset = 0;
            const RegisterDevice* const device = tile.device_at(address, offset);
            found |= device != nullptr ? device->host_changes(offset) : host.is_doorbell(address);
        });
    });
    return found;
}

std::vector<CoreLap> find_laps(Parts& parts) {
    // Who shows memory in place may write there, unseen: the arena, this call, and anybody else.
    if (parts.memories.keep().use_count() > 2) return {};
    const std::optional<Cores> cores = cores_under_way(parts);
    if (!cores || cores->active.empty() || waits_for_host(parts)) return {};
    const ScheduledEvent next = parts.clock.queue.top();
    std::vector<CoreLap> laps = single_laps(parts, *cores, next);
    if (laps.empty() && cores->active.size() + cores->sleeping.size() > 1) {
        laps = common_lap(parts, *cores, next);
    }
    return laps;
}

}  // namespace tilewright
