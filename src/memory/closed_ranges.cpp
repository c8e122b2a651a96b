#include "tilewright/memory/closed_ranges.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace tilewright {

// The first range that ends behind the offset.
ClosedRanges::Ranges::const_iterator ClosedRanges::first_after(std::uint64_t offset) const {
    auto next = ranges_.upper_bound(offset);
    if (next != ranges_.begin()) {
        const auto before = std::prev(next);
        if (before->first + before->second.bytes > offset) return before;
    }
    return next;
}

void ClosedRanges::close(std::uint64_t offset, const Closed& range) {
    if (range.bytes == 0) return;
    open(offset, range.bytes);
    ranges_[offset] = range;
}

void ClosedRanges::open(std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t end = offset + bytes;
    for (auto next = first_after(offset); next != ranges_.end() && next->first < end;) {
        const std::uint64_t begin = next->first;
        const Closed range = next->second;
        next = ranges_.erase(next);
        if (begin < offset) {
            Closed& front = ranges_[begin] = range;
            front.bytes = offset - begin;
        }
        if (begin + range.bytes > end) {
            Closed& back = ranges_[end] = range;
            back.begin.offset += end - begin;
            back.bytes = begin + range.bytes - end;
            return;
        }
    }
}

void ClosedRanges::open_freed(std::uint64_t offset, std::uint64_t bytes,
                              const std::function<bool(const Closed&)>& keep) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> opened;  // begin and end
    const std::uint64_t end = offset + bytes;
    for (auto next = first_after(offset); next != ranges_.end() && next->first < end; ++next) {
        const auto& [begin, range] = *next;
        if (range.why != Closed::Why::freed || keep(range)) continue;
        opened.emplace_back(std::max(begin, offset), std::min(begin + range.bytes, end));
    }
    for (const auto& [from, to] : opened) open(from, to - from);
}

const Closed* ClosedRanges::find(std::uint64_t offset, std::uint64_t bytes, bool writes) const {
    if (bytes == 0) return nullptr;
    for (auto next = first_after(offset); next != ranges_.end() && next->first < offset + bytes;
         ++next) {
        if (writes || next->second.why == Closed::Why::freed) return &next->second;
    }
    return nullptr;
}

}  // namespace tilewright
