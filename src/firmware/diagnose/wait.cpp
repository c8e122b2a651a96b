#include "firmware/diagnose/wait.hpp"

#include <algorithm>
#include <string>

#include "firmware/diagnose/place.hpp"
#include "firmware/diagnose/words.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/riscv/wait_condition.hpp"

namespace tilewright::diagnose {
namespace {

// The pc of a core parked in wrs is behind it; the wait itself is the line to show.
std::uint32_t waiting_pc(const Core& core) {
    return core.status == CoreStatus::parked ? core.hart.pc - 4 : core.hart.pc;
}

bool is_circular_buffer(std::uint32_t address) {
    return address - abi::circular_buffer_counters <
           abi::circular_buffer_count * abi::circular_buffer_counters_stride;
}

std::string relation_text(const riscv::WaitCondition& condition) {
    using Relation = riscv::WaitCondition::Relation;
    const std::string bits = condition.mask == ~0u ? "" : "& " + hex(condition.mask) + " ";
    switch (condition.relation) {
        case Relation::equal:
            return bits + "==";
        case Relation::different:
            return bits + "!=";
        case Relation::at_least:
            return ">=";
        case Relation::below:
            return "<";
    }
    return "";
}

// What the text of the loop tells; a loop that is not simple tells nothing.
void find_wanted(const Chip& chip, std::uint32_t core, Awaited& awaited) {
    const auto condition = riscv::wait_condition(
        chip.core(core).hart, chip.code(core), chip.image(core)->window(),
        [&](std::uint32_t address) { return chip.peek(core, address); }, awaited.address);
    if (!condition) return;
    awaited.relation = relation_text(*condition);
    awaited.target = condition->target;
}

Awaited name_word(const Chip& chip, std::uint32_t core, std::uint32_t address) {
    const std::uint32_t value = chip.peek(core, address).value_or(0);
    std::uint32_t offset = 0;
    if (const RegisterDevice* const device = chip.device_at(core, address, offset)) {
        const std::string words = device->describe_word(chip.core_id(core).processor, offset);
        return {.kind = Awaited::Kind::device_register,
                .name = words.substr(0, words.find(" to change from ")),
                .address = address,
                .value = value,
                .relation = {}};
    }
    if (is_circular_buffer(address)) {
        const std::uint32_t index =
            (address - abi::circular_buffer_counters) / abi::circular_buffer_counters_stride;
        return {.kind = Awaited::Kind::circular_buffer,
                .name = "circular buffer " + std::to_string(index),
                .address = address,
                .value = value,
                .relation = {}};
    }
    const Awaited::Kind kind = is_semaphore(address) ? Awaited::Kind::semaphore
                               : address - abi::local_base < abi::max_local_bytes
                                   ? Awaited::Kind::local_word
                                   : Awaited::Kind::word;
    return {
        .kind = kind, .name = word(address), .address = address, .value = value, .relation = {}};
}

void find_signallers(const Chip& chip, std::uint32_t core, Signallers& signallers,
                     KnownWait& known) {
    CoreWait& wait = known.wait;
    for (const Awaited& awaited : wait.awaited) {
        if (awaited.kind == Awaited::Kind::semaphore) {
            add_signallers(wait.could_write,
                           signallers.find(core, abi::Signal::sets_word, awaited.address, 0,
                                           chip.core_count()));
        }
        if (awaited.kind != Awaited::Kind::circular_buffer) continue;
        // Only cores of the same tile push or pop its pages.
        const std::uint32_t counter = awaited.address - abi::circular_buffer_counters;
        const bool pushed = counter % abi::circular_buffer_counters_stride == 0;
        const TileSite& site = chip.site(chip.tile_index(chip.core_id(core).tile));
        add_signallers(
            wait.could_write,
            signallers.find(core, pushed ? abi::Signal::pushes_pages : abi::Signal::pops_pages,
                            counter / abi::circular_buffer_counters_stride, site.first_core,
                            site.first_core + static_cast<std::uint32_t>(site.cores.size())));
        if (wait.could_write.empty()) known.beside = signallers.beside(core);
    }
}

KnownWait of_core(const Chip& chip, std::uint32_t core, std::uint32_t pc, std::uint64_t since) {
    KnownWait known;
    known.wait.core = chip.core_id(core);
    known.wait.cores = {known.wait.core};
    known.wait.where = cores(known.wait.cores);
    known.wait.since = Cycle{since};
    known.wait.code = place_in(*chip.image(core), pc);
    return known;
}

KnownWait in_words(KnownWait known) {
    known.wait.place = known.wait.code.text;
    known.wait.what = what({&known, 1}, true);
    return known;
}

}  // namespace

KnownWait look_at_lap(const Chip& chip, const CoreLap& lap, Signallers& signallers) {
    constexpr std::size_t most = 4;  // words, as many as a polling loop waits for
    KnownWait known = of_core(chip, lap.core, lap.pc, lap.lap.start);
    known.wait.period = lap.lap.period;
    const TileSite& site = chip.site(chip.tile_index(chip.core_id(lap.core).tile));
    for (const LapWord& word : lap.lap.words) {
        const bool own = word.core - site.first_core < site.cores.size();  // as addresses go
        if (own && known.wait.awaited.size() < most) {
            known.wait.awaited.push_back(name_word(chip, lap.core, word.address));
        }
    }
    find_signallers(chip, lap.core, signallers, known);
    return in_words(known);
}

KnownWait look_at_wait(const Chip& chip, std::uint32_t core, Signallers& signallers) {
    const Core& state = chip.core(core);
    KnownWait known = of_core(chip, core, waiting_pc(state), state.parked_at);
    CoreWait& wait = known.wait;
    if (state.status == CoreStatus::polling) {
        const riscv::Polling& loop = state.polling.loop;
        for (std::uint32_t i = 0; i < loop.count; ++i) {
            const std::uint32_t address = loop.words[i].address;
            const auto same = [&](const Awaited& a) { return a.address == address; };
            if (std::ranges::none_of(wait.awaited, same)) {
                wait.awaited.push_back(name_word(chip, core, address));
            }
        }
    } else {
        wait.awaited.push_back(name_word(chip, core, state.hart.reservation));
    }
    for (Awaited& awaited : wait.awaited) find_wanted(chip, core, awaited);
    if (state.last_write_cycle != 0) {
        wait.last_written = Cycle{state.last_write_cycle};
        if (state.last_writer != Core::nobody) {
            wait.last_writer = chip.core_id(state.last_writer);
        }
    }
    find_signallers(chip, core, signallers, known);
    return in_words(known);
}

}  // namespace tilewright::diagnose
