#include "tilewright/tile/waiting.hpp"

#include <algorithm>

#include "tilewright/tile/polling.hpp"
#include "tilewright/tile/run.hpp"

namespace tilewright {
namespace {

bool covers(std::uint64_t address, std::uint64_t bytes, std::uint32_t word) {
    return address < std::uint64_t{word} + 4 && word < address + bytes;
}

bool watches(const Core& core) {
    return core.hart.reserved || core.status == CoreStatus::parked;
}

// The reserved word was written: the reservation is gone, and a parked core goes on a cycle later.
void wake(Tile& tile, std::uint32_t processor, std::uint64_t cycle, std::uint32_t writer) {
    Core& core = tile.cores[processor];
    core.hart.reserved = false;
    core.last_writer = writer;
    core.last_write_cycle = cycle;
    if (core.status != CoreStatus::parked) return;
    const std::uint64_t due = std::max(cycle + 1, core.hart.cycles);
    // A neighbour that ran ahead may have written later than whoever comes now: the first counts.
    if (due < core.event_cycle) schedule(tile, processor, due);
}

// Whether the word, at an address of this core, can change while the core waits.
bool can_change(const Tile& tile, std::uint32_t processor, std::uint32_t address) {
    if (address < tile.around.parameters.l1_bytes) return true;
    std::uint32_t offset = 0;
    const RegisterDevice* const device = tile.device_at(address, offset);
    return device != nullptr && device->can_change(processor, offset);
}

// The core waits for a word that others could store to without telling.
bool holds_user_l1(const Tile& tile, std::uint32_t processor) {
    const Core* const core = tile.cores.find(processor);
    if (core == nullptr) return false;
    const TileParameters& chip = tile.around.parameters;
    if (core->hart.reserved && chip.in_user_l1(core->hart.reservation)) return true;
    if (core->status != CoreStatus::polling) return false;
    bool holds = false;
    for_each_awaited(*core, [&](std::uint32_t address) { holds |= chip.in_user_l1(address); });
    return holds;
}

}  // namespace

void l1_written(Tile& tile, std::uint64_t address, std::uint64_t bytes, const Writer& writer) {
    bool broken = false;
    for (std::uint32_t p = 0; p < tile.core_count(); ++p) {
        const Core* const core = tile.cores.find(p);
        if (core == nullptr) continue;
        if (core->status == CoreStatus::polling) {
            polled_word_written(tile, p, address, bytes, writer);
        }
        const bool own = writer.keeps_reservation && writer.core == tile.core_number(p);
        if (own || !watches(*core) || !covers(address, bytes, core->hart.reservation)) continue;
        wake(tile, p, writer.cycle, writer.core);
        broken = true;
    }
    if (broken) update_watches(tile);
}

void register_changed(Tile& tile, std::uint32_t processor, std::uint32_t address,
                      std::uint64_t cycle, std::uint32_t writer) {
    const Core* const core = tile.cores.find(processor);
    if (core == nullptr) return;
    if (core->status == CoreStatus::polling) {
        polled_word_written(
            tile, processor, address, 4,
            {.cycle = cycle, .turn = cycle, .component = tile.around.clock.acting, .core = writer});
    }
    if (watches(*core) && core->hart.reservation == address) wake(tile, processor, cycle, writer);
}

void unblock(Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    const Core* const core = tile.cores.find(processor);
    if (core != nullptr && core->status == CoreStatus::blocked && core->event_cycle == ~0ull) {
        schedule(tile, processor, std::max(cycle + 1, core->hart.cycles));
    }
}

bool can_wake(const Tile& tile, std::uint32_t processor) {
    bool can = false;
    for_each_awaited(*tile.cores.find(processor), [&](std::uint32_t address) {
        can = can || can_change(tile, processor, address);
    });
    return can;
}

void update_watches(Tile& tile) {
    const TileParameters& chip = tile.around.parameters;
    const bool closed = tile.around.checks.enabled.of_memory() || tile.around.probes.tells_all();
    std::uint32_t holders = 0;
    for (std::uint32_t p = 0; p < tile.core_count(); ++p) holders += holds_user_l1(tile, p);
    for (std::uint32_t p = 0; p < tile.core_count(); ++p) {
        const bool others = holders > (holds_user_l1(tile, p) ? 1u : 0u);
        if (tile.runs[p].program.code == nullptr) continue;
        tile.runs[p].context.set_far_store_bytes(
            others || closed ? 0 : chip.l1_bytes - chip.conventions.l1_user_base);
    }
}

}  // namespace tilewright
