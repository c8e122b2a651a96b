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

void WriteRights::take_back(const OfCore& rights) {
    for (const std::uint64_t buffer : rights.given) given_.erase(given_.find(buffer));
}

void WriteRights::begin(std::uint32_t core, OfCore rights) {
    given_.insert(rights.given.begin(), rights.given.end());
    const auto [found, added] = cores_.try_emplace(core);
    if (!added) take_back(found->second);
    found->second = std::move(rights);
}

void WriteRights::end(std::uint64_t launch) {
    std::erase_if(cores_, [&](const auto& core) {
        const bool ended = core.second.launch == launch;
        if (ended) take_back(core.second);
        return ended;
    });
}

void WriteRights::clear() {
    cores_.clear();
    given_.clear();
}

bool WriteRights::may_write(std::uint32_t core, std::uint64_t buffer) const {
    const auto found = cores_.find(core);
    return found == cores_.end() || !found->second.confined || buffer > found->second.last ||
           given_.contains(buffer);
}

}  // namespace tilewright
