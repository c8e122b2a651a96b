// The engines of a chip, as its configuration describes them: the part of each kind, declared
// beside it, and what all kinds share.
#pragma once

#include <cstdint>

#include "tilewright/engine/block_mover/block_mover_config.hpp"
#include "tilewright/engine/dma/dma_config.hpp"
#include "tilewright/engine/streamer/streamer_config.hpp"
#include "tilewright/engine/systolic/systolic_config.hpp"

namespace tilewright {

struct StreamingConfig {
    std::uint32_t burst_bytes = 1024;
    bool operator==(const StreamingConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("burst_bytes", c.burst_bytes, 64, 1 << 20, "bytes",
              "the pieces in which engines move data");
    }
};

struct EngineConfig : DmaConfig, StreamingConfig, BlockMoverConfig, StreamerConfig, SystolicConfig {
    bool operator==(const EngineConfig&) const = default;

    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        DmaConfig::visit_fields(c, field);
        StreamingConfig::visit_fields(c, field);
        BlockMoverConfig::visit_fields(c, field);
        StreamerConfig::visit_fields(c, field);
        SystolicConfig::visit_fields(c, field);
    }
};

}  // namespace tilewright
