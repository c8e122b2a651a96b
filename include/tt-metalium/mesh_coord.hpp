// Places in a mesh of devices: row first, then column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <tt_stl/assert.hpp>
#include <tt_stl/span.hpp>
#include <vector>

namespace tt::tt_metal::distributed {

/// Sizes of a mesh, at least one; at most 3 dimensions.
class MeshShape {
public:
    explicit MeshShape(std::uint32_t size) : sizes_{size} {}
    MeshShape(std::uint32_t rows, std::uint32_t columns) : sizes_{rows, columns} {}
    MeshShape(std::uint32_t s0, std::uint32_t s1, std::uint32_t s2) : sizes_{s0, s1, s2} {}
    explicit MeshShape(tt::stl::Span<const std::uint32_t> sizes)
        : sizes_(sizes.begin(), sizes.end()) {}

    std::size_t dims() const { return sizes_.size(); }
    std::size_t mesh_size() const;  ///< devices
    bool is_line_topology() const;
    std::uint32_t operator[](std::int32_t dim) const;
    bool operator==(const MeshShape&) const = default;
    std::string str() const;

private:
    std::vector<std::uint32_t> sizes_;
};

class MeshCoordinate {
public:
    explicit MeshCoordinate(std::uint32_t c) : value_{c} {}
    MeshCoordinate(std::uint32_t row, std::uint32_t column) : value_{row, column} {}
    MeshCoordinate(std::uint32_t c0, std::uint32_t c1, std::uint32_t c2) : value_{c0, c1, c2} {}
    explicit MeshCoordinate(tt::stl::Span<const std::uint32_t> coords)
        : value_(coords.begin(), coords.end()) {}
    static MeshCoordinate zero_coordinate(std::size_t dimensions);

    std::size_t dims() const { return value_.size(); }
    tt::stl::Span<const std::uint32_t> coords() const { return value_; }
    std::uint32_t operator[](std::int32_t dim) const;
    /// Throws std::runtime_error outside the shape.
    std::size_t to_linear_index(const MeshShape& shape) const;
    auto operator<=>(const MeshCoordinate&) const = default;
    std::string str() const;

private:
    std::vector<std::uint32_t> value_;
};

/// A box of places, both ends included.
class MeshCoordinateRange {
public:
    /// Throws std::runtime_error unless start is nowhere greater than end.
    MeshCoordinateRange(const MeshCoordinate& start, const MeshCoordinate& end);
    explicit MeshCoordinateRange(const MeshCoordinate& coord) : start_(coord), end_(coord) {}
    explicit MeshCoordinateRange(const MeshShape& shape);

    std::size_t dims() const { return start_.dims(); }
    const MeshCoordinate& start_coord() const { return start_; }
    const MeshCoordinate& end_coord() const { return end_; }
    MeshShape shape() const;
    bool contains(const MeshCoordinate& coord) const;
    bool contains(const MeshCoordinateRange& range) const;
    bool intersects(const MeshCoordinateRange& range) const;
    auto operator<=>(const MeshCoordinateRange&) const = default;
    std::string str() const;

    /// In row-major order.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = MeshCoordinate;
        using difference_type = std::ptrdiff_t;
        using pointer = const MeshCoordinate*;
        using reference = const MeshCoordinate&;

        Iterator(const MeshCoordinateRange& range, std::size_t index);
        const MeshCoordinate& operator*() const { return current_; }
        Iterator& operator++();
        bool operator==(const Iterator& other) const { return index_ == other.index_; }

    private:
        const MeshCoordinateRange* range_;
        std::size_t index_;
        MeshCoordinate current_;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, shape().mesh_size()}; }

private:
    MeshCoordinate start_;
    MeshCoordinate end_;
};

class MeshCoordinateRangeSet {
public:
    MeshCoordinateRangeSet() = default;
    explicit MeshCoordinateRangeSet(const MeshCoordinateRange& range) : ranges_{range} {}
    void merge(const MeshCoordinateRange& range) { ranges_.push_back(range); }
    std::size_t size() const { return ranges_.size(); }
    bool empty() const { return ranges_.empty(); }
    const std::vector<MeshCoordinateRange>& ranges() const { return ranges_; }
    std::vector<MeshCoordinate> coords() const;  ///< each once, in order

private:
    std::vector<MeshCoordinateRange> ranges_;
};

std::ostream& operator<<(std::ostream& out, const MeshShape& shape);
std::ostream& operator<<(std::ostream& out, const MeshCoordinate& coord);
std::ostream& operator<<(std::ostream& out, const MeshCoordinateRange& range);

}  // namespace tt::tt_metal::distributed
