// Who watches which word, and who wakes when it is written.
//
// A reservation (lr.w) lies on one word of the tile's L1 or on a counter of the core's own network
// interface. While a core holds one in writable L1, plain stores of its neighbours go through the
// bus, which looks here; otherwise they go straight to memory. The words of a polling loop in which
// a core is parked are watched likewise.
#include <algorithm>

#include "chip/components.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

bool covers(std::uint64_t address, std::uint64_t bytes, std::uint32_t word) {
    return address < std::uint64_t{word} + 4 && word < address + bytes;
}

}  // namespace

void Chip::written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                   std::uint64_t cycle, std::uint32_t writer, std::uint32_t except) {
    bool broken = false;
    const Moment moment = except != Core::nobody ? moment_ : Moment{cycle, moment_.component};
    for (std::uint32_t c = first_core(tile); c < end_core(tile); ++c) {
        if (cores_.find(c) == nullptr) continue;
        const Core& core = cores_[c];
        if (core.status == CoreStatus::polling) {
            polled_word_written(c, address, bytes, moment, writer);
        }
        const bool watches = core.hart.reserved || core.status == CoreStatus::parked;
        if (c == except || !watches || !covers(address, bytes, core.hart.reservation)) continue;
        wake(c, cycle, writer);
        broken = true;
    }
    if (broken) update_watches(tile);
}

void Chip::counter_changed(std::uint32_t index, std::uint32_t address, std::uint64_t cycle) {
    register_changed(index, address, cycle, index);
    unblock(index, cycle);
}

void Chip::register_changed(std::uint32_t index, std::uint32_t address, std::uint64_t cycle,
                            std::uint32_t writer) {
    const Core& core = cores_[index];
    if (core.status == CoreStatus::polling) {
        polled_word_written(index, address, 4, {cycle, moment_.component}, writer);
    }
    const bool watches = core.hart.reserved || core.status == CoreStatus::parked;
    if (watches && core.hart.reservation == address) wake(index, cycle, writer);
}

// A core whose command was not taken tries again.
void Chip::unblock(std::uint32_t index, std::uint64_t cycle) {
    Core& core = cores_[index];
    if (core.status == CoreStatus::blocked && core.event_cycle == ~0ull) {
        schedule(index, std::max(cycle + 1, core.hart.cycles));
    }
}

// The reserved word was written: the reservation is gone, and a parked core goes on a cycle later.
void Chip::wake(std::uint32_t index, std::uint64_t cycle, std::uint32_t writer) {
    Core& core = cores_[index];
    core.hart.reserved = false;
    core.last_writer = writer;
    core.last_write_cycle = cycle;
    if (core.status != CoreStatus::parked) return;
    const std::uint64_t due = std::max(cycle + 1, core.hart.cycles);
    // A neighbour that ran ahead may have written later than whoever comes now: the first counts.
    if (due < core.event_cycle) schedule(index, due);
}

void Chip::polled_word_written(std::uint32_t index, std::uint64_t address, std::uint64_t bytes,
                               Moment moment, std::uint32_t writer) {
    Core& core = cores_[index];
    const riscv::Polling& loop = core.polling.loop;
    // The loop sees what comes before it in the order of (cycle, component).
    const std::uint64_t visible = moment.cycle + (moment.component < component_of(index) ? 0 : 1);
    std::uint64_t due = ~0ull;
    for (std::uint32_t i = 0; i < loop.count; ++i) {
        const riscv::PolledWord& word = loop.words[i];
        if (!covers(address, bytes, word.address)) continue;
        const std::uint64_t first = loop.start + word.offset;
        const std::uint64_t late = visible > first ? visible - first : 0;
        due = std::min(due, first + (late + loop.period - 1) / loop.period * loop.period);
    }
    if (due == ~0ull) return;
    core.last_writer = writer;
    core.last_write_cycle = moment.cycle;
    if (due < core.event_cycle) schedule(index, due);
}

// Whether the word, at an address of this core, can change while the core waits.
bool Chip::can_change(std::uint32_t index, std::uint32_t address) const {
    if (address < config_.l1_bytes || abi::is_engine_flag(address)) return true;
    const std::uint32_t noc = (address - abi::noc_registers) / abi::noc_stride;
    return address >= abi::noc_registers && noc < abi::noc_count &&
           cores_[index].noc[noc].outstanding() != 0;
}

bool Chip::can_wake(std::uint32_t index) const {
    const Core& core = cores_[index];
    if (core.status == CoreStatus::parked) return can_change(index, core.hart.reservation);
    const riscv::Polling& loop = core.polling.loop;
    return std::any_of(loop.words.begin(), loop.words.begin() + loop.count,
                       [&](const auto& word) { return can_change(index, word.address); });
}

void Chip::update_watches(std::uint32_t tile) {
    const std::uint32_t first = first_core(tile);
    const std::uint32_t end = end_core(tile);
    const auto holds = [&](std::uint32_t c) {
        const auto writable = [&](std::uint32_t address) {
            return address >= abi::l1_user_base && address < config_.l1_bytes;
        };
        const Core& core = std::as_const(cores_)[c];
        const riscv::Polling& loop = core.polling.loop;
        return (core.hart.reserved && writable(core.hart.reservation)) ||
               (core.status == CoreStatus::polling &&
                std::any_of(loop.words.begin(), loop.words.begin() + loop.count,
                            [&](const auto& word) { return writable(word.address); }));
    };
    std::uint32_t holders = 0;
    for (std::uint32_t c = first; c < end; ++c) holders += holds(c);
    for (std::uint32_t c = first; c < end; ++c) {
        const bool others = holders > (holds(c) ? 1u : 0u);
        riscv::RunContext* const context = contexts_.find(c);
        if (context == nullptr) continue;
        const bool direct = !others && !memory_checked() && !all_watched();
        context->set_far_store_bytes(direct ? config_.l1_bytes - abi::l1_user_base : 0);
    }
}

}  // namespace tilewright
