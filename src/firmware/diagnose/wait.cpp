// Waits: what a core waits for, and who could bring it.
#include <span>

#include "firmware/diagnose/words.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/firmware/signal_sites.hpp"

namespace tilewright::diagnose {
namespace {

using firmware::SignalSite;

std::string core_at(const Chip& chip, std::uint32_t core, std::uint32_t pc) {
    std::string name = "core " + describe(chip.core_id(core));
    if (chip.core(core).status != CoreStatus::idle) name += " at " + chip.image(core)->describe(pc);
    return name;
}

// Whether a core has, or had, a kernel that was launched with that of the other, or later, whose
// image is still known.
bool launched_with(const Chip& chip, std::uint32_t core, std::uint32_t other) {
    if (chip.image(core) == nullptr) return false;
    const Core& state = chip.core(core);
    if (state.status != CoreStatus::idle) return true;
    if (state.launch_cycle < chip.core(other).launch_cycle) return false;
    // Images that no core runs give their place to others.
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        if (chip.core(c).image == state.image && chip.core(c).launch_cycle > state.launch_cycle) {
            return false;
        }
    }
    return true;
}

const char* what_became(CoreStatus status) {
    switch (status) {
        case CoreStatus::idle:
        case CoreStatus::ended:
            return ", whose kernel has ended";
        case CoreStatus::parked:
        case CoreStatus::polling:
            return ", which waits";
        case CoreStatus::running:
        case CoreStatus::blocked:
            return ", which runs";
    }
    return "";
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

// Who has code that gives the signal for which a core waits, among the cores from `first` to `end`:
// where, and what became of it.
std::string signallers(const Chip& chip, std::uint32_t waiter, abi::Signal signal,
                       std::uint32_t object, std::uint32_t first, std::uint32_t end) {
    constexpr std::uint32_t most = 4;
    std::string list;
    std::uint32_t count = 0;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == waiter || !launched_with(chip, c, waiter)) continue;
        const std::vector<SignalSite> sites = firmware::signal_sites(chip.image(c)->program());
        const SignalSite* const site = find_site(sites, signal, object);
        if (site == nullptr || ++count > most) continue;
        add_item(list,
                 "core " + describe(chip.core_id(c)) + " at " + chip.image(c)->describe(site->pc));
        if (site->object != object) list += " (if that is the one it means)";
        list += what_became(chip.core(c).status);
    }
    if (count > most) list += " and " + std::to_string(count - most) + " more";
    return list;
}

// Pages that only cores of the same tile push or pop.
std::string circular_buffer(const Chip& chip, std::uint32_t core, std::uint32_t counter,
                            std::uint32_t value) {
    const std::uint32_t index = counter / abi::circular_buffer_counters_stride;
    const bool pushed = counter % abi::circular_buffer_counters_stride == 0;
    const TileSite& site = chip.site(chip.tile_index(chip.core_id(core).tile));
    const std::uint32_t first = site.first_core;
    const auto end = first + static_cast<std::uint32_t>(site.cores.size());
    const std::string buffer = "circular buffer " + std::to_string(index) +
                               ": for pages that another core " + (pushed ? "pushes" : "pops") +
                               " (" + std::to_string(value) + " so far); ";
    const std::string who =
        signallers(chip, core, pushed ? abi::Signal::pushes_pages : abi::Signal::pops_pages, index,
                   first, end);
    if (!who.empty()) return buffer + (pushed ? "pushed by " : "popped by ") + who;
    std::string others;
    for (std::uint32_t c = first; c < end; ++c) {
        if (c == core || chip.core(c).status == CoreStatus::idle) continue;
        add_item(others, core_at(chip, c, chip.core(c).hart.pc - 4));
    }
    if (others.empty()) return buffer + "no other core of its tile runs a kernel";
    return buffer + "no kernel of its tile " + (pushed ? "pushes to" : "pops from") +
           " it; beside it in its tile: " + others;
}

std::string awaited(const Chip& chip, std::uint32_t core, std::uint32_t address) {
    const CoreId id = chip.core_id(core);
    std::uint32_t offset = 0;
    if (const RegisterDevice* const device = chip.device_at(core, address, offset)) {
        return device->describe_word(id.processor, offset);
    }
    std::uint32_t value = 0;
    chip.read({MemoryKind::tile_l1, chip.tile_index(id.tile), address},
              std::as_writable_bytes(std::span(&value, 1)));
    const std::uint32_t counter = address - abi::circular_buffer_counters;
    if (counter < abi::circular_buffer_count * abi::circular_buffer_counters_stride) {
        return circular_buffer(chip, core, counter, value);
    }
    return word(address) + " to change from " + std::to_string(value);
}

// The pc of a core parked in wrs is behind it; the wait itself is the line to show.
std::uint32_t waiting_pc(const Core& core) {
    return core.status == CoreStatus::parked ? core.hart.pc - 4 : core.hart.pc;
}

}  // namespace

std::string core(const Chip& chip, std::uint32_t core) {
    return core_at(chip, core, chip.core(core).hart.pc);
}

std::string place(const Chip& chip, std::uint32_t core) {
    return chip.image(core)->describe(waiting_pc(chip.core(core)));
}

std::string wait(const Chip& chip, std::uint32_t core) {
    const Core& state = chip.core(core);
    const riscv::Polling& loop = state.polling.loop;
    const bool polls = state.status == CoreStatus::polling;
    const std::uint32_t address = polls ? loop.words[0].address : state.hart.reservation;
    if (polls && loop.count == 0) {
        return "is in a loop that reads only its own memory and registers, which nobody else can "
               "write";
    }
    std::uint32_t offset = 0;
    const bool of_device = chip.device_at(core, address, offset) != nullptr;
    if (!polls && address >= chip.config().l1_bytes && !of_device) {
        return "waits for a word of its own local memory, " + hex(address) +
               ", which nobody else can write";
    }
    std::string report = "waits for " + awaited(chip, core, address);
    for (std::uint32_t i = 1; polls && i < loop.count; ++i) {
        report += " or " + awaited(chip, core, loop.words[i].address);
    }
    if (of_device) return report;
    if (state.last_write_cycle == 0) {
        report += "; nothing has written it since it began to wait";
    } else {
        report += "; last written ";
        if (state.last_writer != Core::nobody) {
            report += "by core " + describe(chip.core_id(state.last_writer)) + " ";
        }
        report += "at cycle " + std::to_string(state.last_write_cycle);
    }
    if (!is_semaphore(address)) return report;
    const std::string who =
        signallers(chip, core, abi::Signal::sets_word, address, 0, chip.core_count());
    return report + (who.empty() ? "; no other kernel has a call that sets a semaphore like it"
                                 : "; set by " + who);
}

}  // namespace tilewright::diagnose
