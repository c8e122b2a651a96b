// Bytes as a set of ranges that do not touch each other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tilewright/graph/graph.hpp"

namespace tilewright::detail {

/// Adding is quick where accesses go on where one of the last few ended, as loops over arrays do;
/// what is added elsewhere is sorted in when that has come to as much as there was.
class RangeSet {
public:
    void add(AddressRange range) {
        constexpr std::size_t looked_at = 4;
        const std::size_t count = ranges_.size();
        for (std::size_t i = count; i-- > (count > looked_at ? count - looked_at : 0);) {
            AddressRange& known = ranges_[i];
            if (range.begin > known.end || range.end < known.begin) continue;
            known = {std::min(known.begin, range.begin), std::max(known.end, range.end)};
            return;
        }
        if (count >= limit_) merge();
        ranges_.push_back(range);
    }
    /// Ascending, apart from each other.
    const std::vector<AddressRange>& ranges() {
        merge();
        return ranges_;
    }

private:
    void merge() {
        std::sort(ranges_.begin(), ranges_.end(),
                  [](const AddressRange& a, const AddressRange& b) { return a.begin < b.begin; });
        std::size_t kept = 0;
        for (const AddressRange& range : ranges_) {
            if (kept != 0 && range.begin <= ranges_[kept - 1].end) {
                ranges_[kept - 1].end = std::max(ranges_[kept - 1].end, range.end);
            } else {
                ranges_[kept++] = range;
            }
        }
        ranges_.resize(kept);
        limit_ = std::max<std::size_t>(64, 2 * kept);
    }

    std::vector<AddressRange> ranges_;
    std::size_t limit_ = 64;
};

/// Calls f(bytes) for what lies in `range` and in none of `others` (ascending, apart).
template <class F>
void for_each_outside(AddressRange range, const std::vector<AddressRange>& others, F&& f) {
    auto other = std::upper_bound(
        others.begin(), others.end(), range.begin,
        [](std::uint64_t address, const AddressRange& r) { return address < r.end; });
    for (; range.begin < range.end; ++other) {
        const bool ends = other == others.end() || other->begin >= range.end;
        const std::uint64_t until = ends ? range.end : other->begin;
        if (range.begin < until) f(AddressRange{range.begin, until});
        if (ends) return;
        range.begin = std::max(range.begin, other->end);
    }
}

}  // namespace tilewright::detail
