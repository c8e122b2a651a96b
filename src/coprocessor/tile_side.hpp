// What the compute engine reaches of its tile.
#pragma once

#include "tilewright/base/text.hpp"
#include "tilewright/tensix/engine.hpp"
#include "tilewright/tile/order.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

class TileSide final : public tensix::Surroundings {
public:
    explicit TileSide(Tile& tile)
        : tensix::Surroundings({tile.l1, tile.around.parameters.l1_bytes}), tile_(tile) {}

    void writing(std::uint64_t cycle, unsigned, const tensix::L1Range& bytes) override {
        const Conventions& conventions = tile_.around.parameters.conventions;
        const bool word = bytes.size == 4 && conventions.is_synchronising_word(bytes.address);
        if (bytes.address < conventions.l1_user_base && !word) {
            throw tensix::TensixFault("write to " + hex(bytes.address) + " in reserved L1 (below " +
                                      hex(conventions.l1_user_base) + ")");
        }
        const MemoryRef place{MemoryKind::tile_l1, tile_.index, bytes.address};
        tile_.around.memories.will_write(
            place, bytes.size, {.cycle = cycle, .turn = cycle, .component = device_component});
    }

private:
    Tile& tile_;
};

}  // namespace tilewright
