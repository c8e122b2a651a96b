// Transfers over the network: what they touch when they are commanded, what they release when they
// take effect, and what waiting for them tells.
#include <algorithm>

#include "tilewright/race/race_check.hpp"

namespace tilewright {

using race::Agent;
using race::Agents;
using race::SyncWord;
using race::View;

namespace {

// So much changes at once (docs/memory-model.md, row 25).
bool changes_at_once(const MemoryRef& place, std::uint64_t bytes) {
    return place.offset / 16 == (place.offset + bytes - 1) / 16;
}

race::PathEnd end_of(const TransferCommand& command) {
    if (command.remote.empty()) return {.kind = MemoryKind::host};
    const MemoryRef& first = command.remote.front();
    if (!command.multicast) return {.kind = first.kind, .first = first.index, .last = first.index};
    return {.kind = first.kind,
            .first = first.index,
            .last = command.remote.back().index,
            .count = static_cast<std::uint32_t>(command.remote.size())};
}

}  // namespace

// Checked at its command and not when it takes effect: whatever is ordered behind it acquires
// after its effect, and is simulated later.
std::uint64_t RaceCheck::on_command(const CodeSite& site, const TransferCommand& command) {
    using Transfer = TransferCommand::Kind;
    CoreState& core = cores_[site.core];
    const std::uint64_t number = core.number++;
    const Agent path = agents_.path(site.core, command.noc, end_of(command));
    const std::uint64_t before_it = agents_.path(path).last;
    const View view{core.learned, site.core, number, path, before_it};
    Touch touch = touch_of(site, Kind::none);
    touch.known = core.learned;

    const auto note_as = [&](const MemoryRef& place, Kind kind) {
        touch.kind = kind;
        // Its source is taken before it is on its path.
        if (kind == Kind::source) {
            note(place, command.bytes, touch, {core.learned, site.core, number});
        } else {
            note(place, command.bytes, touch, view);
        }
    };
    if (command.kind == Transfer::read) {
        touch.agent = agents_.stream(site.core, command.noc, Agents::read);
        touch.number = number + 1;           // a stream says what was commanded before its number
        note_as(command.local, Kind::land);  // first, as its own fetch takes the place of others
        for (const MemoryRef& place : command.remote) note_as(place, Kind::fetch);
    } else {
        const bool atomic = command.kind == Transfer::atomic;
        touch.agent = path;
        touch.number = number;
        if (command.has_local) note_as(command.local, Kind::source);
        for (const MemoryRef& place : command.remote) {
            // What the words have brought so far, before that is lost.
            if (atomic || changes_at_once(place, command.bytes)) {
                for (std::uint64_t at = 0; at + 4 <= command.bytes; at += 4) {
                    acquired_word({place.kind, place.index, place.offset + at});
                }
            }
            if (command.append) shadow(place).synchronise(place.offset);
            note_as(place, atomic ? Kind::atomic : Kind::write);
        }
        race::Path& used = agents_.path(path);
        used.last = number;
        if (atomic) {
            used.last_atomic = number;
            used.checked_atomics |=
                !command.append && std::ranges::any_of(command.remote, [&](const MemoryRef& place) {
                    return in_shadow(place);
                });
            core.atomic_paths[command.noc].insert(path);
        } else {
            used.last_write = number;
        }
    }
    auto& last = core.last[command.noc];
    const auto raised = [&](TransferCounter counter) {
        last[static_cast<std::size_t>(counter)] = number;
    };
    if (command.kind == Transfer::read) raised(TransferCounter::reads);
    if (command.kind == Transfer::atomic) raised(TransferCounter::atomics);
    if (command.kind == Transfer::write) {
        raised(TransferCounter::unsent);
        raised(TransferCounter::writes);
    }

    const std::uint64_t flight = next_flight_++;
    if (command.remote.empty() && command.kind != Transfer::read) return flight;
    const bool read = command.kind == Transfer::read;
    flights_.emplace(flight,
                     Flight{.kind = command.kind,
                            .path = path,
                            .core = site.core,
                            .number = number,
                            .path_number = before_it,
                            .learned = core.learned,
                            .left = read ? 1 : static_cast<std::uint32_t>(command.remote.size()),
                            .effected = {}});
    return flight;
}

// A write that was noted at its command has taken effect at this memory.
bool RaceCheck::has_landed(const Touch& write, const MemoryRef& place) const {
    const bool lands = write.kind == Kind::land;
    if (!lands && write.kind != Kind::write) return true;
    return std::ranges::none_of(flights_, [&](const auto& entry) {
        const Flight& flight = entry.second;
        const bool same = lands ? flight.core == write.core && flight.number + 1 == write.number
                                : flight.path == write.agent && flight.number == write.number;
        return same && std::ranges::none_of(flight.effected, [&](const MemoryRef& done) {
                   return done.kind == place.kind && done.index == place.index;
               });
    });
}

void RaceCheck::on_effect(std::uint64_t transfer, const MemoryRef& place, std::uint32_t bytes,
                          const MemoryRef& added) {
    const auto found = flights_.find(transfer);
    if (found == flights_.end()) {  // it began before the check did: all it brings was before
        shadow(place).for_each_word(place.offset, bytes,
                                    [](SyncWord& word) { word.released = Clock(); });
        return;
    }
    Flight& flight = found->second;
    effect_on_words(flight, place, bytes, added);
    if (--flight.left == 0) {
        flights_.erase(found);
    } else {
        flight.effected.push_back(place);
    }
}

void RaceCheck::effect_on_words(const Flight& flight, const MemoryRef& place, std::uint32_t bytes,
                                const MemoryRef& added) {
    Clock all = flight.learned;
    all.raise(flight.core, flight.number);
    switch (flight.kind) {
        case TransferCommand::Kind::read:
            if (flight.path_number != 0) all.raise(flight.path, flight.path_number);
            break;
        case TransferCommand::Kind::atomic:
            all.raise(flight.path, flight.number);
            acquired_word(place).join(all);
            if (added != place) {
                shadow(added).synchronise(added.offset);
                acquired_word(added) = all;
            }
            return;
        case TransferCommand::Kind::write:
            all.raise(flight.path,
                      changes_at_once(place, bytes) ? flight.number : flight.number - 1);
            break;
    }
    shadow(place).for_each_word(place.offset, bytes, [&](SyncWord& word) { word.released = all; });
}

void RaceCheck::on_none_pending(std::uint32_t number, std::uint32_t noc, TransferCounter counter) {
    CoreState& core = cores_[number];
    if (counter == TransferCounter::atomics) {
        for (const Agent path : core.atomic_paths[noc]) {
            race::Path& used = agents_.path(path);
            core.learned.raise(path, used.last_atomic);
        }
        core.atomic_paths[noc].clear();
        return;
    }
    const std::uint64_t last = core.last[noc][static_cast<std::size_t>(counter)];
    const Agents::Stream which = counter == TransferCounter::unsent   ? Agents::flushed
                                 : counter == TransferCounter::writes ? Agents::written
                                                                      : Agents::read;
    const Agent stream = agents_.stream(number, noc, which);
    if (last == 0 || core.learned.of(stream) > last) return;
    core.learned.raise(stream, core.number);
    if (counter != TransferCounter::writes) return;
    for (const Agent path : core.atomic_paths[noc]) {
        const std::uint64_t written = agents_.path(path).last_write;
        if (written != 0) core.learned.raise(path, written);
    }
}

}  // namespace tilewright
