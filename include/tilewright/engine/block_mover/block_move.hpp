// What a block mover can be told to do, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tilewright/base/units.hpp"
#include "tilewright/engine/plan.hpp"

namespace tilewright {

/// What happens to a matrix on its way.
enum class Transform : std::uint8_t {
    identity,
    transpose,  ///< width x height arrives
    reshape,    ///< the elements in row-major order, as rows of `reshaped_width`
    shuffle,    ///< of each row the elements of its two halves by turns: 0, h, 1, h + 1, ...
};
constexpr Transform last_of(Transform) {
    return Transform::shuffle;
}

/// Between memories on the chip: a matrix of height x width elements.
struct BlockMove {
    static constexpr EngineKind engine = EngineKind::block_mover;

    GlobalAddress source{};
    GlobalAddress destination{};
    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t element_bytes = 4;
    Transform transform = Transform::identity;
    std::uint32_t reshaped_width = 0;      ///< for reshape; 0: height. Divides height * width
    std::uint64_t source_stride = 0;       ///< bytes between rows; 0: they follow each other
    std::uint64_t destination_stride = 0;  ///< of what arrives

    Plan plan(const PlanContext& context) const;
    const char* verb() const;
    std::pair<GlobalAddress, GlobalAddress> endpoints() const { return {source, destination}; }
    std::string describe() const;
};

template <class Archive>
void fields(Archive& archive, BlockMove& m) {
    archive(m.source, m.destination, m.height, m.width, m.element_bytes, m.transform,
            m.reshaped_width, m.source_stride, m.destination_stride);
}

}  // namespace tilewright
