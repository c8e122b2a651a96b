// Who watches which word, and who wakes when it is written.
//
// A reservation (lr.w) lies on one word of the tile's L1 or on a counter of the core's own network
// interface. While a core holds one in writable L1, plain stores of its neighbours go through the
// bus, which looks here; otherwise they go straight to memory.
#include <algorithm>

#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

bool covers(std::uint64_t address, std::uint64_t bytes, std::uint32_t word) {
    return address < std::uint64_t{word} + 4 && word < address + bytes;
}

}  // namespace

void Chip::written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                   std::uint64_t cycle, std::uint32_t writer, std::uint32_t except) {
    bool broken = false;
    for (std::uint32_t c = first_core(tile); c < end_core(tile); ++c) {
        const Core& core = cores_[c];
        const bool watches = core.hart.reserved || core.status == CoreStatus::parked;
        if (c == except || !watches || !covers(address, bytes, core.hart.reservation)) continue;
        wake(c, cycle, writer);
        broken = true;
    }
    if (broken) update_watches(tile);
}

void Chip::counter_changed(std::uint32_t index, std::uint32_t address, std::uint64_t cycle) {
    Core& core = cores_[index];
    const bool watches = core.hart.reserved || core.status == CoreStatus::parked;
    if (watches && core.hart.reservation == address) wake(index, cycle, index);
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

void Chip::update_watches(std::uint32_t tile) {
    const std::uint32_t first = first_core(tile);
    const std::uint32_t end = end_core(tile);
    const auto holds = [&](std::uint32_t c) {
        const riscv::HartState& hart = cores_[c].hart;
        return hart.reserved && hart.reservation >= abi::l1_user_base &&
               hart.reservation < config_.l1_bytes;
    };
    std::uint32_t holders = 0;
    for (std::uint32_t c = first; c < end; ++c) holders += holds(c);
    for (std::uint32_t c = first; c < end; ++c) {
        const bool others = holders > (holds(c) ? 1u : 0u);
        maps_[c].far_store.bytes =
            others || memory_checked() ? 0 : config_.l1_bytes - abi::l1_user_base;
    }
}

}  // namespace tilewright
