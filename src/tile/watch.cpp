#include "tile/watch.hpp"

#include "tilewright/tile/address_space.hpp"

namespace tilewright {

void tell_access(const Tile& tile, std::uint32_t processor, const std::byte* memory,
                 std::uint32_t address, std::uint32_t bytes, bool write, std::uint32_t stored) {
    const MemoryWatch& watch = tile.around.probes.watch;
    if (watch.observer == nullptr) return;
    MemoryAccess access{.core = tile.core_id(processor),
                        .place = {},
                        .bytes = bytes,
                        .reads = !write,
                        .writes = write,
                        .by_command = false,
                        .stored = stored};
    if (in_direct(tile, address)) {
        const std::uint32_t offset = address - abi::direct_base;
        if (!watch.everything && offset - watch.begin >= watch.end - watch.begin) return;
        const std::uint64_t bank = tile.around.memories.map().window(MemoryKind::dram).bytes;
        access.place = {MemoryKind::dram, static_cast<std::uint32_t>(offset / bank), offset % bank};
    } else {
        if (!watch.everything || !tile.around.parameters.in_user_l1(address)) return;
        access.place = {MemoryKind::tile_l1, tile.index,
                        static_cast<std::uint64_t>(memory - tile.l1)};
    }
    watch.observer->on_access(access);
}

void tell_transfer(const Tile& tile, const Packet& packet) {
    const Surroundings& around = tile.around;
    if (!around.probes.all_watched() || packet.kind == Packet::Kind::atomic) return;
    const bool write = packet.kind == Packet::Kind::write;
    const CoreId core = tile.core_id(packet.initiator - tile.site.first_core);
    const auto tell = [&](const MemoryRef& place, bool writes) {
        if (place.kind == MemoryKind::tile_l1 && place.offset < around.parameters.l1_user_base) {
            return;
        }
        around.probes.watch.observer->on_access({.core = core,
                                                 .place = place,
                                                 .bytes = packet.length,
                                                 .reads = !writes,
                                                 .writes = writes,
                                                 .by_command = true});
    };
    const auto tell_remote = [&](NocNode router) {
        MemoryRef place = *around.network->memory_at(router);
        place.offset = packet.remote_address;
        tell(place, write);
    };
    if (!packet.inline_data) {
        tell({MemoryKind::tile_l1, tile.index, packet.local_address}, !write);
    }
    if (packet.with_host) return;
    if (packet.targets.empty()) tell_remote({packet.to_x, packet.to_y});
    for (const NocNode node : packet.targets) tell_remote(node);
}

}  // namespace tilewright
