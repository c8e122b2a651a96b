#include "tile/watch.hpp"

#include <array>
#include <optional>
#include <vector>

#include "tilewright/riscv/code.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {
namespace {

MemoryRef direct_place(const Tile& tile, std::uint32_t address) {
    const std::uint64_t bank = tile.around.memories.map().window(MemoryKind::dram).bytes;
    const std::uint32_t offset = address - abi::direct_base;
    return {MemoryKind::dram, static_cast<std::uint32_t>(offset / bank), offset % bank};
}

// Nothing for what is nobody's business but the core's.
std::optional<MemoryRef> shared_place(const Tile& tile, std::uint32_t address) {
    if (address < tile.around.parameters.l1_bytes) {
        return MemoryRef{MemoryKind::tile_l1, tile.index, address};
    }
    if (in_direct(tile, address)) return direct_place(tile, address);
    return std::nullopt;
}

}  // namespace

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
        access.place = direct_place(tile, address);
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
        if (place.kind == MemoryKind::tile_l1 &&
            place.offset < around.parameters.conventions.l1_user_base) {
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

// --- Order --------------------------------------------------------------------------------------

void check_order(const OrderObserver& order) {
    if (order.wants_stop()) throw BusRefusal{};
}

CodeSite code_site(const Tile& tile, std::uint32_t processor, std::uint64_t cycle) {
    const Core& core = *tile.cores.find(processor);
    return {tile.core_number(processor), core.image, core.hart.pc, cycle};
}

void tell_load(const Tile& tile, std::uint32_t processor, std::uint32_t address,
               std::uint32_t bytes, std::uint64_t cycle) {
    OrderObserver& order = *tile.around.probes.order;
    const std::optional<MemoryRef> place = shared_place(tile, address);
    if (!place) return;
    const CodeSite site = code_site(tile, processor, cycle);
    const bool polls = tile.runs[processor].program.code->polling_loop(site.pc) != nullptr;
    if (polls) order.on_acquire(site.core, {place->kind, place->index, place->offset & ~3ull});
    if (address < tile.around.parameters.conventions.l1_user_base) return;
    order.on_load(site, *place, bytes);
    check_order(order);
}

void tell_store(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                std::uint32_t bytes, std::uint64_t cycle) {
    OrderObserver& order = *tile.around.probes.order;
    const std::optional<MemoryRef> place = shared_place(tile, address);
    if (!place) return;
    order.on_store(code_site(tile, processor, cycle), *place, bytes);
    check_order(order);
}

void tell_synchronising(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                        Synchronising what) {
    OrderObserver& order = *tile.around.probes.order;
    const std::optional<MemoryRef> word = shared_place(tile, address);
    if (!word) return;
    const std::uint32_t core = tile.core_number(processor);
    switch (what) {
        case Synchronising::load_reserved:
            return order.on_acquire(core, *word);
        case Synchronising::store_conditional:
            return order.on_release(core, *word);
        case Synchronising::atomic:
            return order.on_atomic(core, *word);
    }
}

void tell_granted(const Tile& tile, std::uint32_t processor) {
    constexpr std::uint32_t fence = 0x0F;
    const Core& core = *tile.cores.find(processor);
    const auto word = tile.runs[processor].program.code->word(core.hart.pc);
    if (word && (*word & 0x7F) == fence) {
        tile.around.probes.order->on_fence(tile.core_number(processor));
    }
}

void tell_parked(const Tile& tile, std::uint32_t processor) {
    const riscv::Polling& loop = tile.cores.find(processor)->polling.loop;
    for (std::uint32_t i = 0; i < loop.count; ++i) {
        const auto word = shared_place(tile, loop.words[i].address);
        if (word) tile.around.probes.order->on_acquire(tile.core_number(processor), *word);
    }
}

void tell_command(const Tile& tile, Packet& packet, std::uint64_t cycle) {
    const Surroundings& around = tile.around;
    const auto memory_at = [&](NocNode router) {
        MemoryRef place = *around.network->memory_at(router);
        place.offset = packet.remote_address;
        return place;
    };
    std::vector<MemoryRef> remote;
    if (!packet.with_host && packet.targets.empty()) {
        remote.push_back(memory_at({packet.to_x, packet.to_y}));
    }
    for (const NocNode node : packet.targets) remote.push_back(memory_at(node));
    const bool atomic = packet.kind == Packet::Kind::atomic;
    using Kind = TransferCommand::Kind;
    OrderObserver& order = *around.probes.order;
    packet.order_number =
        order.on_command(code_site(tile, packet.initiator - tile.site.first_core, cycle),
                         {.kind = atomic                               ? Kind::atomic
                                  : packet.kind == Packet::Kind::write ? Kind::write
                                                                       : Kind::read,
                          .noc = packet.noc,
                          .bytes = packet.length,
                          .has_local = !atomic && !packet.inline_data,
                          .multicast = !packet.targets.empty(),
                          .append = packet.ring_bytes != 0,
                          .local = {MemoryKind::tile_l1, tile.index, packet.local_address},
                          .remote = remote});
    check_order(order);
}

}  // namespace tilewright
