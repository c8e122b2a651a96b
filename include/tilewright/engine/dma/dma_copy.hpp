// What a DMA engine can be told to do, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tilewright/base/units.hpp"
#include "tilewright/engine/plan.hpp"

namespace tilewright {

/// Between any two memories: `rows` rows of `bytes` bytes each, the rows `source_stride` and
/// `destination_stride` bytes apart. One row is the plain copy, in which source and destination may
/// overlap: what arrives is what the source held when it was read, as memmove does. Rows of a
/// destination must not overlap each other or the source.
struct DmaCopy {
    static constexpr EngineKind engine = EngineKind::dma;

    GlobalAddress source{};
    GlobalAddress destination{};
    std::uint64_t bytes = 0;  ///< of a row; 0 is allowed
    std::uint64_t rows = 1;
    std::uint64_t source_stride = 0;       ///< 0: rows follow each other
    std::uint64_t destination_stride = 0;  ///< 0: rows follow each other

    Plan plan(const PlanContext& context) const;
    const char* verb() const { return "copy"; }
    std::pair<GlobalAddress, GlobalAddress> endpoints() const { return {source, destination}; }
    std::string describe() const;
};

template <class Archive>
void fields(Archive& archive, DmaCopy& c) {
    archive(c.source, c.destination, c.bytes, c.rows, c.source_stride, c.destination_stride);
}

}  // namespace tilewright
