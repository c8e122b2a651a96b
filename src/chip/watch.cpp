// Telling an observer of memory what programs read and write. What cores load and store comes here
// through TileBus, as their regions are empty where somebody watches.
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

void Chip::watch_memory(const MemoryWatch& watch) {
    if (watch.begin > watch.end || watch.end > config_.direct_memory_bytes) {
        throw AddressError("watching bytes " + std::to_string(watch.begin) + " to " +
                           std::to_string(watch.end) + " of direct memory, which has " +
                           std::to_string(config_.direct_memory_bytes));
    }
    watch_ = watch;
    remap_memories();
}

// `memory` is where the address of the core leads.
void Chip::tell_access(std::uint32_t core, const std::byte* memory, std::uint32_t address,
                       std::uint32_t bytes, bool write, std::uint32_t stored) {
    if (watch_.observer == nullptr) return;
    MemoryAccess access{.core = core_id(core),
                        .place = {},
                        .bytes = bytes,
                        .reads = !write,
                        .writes = write,
                        .by_command = false,
                        .stored = stored};
    const std::uint32_t in_direct = address - abi::direct_base;
    if (in_direct < config_.direct_memory_bytes) {
        if (!watch_.everything && in_direct - watch_.begin >= watch_.end - watch_.begin) return;
        access.place = {MemoryKind::dram,
                        static_cast<std::uint32_t>(in_direct / config_.dram_bank_bytes),
                        in_direct % config_.dram_bank_bytes};
    } else {
        const bool user_l1 = address >= abi::l1_user_base && address < config_.l1_bytes;
        if (!watch_.everything || !user_l1) return;
        access.place = {MemoryKind::tile_l1, tile_of(core),
                        static_cast<std::uint64_t>(memory - l1(tile_of(core)))};
    }
    watch_.observer->on_access(access);
}

// What the command takes from one end and leaves at the other. Atomics synchronise, and are left
// out here as those of cores are.
void Chip::tell_transfer(const Packet& packet) {
    if (!all_watched() || packet.kind == Packet::Kind::atomic) return;
    const bool write = packet.kind == Packet::Kind::write;
    const auto tell = [&](const MemoryRef& place, bool writes) {
        if (place.kind == MemoryKind::tile_l1 && place.offset < abi::l1_user_base) return;
        watch_.observer->on_access({.core = core_id(packet.initiator),
                                    .place = place,
                                    .bytes = packet.length,
                                    .reads = !writes,
                                    .writes = writes,
                                    .by_command = true});
    };
    const auto tell_remote = [&](std::uint32_t x, std::uint32_t y) {
        const Place& target = place(x, y);
        const bool tile = target.kind == Place::Kind::tile;
        tell({tile ? MemoryKind::tile_l1 : MemoryKind::dram, target.index, packet.remote_address},
             write);
    };
    if (!packet.inline_data) {
        tell({MemoryKind::tile_l1, tile_of(packet.initiator), packet.local_address}, !write);
    }
    if (packet.with_host) return;
    if (packet.targets.empty()) tell_remote(packet.to_x, packet.to_y);
    for (const NocNode& node : packet.targets) tell_remote(node.x, node.y);
}

void Chip::tell_command(std::uint32_t core, const Work& work) {
    if (!all_watched()) return;
    const auto tell = [&](const Side& side, bool writes) {
        const Layout& layout = side.layout;
        if (layout.bytes() == 0) return;
        const bool apart = layout.stride > layout.row_bytes;
        MemoryAccess access{.core = core_id(core),
                            .place = side.place,
                            .bytes = apart ? layout.row_bytes : layout.extent(),
                            .reads = !writes,
                            .writes = writes,
                            .by_command = true};
        for (std::uint64_t row = 0; row < (apart ? layout.rows : 1); ++row) {
            watch_.observer->on_access(access);
            access.place.offset += layout.stride;
        }
    };
    const Plan plan = make_plan(work, map_, config_);
    for (const Side& operand : plan.operands) tell(operand, false);
    tell(plan.result, true);
}

}  // namespace tilewright
