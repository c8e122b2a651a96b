// Rectangles of tiles and sets of them.
#include <algorithm>
#include <tt-metalium/core_coord.hpp>
#include <tt_stl/assert.hpp>

namespace tt::tt_metal {

std::string CoreCoord::str() const {
    return fmt::format("(x={},y={})", x, y);
}

CoreRange::CoreRange(const CoreCoord& start, const CoreCoord& end)
    : start_coord(start), end_coord(end) {
    TT_FATAL(start.x <= end.x && start.y <= end.y,
             "a range of cores from {} to {}; its end must not lie left of or above its start",
             start, end);
}

bool CoreRange::contains(const CoreCoord& core) const {
    return core.x >= start_coord.x && core.x <= end_coord.x && core.y >= start_coord.y &&
           core.y <= end_coord.y;
}
bool CoreRange::contains(const CoreRange& other) const {
    return contains(other.start_coord) && contains(other.end_coord);
}
bool CoreRange::intersects(const CoreRange& other) const {
    return intersection(other).has_value();
}
std::optional<CoreRange> CoreRange::intersection(const CoreRange& other) const {
    const CoreCoord start{std::max(start_coord.x, other.start_coord.x),
                          std::max(start_coord.y, other.start_coord.y)};
    const CoreCoord end{std::min(end_coord.x, other.end_coord.x),
                        std::min(end_coord.y, other.end_coord.y)};
    if (start.x > end.x || start.y > end.y) return std::nullopt;
    return CoreRange(start, end);
}
CoreCoord CoreRange::grid_size() const {
    return {end_coord.x - start_coord.x + 1, end_coord.y - start_coord.y + 1};
}
std::size_t CoreRange::size() const {
    return grid_size().x * grid_size().y;
}
std::string CoreRange::str() const {
    return fmt::format("[{} - {}]", start_coord, end_coord);
}
CoreRange::CoreIterator& CoreRange::CoreIterator::operator++() {
    if (++current_.x > range_->end_coord.x) current_ = {range_->start_coord.x, current_.y + 1};
    return *this;
}

CoreRangeSet::CoreRangeSet(std::vector<CoreRange> ranges) : ranges_(std::move(ranges)) {
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
        for (std::size_t j = i + 1; j < ranges_.size(); ++j) {
            TT_FATAL(!ranges_[i].intersects(ranges_[j]), "the ranges {} and {} overlap", ranges_[i],
                     ranges_[j]);
        }
    }
}
CoreRangeSet::CoreRangeSet(const std::set<CoreRange>& ranges)
    : CoreRangeSet(std::vector<CoreRange>(ranges.begin(), ranges.end())) {}
CoreRangeSet::CoreRangeSet(tt::stl::Span<const CoreRange> ranges)
    : CoreRangeSet(std::vector<CoreRange>(ranges.begin(), ranges.end())) {}
CoreRangeSet::CoreRangeSet(tt::stl::Span<const CoreCoord> cores)
    : CoreRangeSet(std::vector<CoreRange>(cores.begin(), cores.end())) {}

std::uint32_t CoreRangeSet::num_cores() const {
    std::size_t count = 0;
    for (const CoreRange& range : ranges_) count += range.size();
    return static_cast<std::uint32_t>(count);
}
bool CoreRangeSet::contains(const CoreCoord& core) const {
    return std::ranges::any_of(ranges_, [&](const CoreRange& r) { return r.contains(core); });
}
bool CoreRangeSet::contains(const CoreRange& range) const {
    return std::ranges::all_of(range, [&](const CoreCoord& core) { return contains(core); });
}
bool CoreRangeSet::contains(const CoreRangeSet& other) const {
    return std::ranges::all_of(other.ranges_, [&](const CoreRange& r) { return contains(r); });
}
CoreRangeSet CoreRangeSet::intersection(const CoreRangeSet& other) const {
    std::vector<CoreRange> common;
    for (const CoreRange& a : ranges_) {
        for (const CoreRange& b : other.ranges_) {
            if (const auto both = a.intersection(b)) common.push_back(*both);
        }
    }
    return common;
}
bool CoreRangeSet::intersects(const CoreRangeSet& other) const {
    return !intersection(other).empty();
}
CoreRangeSet CoreRangeSet::merge(const CoreRangeSet& other) const {
    std::vector<CoreRange> all = ranges_;
    for (const CoreRange& range : other.ranges_) {
        if (!intersects(range)) {
            all.push_back(range);
            continue;
        }
        for (const CoreCoord& core : range) {
            if (!contains(core)) all.emplace_back(core);
        }
    }
    return all;
}
CoreRange CoreRangeSet::bounding_box() const {
    TT_FATAL(!ranges_.empty(), "an empty set of cores has no bounding box");
    CoreCoord start = ranges_.front().start_coord;
    CoreCoord end = ranges_.front().end_coord;
    for (const CoreRange& r : ranges_) {
        start = {std::min(start.x, r.start_coord.x), std::min(start.y, r.start_coord.y)};
        end = {std::max(end.x, r.end_coord.x), std::max(end.y, r.end_coord.y)};
    }
    return {start, end};
}
std::string CoreRangeSet::str() const {
    std::string text;
    for (const CoreRange& range : ranges_) text += (text.empty() ? "" : ", ") + range.str();
    return "{" + text + "}";
}

std::vector<CoreCoord> grid_to_cores(CoreCoord start, CoreCoord end, bool row_wise) {
    const CoreRange range(start, end);
    std::vector<CoreCoord> cores(range.begin(), range.end());
    if (!row_wise) std::ranges::sort(cores);  // column first
    return cores;
}
std::vector<CoreCoord> grid_to_cores(std::uint32_t num_cores, std::uint32_t grid_size_x,
                                     std::uint32_t grid_size_y, bool row_wise) {
    TT_FATAL(num_cores <= std::uint64_t{grid_size_x} * grid_size_y, "{} cores of a grid of {} x {}",
             num_cores, grid_size_x, grid_size_y);
    if (num_cores == 0) return {};
    auto cores = grid_to_cores({0, 0}, {grid_size_x - 1, grid_size_y - 1}, row_wise);
    cores.resize(num_cores);
    return cores;
}
std::vector<CoreCoord> corerange_to_cores(const CoreRangeSet& set,
                                          std::optional<std::uint32_t> max_cores, bool row_wise) {
    std::vector<CoreCoord> all;
    for (const CoreRange& range : set.ranges()) {
        const auto cores = grid_to_cores(range.start_coord, range.end_coord, row_wise);
        all.insert(all.end(), cores.begin(), cores.end());
    }
    if (max_cores && *max_cores < all.size()) all.resize(*max_cores);
    return all;
}

std::ostream& operator<<(std::ostream& out, const CoreCoord& core) {
    return out << core.str();
}
std::ostream& operator<<(std::ostream& out, const CoreRange& range) {
    return out << range.str();
}
std::ostream& operator<<(std::ostream& out, const CoreRangeSet& cores) {
    return out << cores.str();
}

}  // namespace tt::tt_metal
