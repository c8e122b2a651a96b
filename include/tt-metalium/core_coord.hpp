// Coordinates of worker tiles, rectangles of them, and sets of rectangles.
//
// Logical coordinates count the tiles of the worker grid from (0, 0). A range includes both ends.
#pragma once

#include <fmt/base.h>
#include <fmt/format.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <tt_stl/span.hpp>
#include <vector>

namespace tt::tt_metal {

struct CoreCoord {
    std::size_t x = 0;
    std::size_t y = 0;

    constexpr CoreCoord() = default;
    constexpr CoreCoord(std::size_t column, std::size_t row) : x(column), y(row) {}
    /// Column first, then row.
    constexpr auto operator<=>(const CoreCoord&) const = default;
    std::string str() const;
};

struct CoreRange {
    CoreCoord start_coord;
    CoreCoord end_coord;

    CoreRange(const CoreCoord& core) : start_coord(core), end_coord(core) {}
    /// Throws std::runtime_error unless start is left of and above end.
    CoreRange(const CoreCoord& start, const CoreCoord& end);

    auto operator<=>(const CoreRange&) const = default;

    bool contains(const CoreCoord& core) const;
    bool contains(const CoreRange& other) const;
    bool intersects(const CoreRange& other) const;
    std::optional<CoreRange> intersection(const CoreRange& other) const;
    std::size_t size() const;     ///< cores in it
    CoreCoord grid_size() const;  ///< columns, rows
    std::string str() const;

    /// Row by row.
    class CoreIterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = CoreCoord;
        using difference_type = std::ptrdiff_t;
        using pointer = const CoreCoord*;
        using reference = const CoreCoord&;

        CoreIterator() = default;
        CoreIterator(const CoreCoord& current, const CoreRange& range)
            : current_(current), range_(&range) {}
        const CoreCoord& operator*() const { return current_; }
        CoreIterator& operator++();
        CoreIterator operator++(int) {
            const CoreIterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const CoreIterator& other) const { return current_ == other.current_; }

    private:
        CoreCoord current_;
        const CoreRange* range_ = nullptr;
    };
    CoreIterator begin() const { return {start_coord, *this}; }
    CoreIterator end() const { return {{start_coord.x, end_coord.y + 1}, *this}; }
};

class CoreRangeSet {
public:
    CoreRangeSet() = default;
    CoreRangeSet(const CoreCoord& core) : ranges_{CoreRange(core)} {}
    CoreRangeSet(const CoreRange& range) : ranges_{range} {}
    /// Throws std::runtime_error if ranges overlap.
    CoreRangeSet(std::initializer_list<CoreRange> ranges)
        : CoreRangeSet(std::vector<CoreRange>(ranges)) {}
    CoreRangeSet(std::vector<CoreRange> ranges);
    CoreRangeSet(const std::set<CoreRange>& ranges);
    CoreRangeSet(tt::stl::Span<const CoreRange> ranges);
    CoreRangeSet(tt::stl::Span<const CoreCoord> cores);

    bool operator==(const CoreRangeSet&) const = default;

    const std::vector<CoreRange>& ranges() const { return ranges_; }
    bool empty() const { return ranges_.empty(); }
    std::size_t size() const { return ranges_.size(); }  ///< ranges in it
    std::uint32_t num_cores() const;
    bool contains(const CoreCoord& core) const;
    bool contains(const CoreRange& range) const;
    bool contains(const CoreRangeSet& other) const;
    bool intersects(const CoreRangeSet& other) const;
    CoreRangeSet intersection(const CoreRangeSet& other) const;
    CoreRangeSet merge(const CoreRangeSet& other) const;
    CoreRange bounding_box() const;
    std::string str() const;

private:
    std::vector<CoreRange> ranges_;
};

/// The cores of a grid in order, the first `num_cores` of them; column by column unless `row_wise`.
std::vector<CoreCoord> grid_to_cores(std::uint32_t num_cores, std::uint32_t grid_size_x,
                                     std::uint32_t grid_size_y, bool row_wise = false);
std::vector<CoreCoord> grid_to_cores(CoreCoord start, CoreCoord end, bool row_wise = false);
/// The cores of a set, range after range.
std::vector<CoreCoord> corerange_to_cores(const CoreRangeSet& cores,
                                          std::optional<std::uint32_t> max_cores = std::nullopt,
                                          bool row_wise = false);

std::ostream& operator<<(std::ostream& out, const CoreCoord& core);
std::ostream& operator<<(std::ostream& out, const CoreRange& range);
std::ostream& operator<<(std::ostream& out, const CoreRangeSet& cores);

}  // namespace tt::tt_metal

// Programs use these without a namespace, too.
using CoreCoord = tt::tt_metal::CoreCoord;
using CoreRange = tt::tt_metal::CoreRange;
using CoreRangeSet = tt::tt_metal::CoreRangeSet;
using tt::tt_metal::corerange_to_cores;
using tt::tt_metal::grid_to_cores;

template <class T>
struct tilewright_str_formatter : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const T& value, Context& context) const {
        return fmt::formatter<std::string_view>::format(value.str(), context);
    }
};
template <>
struct fmt::formatter<tt::tt_metal::CoreCoord> : tilewright_str_formatter<tt::tt_metal::CoreCoord> {
};
template <>
struct fmt::formatter<tt::tt_metal::CoreRange> : tilewright_str_formatter<tt::tt_metal::CoreRange> {
};
template <>
struct fmt::formatter<tt::tt_metal::CoreRangeSet>
    : tilewright_str_formatter<tt::tt_metal::CoreRangeSet> {};

template <>
struct std::hash<tt::tt_metal::CoreCoord> {
    std::size_t operator()(const tt::tt_metal::CoreCoord& core) const {
        return core.x * 0x9E3779B97F4A7C15u ^ core.y;
    }
};
