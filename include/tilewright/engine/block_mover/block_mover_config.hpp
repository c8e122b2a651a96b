// The block movers of a chip, as its configuration describes them.
#pragma once

#include <cstdint>

namespace tilewright {

struct BlockMoverConfig {
    std::uint32_t block_mover_count = 0;
    std::uint32_t block_mover_setup_cycles = 4;
    std::uint32_t block_mover_bytes_per_cycle = 64;
    bool operator==(const BlockMoverConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("block_mover_count", c.block_mover_count, 0, 256, "engines", "block movers");
        field("block_mover_setup_cycles", c.block_mover_setup_cycles, 0, 1'000'000, "cycles",
              "from the start of a command to its first burst");
        field("block_mover_bytes_per_cycle", c.block_mover_bytes_per_cycle, 1, 65536,
              "bytes per cycle", "what a block mover moves at most");
    }
};

}  // namespace tilewright
