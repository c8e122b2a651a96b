#include "firmware/diagnose/race.hpp"

#include "tilewright/base/text.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright::diagnose {
namespace {

using Kind = race::Touch::Kind;

bool by_core(const RaceAccess& access) {
    return access.site.core != CodeSite::nobody;
}

std::string core_text(const Chip& chip, const RaceAccess& access) {
    return "core " + describe(chip.core_id(access.site.core));
}

std::string place_text(const Chip& chip, const RaceAccess& access) {
    const Image* const image = chip.image_numbered(access.site.image);
    return image != nullptr ? image->describe(access.site.pc) : "pc " + hex(access.site.pc, 8);
}

bool by_compute_engine(const RaceAccess& access) {
    return access.kind == Kind::coprocessor_read || access.kind == Kind::coprocessor_write;
}

std::string compute_engine_text(const Chip& chip, const RaceAccess& access) {
    return "the compute engine of " + tile_name(chip.site(access.tile));
}

std::string what(const Chip& chip, const RaceAccess& access) {
    const auto over = [&](const char* verb) {
        return std::string(verb) + " over NoC " + std::to_string(access.noc);
    };
    const auto engine = [&] { return engine_name(chip.engines().id_of(access.engine)); };
    const auto host = [&](const char* verb) {
        const std::string queue = std::to_string(access.queue);
        return std::string(verb) + (access.queue == 0 ? "the host" : "queue " + queue);
    };
    switch (access.kind) {
        case Kind::load:
            return "a load";
        case Kind::store:
        case Kind::word_store:
            return "a store";
        case Kind::source:
            return over("a write") + ", which takes them";
        case Kind::write:
            return over("a write");
        case Kind::atomic:
            return over("an atomic");
        case Kind::fetch:
            return over("a read") + ", which takes them";
        case Kind::land:
            return over("a read") + ", which lands there";
        case Kind::engine_read:
            return "a command of " + engine() + ", which reads them";
        case Kind::engine_write:
            return "a command of " + engine() + ", which writes them";
        case Kind::host_read:
            return host("a read by ");
        case Kind::host_write:
            return host("a write by ");
        case Kind::coprocessor_read:
        case Kind::coprocessor_write:
            return (access.kind == Kind::coprocessor_read ? "a read by T" : "a write by T") +
                   std::to_string(access.thread) + " of " + compute_engine_text(chip, access);
        case Kind::none:
            break;
    }
    return "nothing";
}

// "a store by core (0, 0, 1) at k.cpp:9 in f, pc 0x..., in cycle 12"
std::string sentence(const Chip& chip, const RaceAccess& access) {
    std::string text = what(chip, access);
    if (by_core(access)) {
        text += (access.kind == Kind::engine_read || access.kind == Kind::engine_write
                     ? ", submitted by "
                     : " by ") +
                core_text(chip, access) + " at " + place_text(chip, access);
    }
    return text + ", in cycle " + std::to_string(access.site.cycle);
}

// The call that waits for a transfer.
std::string barrier(const RaceAccess& access) {
    const char* name = nullptr;
    switch (access.kind) {
        case Kind::source:
            name = "noc_async_writes_flushed";
            break;
        case Kind::write:
            name = "noc_async_write_barrier";
            break;
        case Kind::atomic:
            name = "noc_async_atomic_barrier";
            break;
        case Kind::fetch:
        case Kind::land:
            name = "noc_async_read_barrier";
            break;
        default:
            return {};
    }
    return std::string(name) + (access.noc == 0 ? "" : "(" + std::to_string(access.noc) + ")");
}

std::string remedy(const Chip& chip, const Race& race) {
    const RaceAccess& earlier = race.earlier;
    const RaceAccess& later = race.later;
    const std::string waits = barrier(earlier);
    if (by_compute_engine(earlier) || by_compute_engine(later)) {
        return "the core that tells the compute engine to do it has to wait for a signal of the "
               "other one first, or for the engine before it goes on or signals";
    }
    const std::string who = by_core(later) ? core_text(chip, later) : "the later one";
    if (!waits.empty() && by_core(later) && later.site.core == earlier.site.core) {
        return "it has to wait with " + waits + " between the two";
    }
    if (!waits.empty() && race.signalled) {
        return core_text(chip, earlier) + " signals too early: it has to wait with " + waits +
               " before that";
    }
    if (earlier.kind == Kind::engine_read || earlier.kind == Kind::engine_write) {
        return who + " has to wait for the flag of that command";
    }
    if (!by_core(earlier)) {
        return "an event of the queue has to order them, or the launch of a kernel";
    }
    return core_text(chip, earlier) + " has to signal behind that (a semaphore, a circular " +
           "buffer, a flag)" + (waits.empty() ? "" : ", once " + waits + " has waited for it") +
           ", and " + who + " to wait for the signal" +
           (earlier.kind == Kind::load ? "; or the other way round" : "");
}

std::string memory_text(const Chip& chip, const MemoryRef& place) {
    if (place.kind == MemoryKind::tile_l1) return "the L1 of " + tile_name(chip.site(place.index));
    return memory_name(place.kind, place.index);
}

}  // namespace

KernelFault race_fault(const Chip& chip, const Race& race, const std::string& buffer) {
    const RaceAccess& later = race.later;
    const std::string bytes = std::to_string(race.bytes) + " bytes at " + hex(race.begin.offset) +
                              " of " + memory_text(chip, race.begin);
    std::string message = by_core(later)
                              ? core_text(chip, later) + " at " + place_text(chip, later) + ": race"
                              : std::string("race");
    message += " on " + bytes + (buffer.empty() ? "" : ", " + buffer);
    if (race.place != race.begin) message += " (at " + hex(race.place.offset) + ")";
    message += ":\n  " + sentence(chip, later) + ",\n  and " + sentence(chip, race.earlier) +
               ",\n  are in no order; " + remedy(chip, race);
    if (!by_core(later)) return KernelFault(message);
    const std::string& printed = chip.core(later.site.core).output;
    if (!printed.empty()) message += "\nit had printed: " + printed;
    return {message, FaultSite{.core = chip.core_id(later.site.core),
                               .pc = CoreAddress{later.site.pc},
                               .place = place_text(chip, later),
                               .printed = printed}};
}

}  // namespace tilewright::diagnose
