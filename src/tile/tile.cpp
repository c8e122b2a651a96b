#include "tilewright/tile/tile.hpp"

#include <algorithm>

#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/devices.hpp"
#include "tilewright/tile/network_interface.hpp"

namespace tilewright {

Tile::Tile(const Surroundings& surroundings, std::uint32_t number)
    : around(surroundings),
      index(number),
      site(surroundings.sites[number]),
      l1(surroundings.memories.l1(number)),
      cores(site.cores.size()),
      runs(site.cores.size()) {
    for (const DeviceKind& kind : around.devices) devices.push_back(kind.make(*this));
}

NetworkInterface& Tile::network(std::uint32_t noc) const {
    return static_cast<NetworkInterface&>(*devices[first_network_row + noc]);
}

bool Tile::work_pending(std::uint32_t processor) const {
    for (std::uint32_t noc = 0; noc < abi::noc_count; ++noc) {
        if (network(noc).port(processor).outstanding() != 0) return true;
    }
    return std::ranges::any_of(devices,
                               [&](const auto& device) { return device->pending(processor); });
}

std::string tile_name(const TileSite& site) {
    return (site.control ? "control tile (" : "tile (") + std::to_string(site.id.x) + ", " +
           std::to_string(site.id.y) + ")";
}

void save(const Tile& tile, ArchiveWriter& archive) {
    archive(tile.cores);
    for (const auto& device : tile.devices) device->save(archive);
}

void load(Tile& tile, ArchiveReader& archive) {
    archive(tile.cores);
    for (const auto& device : tile.devices) device->load_state(archive);
}

// --- What a core reaches without its bus ---------------------------------------------------------

void map_memory(Tile& tile, std::uint32_t processor) {
    const Surroundings& around = tile.around;
    const TileParameters& chip = around.parameters;
    const MemoryWatch& watch = around.probes.watch;
    const bool checked = around.checks.enabled.of_memory();
    // What is checked or watched, and direct memory behind that, is reached through the bus.
    riscv::MemoryMap map;
    map.image = tile.runs[processor].program.window;
    if (!checked) {
        map.near = {abi::local_base, tile.site.cores[processor].local_bytes, tile.local(processor)};
    }
    if (!checked && !around.probes.tells_all()) {
        map.far = {0, chip.l1_bytes, tile.l1};
        map.far_store = {chip.conventions.l1_user_base,
                         chip.l1_bytes - chip.conventions.l1_user_base,
                         tile.l1 + chip.conventions.l1_user_base};
        map.direct = {abi::direct_base, static_cast<std::uint32_t>(chip.direct_bytes),
                      around.memories.dram(0)};
        map.direct_stored = &around.memories.direct_stored();
        if (watch.observer != nullptr) map.direct.bytes = watch.begin;
    }
    tile.runs[processor].context.set_memory(map);
    for (const auto& device : tile.devices) device->remapped(processor);
}

bool in_local(const Tile& tile, std::uint32_t processor, std::uint32_t address) {
    return address - abi::local_base < tile.site.cores[processor].local_bytes;
}

bool in_direct(const Tile& tile, std::uint32_t address) {
    return address - abi::direct_base < tile.around.parameters.direct_bytes;
}

std::byte* plain_memory(const Tile& tile, std::uint32_t processor, std::uint32_t address) {
    if (address < tile.around.parameters.l1_bytes) return tile.l1 + address;
    if (in_local(tile, processor, address))
        return tile.local(processor) + (address - abi::local_base);
    if (in_direct(tile, address))
        return tile.around.memories.dram(0) + (address - abi::direct_base);
    return nullptr;
}

}  // namespace tilewright
