// The DMA engines of a chip, as its configuration describes them.
#pragma once

#include <cstdint>

namespace tilewright {

struct DmaConfig {
    std::uint32_t dma_engine_count = 0;
    std::uint32_t dma_setup_cycles = 29;
    std::uint32_t dma_bytes_per_cycle = 64;
    bool operator==(const DmaConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("dma_engine_count", c.dma_engine_count, 0, 256, "engines", "DMA engines");
        field("dma_setup_cycles", c.dma_setup_cycles, 0, 1'000'000, "cycles",
              "from the start of a command to its first burst");
        field("dma_bytes_per_cycle", c.dma_bytes_per_cycle, 1, 65536, "bytes per cycle",
              "what a DMA engine moves at most");
    }
};

}  // namespace tilewright
