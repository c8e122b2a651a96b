// What engines that move data can be told to do, as plain data. Addresses are global; each side of
// a movement lies in one memory.
#pragma once

#include <cstdint>

#include "tilewright/base/units.hpp"

namespace tilewright {

/// For a DMA engine, between any two memories: `rows` rows of `bytes` bytes each, the rows
/// `source_stride` and `destination_stride` bytes apart. One row is the plain copy, in which source
/// and destination may overlap: what arrives is what the source held when it was read, as memmove
/// does. Rows of a destination must not overlap each other or the source.
struct DmaCopy {
    GlobalAddress source{};
    GlobalAddress destination{};
    std::uint64_t bytes = 0;  ///< of a row; 0 is allowed
    std::uint64_t rows = 1;
    std::uint64_t source_stride = 0;       ///< 0: rows follow each other
    std::uint64_t destination_stride = 0;  ///< 0: rows follow each other
};

/// What a block mover does to a matrix on its way.
enum class Transform : std::uint8_t {
    identity,
    transpose,  ///< width x height arrives
    reshape,    ///< the elements in row-major order, as rows of `reshaped_width`
    shuffle,    ///< of each row the elements of its two halves by turns: 0, h, 1, h + 1, ...
};
constexpr Transform last_of(Transform) {
    return Transform::shuffle;
}

/// For a block mover, between memories on the chip: a matrix of height x width elements.
struct BlockMove {
    GlobalAddress source{};
    GlobalAddress destination{};
    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t element_bytes = 4;
    Transform transform = Transform::identity;
    std::uint32_t reshaped_width = 0;      ///< for reshape; 0: height. Divides height * width
    std::uint64_t source_stride = 0;       ///< bytes between rows; 0: they follow each other
    std::uint64_t destination_stride = 0;  ///< of what arrives
};

/// For a streamer, between an L2 bank or scratchpad, where a matrix lies in rows, and an L1 buffer
/// or page buffer, where it lies in the order in which it enters or leaves an array.
struct StreamMove {
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
};
constexpr StreamMove::Order last_of(StreamMove::Order) {
    return StreamMove::Order::columns;
}
constexpr StreamMove::Direction last_of(StreamMove::Direction) {
    return StreamMove::Direction::from_array;
}

template <class Archive>
void fields(Archive& archive, DmaCopy& c) {
    archive(c.source, c.destination, c.bytes, c.rows, c.source_stride, c.destination_stride);
}

template <class Archive>
void fields(Archive& archive, BlockMove& m) {
    archive(m.source, m.destination, m.height, m.width, m.element_bytes, m.transform,
            m.reshaped_width, m.source_stride, m.destination_stride);
}

template <class Archive>
void fields(Archive& archive, StreamMove& s) {
    archive(s.l2, s.l1, s.height, s.width, s.element_bytes, s.order, s.direction, s.l2_stride);
}

}  // namespace tilewright
