// Places in a mesh.
#include <algorithm>
#include <set>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/system_mesh.hpp>

namespace tt::tt_metal::distributed {
namespace {

template <class Numbers>
std::string listed(const char* name, const Numbers& numbers) {
    return fmt::format("{}([{}])", name, fmt::join(numbers, ", "));
}

std::size_t wrapped(std::int32_t dim, std::size_t dims) {
    const std::int64_t index = dim < 0 ? dim + static_cast<std::int64_t>(dims) : dim;
    TT_FATAL(index >= 0 && static_cast<std::size_t>(index) < dims,
             "dimension {} of a mesh with {} dimensions", dim, dims);
    return static_cast<std::size_t>(index);
}

}  // namespace

std::size_t MeshShape::mesh_size() const {
    std::size_t size = 1;
    for (std::uint32_t s : sizes_) size *= s;
    return size;
}
bool MeshShape::is_line_topology() const {
    return std::ranges::count_if(sizes_, [](std::uint32_t s) { return s != 1; }) <= 1;
}
std::uint32_t MeshShape::operator[](std::int32_t dim) const {
    return sizes_[wrapped(dim, sizes_.size())];
}
std::string MeshShape::str() const {
    return listed("MeshShape", sizes_);
}

MeshCoordinate MeshCoordinate::zero_coordinate(std::size_t dimensions) {
    return MeshCoordinate(std::vector<std::uint32_t>(dimensions));
}
std::uint32_t MeshCoordinate::operator[](std::int32_t dim) const {
    return value_[wrapped(dim, value_.size())];
}
std::size_t MeshCoordinate::to_linear_index(const MeshShape& shape) const {
    bool inside = shape.dims() == dims();
    std::size_t index = 0;
    for (std::size_t d = 0; inside && d < dims(); ++d) {
        const std::uint32_t size = shape[static_cast<std::int32_t>(d)];
        inside = value_[d] < size;
        index = index * size + value_[d];
    }
    TT_FATAL(inside, "{} lies outside {}", str(), shape.str());
    return index;
}
std::string MeshCoordinate::str() const {
    return listed("MeshCoordinate", value_);
}

MeshCoordinateRange::MeshCoordinateRange(const MeshCoordinate& start, const MeshCoordinate& end)
    : start_(start), end_(end) {
    bool ordered = start.dims() == end.dims();
    for (std::size_t d = 0; ordered && d < start.dims(); ++d) {
        ordered = start.coords()[d] <= end.coords()[d];
    }
    TT_FATAL(ordered,
             "a range from {} to {}; expected the same dimensions and no end before its start",
             start.str(), end.str());
}
MeshCoordinateRange::MeshCoordinateRange(const MeshShape& shape)
    : start_(MeshCoordinate::zero_coordinate(shape.dims())), end_(start_) {
    std::vector<std::uint32_t> last;
    for (std::size_t d = 0; d < shape.dims(); ++d) {
        const std::uint32_t size = shape[static_cast<std::int32_t>(d)];
        TT_FATAL(size != 0, "{} has no devices", shape.str());
        last.push_back(size - 1);
    }
    end_ = MeshCoordinate(last);
}
MeshShape MeshCoordinateRange::shape() const {
    std::vector<std::uint32_t> sizes;
    for (std::size_t d = 0; d < dims(); ++d) {
        sizes.push_back(end_.coords()[d] - start_.coords()[d] + 1);
    }
    return MeshShape(sizes);
}
bool MeshCoordinateRange::contains(const MeshCoordinate& coord) const {
    bool inside = coord.dims() == dims();
    for (std::size_t d = 0; inside && d < dims(); ++d) {
        inside = coord.coords()[d] >= start_.coords()[d] && coord.coords()[d] <= end_.coords()[d];
    }
    return inside;
}
bool MeshCoordinateRange::contains(const MeshCoordinateRange& range) const {
    return contains(range.start_) && contains(range.end_);
}
bool MeshCoordinateRange::intersects(const MeshCoordinateRange& range) const {
    bool common = range.dims() == dims();
    for (std::size_t d = 0; common && d < dims(); ++d) {
        common = range.start_.coords()[d] <= end_.coords()[d] &&
                 start_.coords()[d] <= range.end_.coords()[d];
    }
    return common;
}
std::string MeshCoordinateRange::str() const {
    return start_.str() + " to " + end_.str();
}

MeshCoordinateRange::Iterator::Iterator(const MeshCoordinateRange& range, std::size_t index)
    : range_(&range), index_(index), current_(range.start_coord()) {}
MeshCoordinateRange::Iterator& MeshCoordinateRange::Iterator::operator++() {
    ++index_;
    std::vector<std::uint32_t> place(current_.coords().begin(), current_.coords().end());
    for (std::size_t d = place.size(); d-- > 0;) {
        if (place[d] < range_->end_coord().coords()[d]) {
            ++place[d];
            break;
        }
        place[d] = range_->start_coord().coords()[d];
    }
    current_ = MeshCoordinate(place);
    return *this;
}

std::vector<MeshCoordinate> MeshCoordinateRangeSet::coords() const {
    std::set<MeshCoordinate> all;
    for (const MeshCoordinateRange& range : ranges_) all.insert(range.begin(), range.end());
    return {all.begin(), all.end()};
}

std::ostream& operator<<(std::ostream& out, const MeshShape& shape) {
    return out << shape.str();
}
std::ostream& operator<<(std::ostream& out, const MeshCoordinate& coord) {
    return out << coord.str();
}
std::ostream& operator<<(std::ostream& out, const MeshCoordinateRange& range) {
    return out << range.str();
}

SystemMesh& SystemMesh::instance() {
    static SystemMesh mesh;
    return mesh;
}

}  // namespace tt::tt_metal::distributed
