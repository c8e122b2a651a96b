#include "firmware/diagnose/signallers.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "firmware/diagnose/place.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/tile/surroundings.hpp"

namespace tilewright::diagnose {
namespace {

using firmware::SignalSite;

Signaller::State what_became(CoreStatus status) {
    switch (status) {
        case CoreStatus::idle:
        case CoreStatus::ended:
            return Signaller::State::has_ended;
        case CoreStatus::parked:
        case CoreStatus::polling:
            return Signaller::State::waits;
        case CoreStatus::running:
        case CoreStatus::blocked:
            break;
    }
    return Signaller::State::runs;
}

// The site that names the object, or else one whose object is computed.
const SignalSite* find_site(std::span<const SignalSite> sites, abi::Signal signal,
                            std::uint32_t object) {
    const SignalSite* found = nullptr;
    for (const SignalSite& site : sites) {
        const bool named = site.object == object;
        if (site.signal != signal || (!named && site.object != abi::any_object)) continue;
        if (found == nullptr || (named && found->object != object)) found = &site;
    }
    return found;
}

std::string text_of(const Signaller& s) {
    const bool one = s.cores.size() == 1;
    std::string text = cores(s.cores) + " at " + short_text(s.place);
    if (!s.certain) text += " (if that is the one it means)";
    switch (s.state) {
        case Signaller::State::has_ended:
            return text + (one ? ", whose kernel has ended" : ", which have ended");
        case Signaller::State::waits:
            return text + (one ? ", which waits" : ", which wait");
        case Signaller::State::runs:
            break;
    }
    return text + (one ? ", which runs" : ", which run");
}

}  // namespace

Signallers::Signallers(const Chip& chip) : chip_(chip), known_(chip.core_count()) {
    // Images that no core runs give their place to others.
    std::map<std::uint32_t, std::uint64_t> last_launch;
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        const Core& core = chip.core(c);
        std::uint64_t& last = last_launch[core.image];
        last = std::max(last, core.launch_cycle);
    }
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        const Core& core = chip.core(c);
        known_[c] = chip.image(c) != nullptr && (core.status != CoreStatus::idle ||
                                                 core.launch_cycle == last_launch[core.image]);
    }
}

// Whether a core has, or had, a kernel that was launched with that of the other, or later.
bool Signallers::launched_with(std::uint32_t core, std::uint32_t other) const {
    return known_[core] && (chip_.core(core).status != CoreStatus::idle ||
                            chip_.core(core).launch_cycle >= chip_.core(other).launch_cycle);
}

const std::vector<SignalSite>& Signallers::sites(const Image& image) {
    const auto [found, added] = sites_.try_emplace(&image);
    if (added) found->second = firmware::signal_sites(image.program());
    return found->second;
}

std::vector<Signaller> Signallers::find(std::uint32_t waiter, abi::Signal signal,
                                        std::uint32_t object, std::uint32_t first,
                                        std::uint32_t end) {
    std::vector<Signaller> all;
    std::map<std::pair<const SignalSite*, CoreStatus>, std::size_t> known;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == waiter || !launched_with(c, waiter)) continue;
        const Image& image = *chip_.image(c);
        const SignalSite* const site = find_site(sites(image), signal, object);
        if (site == nullptr) continue;
        const CoreStatus status = chip_.core(c).status;
        const auto [found, added] = known.try_emplace({site, status}, all.size());
        if (added) {
            all.push_back({.cores = {},
                           .place = place_in(image, site->pc),
                           .certain = site->object == object,
                           .state = what_became(status)});
        }
        all[found->second].cores.push_back(chip_.core_id(c));
    }
    return all;
}

std::vector<Signaller> Signallers::beside(std::uint32_t waiter) const {
    const TileSite& site = chip_.site(chip_.tile_index(chip_.core_id(waiter).tile));
    std::vector<Signaller> all;
    for (std::uint32_t p = 0; p < site.cores.size(); ++p) {
        const std::uint32_t c = site.first_core + p;
        const Core& core = chip_.core(c);
        if (c == waiter || core.status == CoreStatus::idle) continue;
        all.push_back({.cores = {chip_.core_id(c)},
                       .place = place_in(*chip_.image(c), core.hart.pc - 4),
                       .certain = false,
                       .state = what_became(core.status)});
    }
    return all;
}

void add_signallers(std::vector<Signaller>& all, const std::vector<Signaller>& more) {
    for (const Signaller& one : more) {
        const auto same = std::ranges::find_if(all, [&](const Signaller& s) {
            return s.place == one.place && s.certain == one.certain && s.state == one.state;
        });
        if (same == all.end()) {
            all.push_back(one);
            continue;
        }
        same->cores.insert(same->cores.end(), one.cores.begin(), one.cores.end());
        std::ranges::sort(same->cores);
        const auto [twice, end] = std::ranges::unique(same->cores);
        same->cores.erase(twice, end);
    }
}

std::string list_signallers(const std::vector<Signaller>& all, bool full) {
    constexpr std::size_t most = 4;
    std::string list;
    for (std::size_t i = 0; i < all.size() && (full || i < most); ++i)
        add_item(list, text_of(all[i]));
    if (!full && all.size() > most) list += " and " + std::to_string(all.size() - most) + " more";
    return list;
}

}  // namespace tilewright::diagnose
