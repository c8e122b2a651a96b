// What a streamer can be told to do, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tilewright/base/units.hpp"
#include "tilewright/engine/plan.hpp"

namespace tilewright {

/// Between an L2 bank or scratchpad, where a matrix lies in rows, and an L1 buffer or page buffer,
/// where it lies in the order in which it enters or leaves an array.
struct StreamMove {
    static constexpr EngineKind engine = EngineKind::streamer;

    enum class Order : std::uint8_t {
        rows,     ///< row after row, one element for each column of the array a cycle
        columns,  ///< column after column, one element for each row of the array a cycle
    };
    enum class Direction : std::uint8_t {
        to_array,    ///< L2 to L1
        from_array,  ///< L1 to L2
    };
    GlobalAddress l2{};
    GlobalAddress l1{};
    std::uint32_t height = 0;  ///< of the matrix in L2
    std::uint32_t width = 0;
    std::uint32_t element_bytes = 4;
    Order order = Order::rows;
    Direction direction = Direction::to_array;
    std::uint64_t l2_stride = 0;  ///< bytes between rows; 0: they follow each other

    Plan plan(const PlanContext& context) const;
    const char* verb() const { return order == Order::rows ? "row stream" : "column stream"; }
    std::pair<GlobalAddress, GlobalAddress> endpoints() const {
        return direction == Direction::to_array ? std::pair(l2, l1) : std::pair(l1, l2);
    }
    std::string describe() const;
};
constexpr StreamMove::Order last_of(StreamMove::Order) {
    return StreamMove::Order::columns;
}
constexpr StreamMove::Direction last_of(StreamMove::Direction) {
    return StreamMove::Direction::from_array;
}

template <class Archive>
void fields(Archive& archive, StreamMove& s) {
    archive(s.l2, s.l1, s.height, s.width, s.element_bytes, s.order, s.direction, s.l2_stride);
}

}  // namespace tilewright
