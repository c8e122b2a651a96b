#include "graph/coordinates.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "tilewright/base/error.hpp"

namespace tilewright::detail {
namespace {

/// Either end of an access: 2 * its number, and 1 more for the end.
struct End {
    std::uint64_t address;
    std::uint32_t which;
};

/// By the lowest `bits` bits of the address, eleven at a time from below.
void sort_ends(std::vector<End>& ends, unsigned bits) {
    constexpr unsigned digit_bits = 11;
    constexpr std::uint64_t mask = (1u << digit_bits) - 1;
    std::vector<End> other(ends.size());
    for (unsigned shift = 0; shift < bits; shift += digit_bits) {
        std::array<std::uint32_t, mask + 1> next{};
        for (const End& end : ends) ++next[end.address >> shift & mask];
        std::uint32_t sum = 0;
        for (std::uint32_t& count : next) sum += std::exchange(count, sum);
        for (const End& end : ends) other[next[end.address >> shift & mask]++] = end;
        ends.swap(other);
    }
}

}  // namespace

Coordinates::Coordinates(std::span<const Access> accesses) {
    constexpr std::uint64_t always = 1u << 16;  // memory that is not touched costs nothing
    if (accesses.empty()) return;
    if (accesses.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
        throw ArgumentError("graph: more than 2^31 accesses");
    }
    base_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t last = 0;
    for (const Access& access : accesses) {
        base_ = std::min(base_, access.range.begin);
        last = std::max(last, access.range.end);
    }
    std::uint64_t differing = 0;
    for (const Access& access : accesses) {
        differing |= (access.range.begin - base_) | (access.range.end - base_);
    }
    shift_ = static_cast<unsigned>(std::countr_zero(differing));
    const std::uint64_t grid = (last - base_) >> shift_;
    if (grid <= 4 * accesses.size() + always) {
        size_ = static_cast<std::uint32_t>(grid);
    } else {
        sort(accesses, last);
    }
}

void Coordinates::sort(std::span<const Access> accesses, std::uint64_t last) {
    std::vector<End> ends;
    ends.reserve(2 * accesses.size());
    for (std::uint32_t i = 0; i < accesses.size(); ++i) {
        ends.push_back({(accesses[i].range.begin - base_) >> shift_, 2 * i});
        ends.push_back({(accesses[i].range.end - base_) >> shift_, 2 * i + 1});
    }
    sort_ends(ends, static_cast<unsigned>(std::bit_width((last - base_) >> shift_)));
    ranks_.resize(accesses.size());
    for (const End& end : ends) {
        const std::uint64_t address = base_ + (end.address << shift_);
        if (ends_.empty() || ends_.back() != address) ends_.push_back(address);
        const auto rank = static_cast<std::uint32_t>(ends_.size() - 1);
        auto& [begin_rank, end_rank] = ranks_[end.which / 2];
        (end.which % 2 == 0 ? begin_rank : end_rank) = rank;
    }
    size_ = static_cast<std::uint32_t>(ends_.size() - 1);
}

}  // namespace tilewright::detail
