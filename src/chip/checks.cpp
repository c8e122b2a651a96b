// The optional checks. With a check of memory on, a core's regions are empty, so that each of its
// loads and stores comes to TileBus, which asks here; latencies stay those of the regions.
#include "tilewright/chip/checks.hpp"

#include <cstdio>

#include "chip/tile_bus.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

std::string hex(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", value);
    return text;
}

// Which words of reserved L1 hold the semaphores of programs.
bool is_program_semaphore(std::uint32_t address) {
    return address - abi::program_semaphore_base <
           abi::program_semaphore_count * abi::program_semaphore_stride;
}

}  // namespace

void Chip::set_checks(const Checks& checks) {
    checks_ = checks;
    if (!checks.unwritten_reads) {
        shadow_.reset();
    } else if (shadow_ == nullptr) {
        restart_shadow();
    }
    restart_in_flight();
    remap_memories();
}

// What cores reach without the bus has changed.
void Chip::remap_memories() {
    contexts_.for_each([&](std::size_t c, const riscv::RunContext&) {
        map_memory(static_cast<std::uint32_t>(c));
    });
    for (std::uint32_t t = 0; t < config_.all_tile_count(); ++t) update_watches(t);
}

void Chip::restart_shadow() {
    shadow_ = std::make_unique<Shadow>();
    for (const Arena::Page& page : arena_.pages()) {
        shadow_->mark_written(page.offset, Arena::page_bytes);
    }
}

void Chip::restart_in_flight() {
    landing_.reset();
    leaving_.reset();
    if (!checks_.missing_barriers) return;
    landing_.emplace(config_.all_tile_count());
    leaving_.emplace(config_.all_tile_count());
}

void Chip::check_stack(std::uint32_t index) const {
    const std::uint32_t globals_end = images_[cores_[index].image]->globals_end();
    const std::uint32_t stack = cores_[index].hart.x[2];
    if (!checks_.stack || stack - abi::local_base >= globals_end - abi::local_base) return;
    throw BusRefusal{"stack overflow: the stack pointer " + hex(stack) +
                     " lies in the kernel's globals, which end at " + hex(globals_end)};
}

void Chip::check_semaphore(std::uint32_t tile, std::uint32_t address) const {
    if (shadow_ == nullptr || !is_program_semaphore(address)) return;
    if (shadow_->any_written(offset(l1(tile)) + address, 4)) return;
    throw BusRefusal{
        "semaphore " +
        std::to_string((address - abi::program_semaphore_base) / abi::program_semaphore_stride) +
        ", which the program has not created on " + tile_name(tile)};
}

void Chip::check_store(std::uint32_t tile, std::uint32_t address, std::uint32_t bytes) const {
    check_semaphore(tile, address);
    if (address >= config_.l1_bytes) return;
    if (leaving_ && leaving_->touches(tile, address, bytes)) {
        throw BusRefusal{"store of " + std::to_string(bytes) + " bytes to " + hex(address) +
                         ", which a NoC write has still to take; wait for it with "
                         "noc_async_writes_flushed"};
    }
    if (landing_ && landing_->touches(tile, address, bytes)) {
        throw BusRefusal{"store of " + std::to_string(bytes) + " bytes to " + hex(address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
}

// What the command of a core takes from its own tile, and whose words it changes.
void Chip::check_command(const Packet& packet) const {
    const bool takes = packet.kind == Packet::Kind::write && !packet.inline_data;
    const std::uint32_t tile = tile_of(packet.initiator);
    if (takes && landing_ && landing_->touches(tile, packet.local_address, packet.length)) {
        throw BusRefusal{"NoC command: write from " + hex(packet.local_address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
    if (shadow_ == nullptr || packet.kind == Packet::Kind::read || packet.with_host) return;
    const auto check_target = [&](std::uint32_t x, std::uint32_t y) {
        const Place& target = place(x, y);
        if (target.kind == Place::Kind::tile) check_semaphore(target.index, packet.remote_address);
    };
    if (packet.targets.empty()) check_target(packet.to_x, packet.to_y);
    for (const NocNode& node : packet.targets) check_target(node.x, node.y);
}

void Chip::check_load(const std::byte* memory, std::uint32_t tile, std::uint32_t address,
                      std::uint32_t bytes) const {
    check_semaphore(tile, address);
    if (landing_ && address < config_.l1_bytes && landing_->touches(tile, address, bytes)) {
        throw BusRefusal{"load of " + std::to_string(bytes) + " bytes from " + hex(address) +
                         ", which a NoC read in flight will write; wait for it with "
                         "noc_async_read_barrier"};
    }
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
    const auto refuse = [&](std::uint32_t pending, const char* kind, std::uint32_t noc,
                            const char* rest) {
        if (pending == 0) return;
        throw make_fault(index, cores_[index].hart.pc - 4,
                         "the kernel '" + images_[cores_[index].image]->name() + "' ended with " +
                             std::to_string(pending) + " of its " + kind + " on NoC " +
                             std::to_string(noc) + rest);
    };
    for (std::uint32_t noc = 0; noc < abi::noc_count; ++noc) {
        const NocPort& port = cores_[index].noc[noc];
        if (checks_.unflushed_writes) {
            refuse(port.writes_pending, "writes", noc,
                   " not acknowledged; wait for them with noc_async_write_barrier");
        }
        if (checks_.missing_barriers) {
            refuse(port.reads_pending, "reads", noc,
                   " in flight; wait for them with noc_async_read_barrier");
        }
    }
}

}  // namespace tilewright
