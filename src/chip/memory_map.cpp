#include "tilewright/chip/memory_map.hpp"

#include <algorithm>

#include "chip/parts.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

std::vector<MemoryMapRow> Chip::memory_map(std::uint32_t core) const {
    const TileParameters& chip = parts_->parameters;
    const TileSite& site = parts_->sites[parts_->tiles.tile_of(core)];
    const std::uint32_t local = site.cores[parts_->tiles.processor_of(core)].local_bytes;
    std::vector<MemoryMapRow> rows{
        {"reserved L1", 0, chip.l1_user_base, "yes", "synchronising words only"},
        {"L1", chip.l1_user_base, chip.l1_bytes - chip.l1_user_base, "yes", "yes"},
        {"local memory", abi::local_base, local, "yes", "yes"},
        {"image", abi::image_base, abi::image_window_bytes, "yes", "no"}};
    if (chip.direct_bytes != 0) {
        rows.push_back({"direct memory", abi::direct_base, chip.direct_bytes, "yes", "yes"});
    }
    for (const DeviceKind& kind : parts_->devices) {
        rows.push_back({kind.name, kind.base, kind.bytes, kind.loads, kind.stores});
    }
    std::ranges::sort(rows, {}, &MemoryMapRow::base);
    return rows;
}

}  // namespace tilewright
