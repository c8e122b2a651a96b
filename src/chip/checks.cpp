// The optional checks. With a check of memory on, a core's regions are empty, so that each of its
// loads and stores comes to TileBus, which asks here; latencies stay those of the regions.
#include "tilewright/chip/checks.hpp"

#include <cstdio>

#include "chip/tile_bus.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

std::string hex(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", value);
    return text;
}

}  // namespace

void Chip::set_checks(const Checks& checks) {
    checks_ = checks;
    if (!checks.unwritten_reads) {
        shadow_.reset();
    } else if (shadow_ == nullptr) {
        restart_shadow();
    }
    maps_.for_each([&](std::size_t c, riscv::MemoryMap& map) {
        const riscv::Region image = map.image;
        map_memory(static_cast<std::uint32_t>(c));
        map.image = image;
    });
    for (std::uint32_t t = 0; t < config_.all_tile_count(); ++t) update_watches(t);
}

void Chip::restart_shadow() {
    shadow_ = std::make_unique<Shadow>();
    for (const Arena::Page& page : arena_.pages()) {
        shadow_->mark_written(page.offset, Arena::page_bytes);
    }
}

void Chip::check_stack(std::uint32_t index) const {
    const std::uint32_t globals_end = images_[cores_[index].image]->globals_end();
    const std::uint32_t stack = cores_[index].hart.x[2];
    if (!checks_.stack || stack - abi::local_base >= globals_end - abi::local_base) return;
    throw BusRefusal{"stack overflow: the stack pointer " + hex(stack) +
                     " lies in the kernel's globals, which end at " + hex(globals_end)};
}

void Chip::check_load(const std::byte* memory, std::uint32_t address, std::uint32_t bytes) const {
    if (shadow_ == nullptr || address < abi::l1_user_base) return;
    if (shadow_->any_written(offset(memory), bytes)) return;
    throw BusRefusal{"load of " + std::to_string(bytes) + " bytes from " + hex(address) +
                     ", which nothing has written"};
}

void Chip::check_read(const Packet& packet, const std::byte* memory, const Place& target) const {
    if (shadow_ == nullptr || packet.length == 0) return;
    if (shadow_->any_written(offset(memory), packet.length)) return;
    const std::uint32_t core = packet.initiator;
    const std::string where = target.kind == Place::Kind::dram
                                  ? "DRAM bank " + std::to_string(target.index)
                                  : "L1 of " + tile_name(target.index);
    throw make_fault(core, cores_[core].hart.pc,
                     "its NoC read of cycle " + std::to_string(packet.issued) + " fetched " +
                         std::to_string(packet.length) + " bytes at " + hex(packet.remote_address) +
                         " of " +
                         (target.kind == Place::Kind::tile ? "the L1 of tile " : "DRAM bank ") +
                         std::to_string(target.index) + ", which nothing has written");
}

void Chip::check_flushed(std::uint32_t index) const {
    if (!checks_.unflushed_writes) return;
    for (std::uint32_t noc = 0; noc < abi::noc_count; ++noc) {
        const std::uint32_t pending = cores_[index].noc[noc].writes_pending;
        if (pending == 0) continue;
        throw make_fault(index, cores_[index].hart.pc - 4,
                         "the kernel '" + images_[cores_[index].image]->name() + "' ended with " +
                             std::to_string(pending) + " of its writes on NoC " +
                             std::to_string(noc) +
                             " not acknowledged; wait for them with noc_async_write_barrier");
    }
}

}  // namespace tilewright
