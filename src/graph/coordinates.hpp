// The bytes that accesses begin and end at, numbered in ascending order without gaps that matter:
// what lies between two neighbours is touched as a whole by every access or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tilewright/graph/graph.hpp"

namespace tilewright::detail {

/// Where the ends lie on a grid that is not much finer than there are accesses, a position is a
/// shift away from the address; otherwise the ends are sorted. Linear time and space either way.
class Coordinates {
public:
    /// ArgumentError beyond 2^31 accesses, which keeps positions within 32 bits.
    explicit Coordinates(std::span<const Access> accesses);

    /// Positions of the first byte of an access, and of the one after its last.
    std::pair<std::uint32_t, std::uint32_t> of(std::span<const Access> accesses,
                                               std::uint32_t number) const {
        if (!ranks_.empty()) return ranks_[number];
        const AddressRange& range = accesses[number].range;
        return {static_cast<std::uint32_t>((range.begin - base_) >> shift_),
                static_cast<std::uint32_t>((range.end - base_) >> shift_)};
    }
    std::uint64_t address(std::uint32_t position) const {
        return ranks_.empty() ? base_ + (std::uint64_t{position} << shift_) : ends_[position];
    }
    /// Positions are below this, or for ends equal to it.
    std::uint32_t size() const { return size_; }

private:
    void sort(std::span<const Access> accesses, std::uint64_t last);

    std::uint64_t base_ = 0;
    unsigned shift_ = 0;
    std::uint32_t size_ = 0;
    std::vector<std::uint64_t> ends_;  // by position; only if they are sorted
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranks_;  // by access; likewise
};

/// A set of positions that finds the largest element up to a given one in a few steps: bits, and
/// above each 64 of them a bit that tells whether there are any.
class PositionSet {
public:
    explicit PositionSet(std::uint32_t size) {
        std::size_t words = size;
        do {
            words = (words + 63) / 64;
            levels_.emplace_back(words);
        } while (words > 1);
    }

    void insert(std::uint32_t position) {
        for (std::vector<std::uint64_t>& level : levels_) {
            std::uint64_t& word = level[position / 64];
            const bool empty = word == 0;
            word |= std::uint64_t{1} << position % 64;
            if (!empty) return;
            position /= 64;
        }
    }
    void erase(std::uint32_t position) {
        for (std::vector<std::uint64_t>& level : levels_) {
            std::uint64_t& word = level[position / 64];
            word &= ~(std::uint64_t{1} << position % 64);
            if (word != 0) return;
            position /= 64;
        }
    }
    /// The largest element that is not above `position`; there must be one.
    std::uint32_t at_or_before(std::uint32_t position) const {
        std::size_t level = 0;
        std::uint64_t below = levels_[0][position / 64] & up_to(position % 64);
        while (below == 0) {
            ++level;
            position /= 64;
            below = levels_[level][position / 64] & (up_to(position % 64) >> 1);
        }
        position = position / 64 * 64 + highest(below);
        while (level-- != 0) position = position * 64 + highest(levels_[level][position]);
        return position;
    }

private:
    static std::uint64_t up_to(std::uint32_t bit) { return ~std::uint64_t{0} >> (63 - bit); }
    static std::uint32_t highest(std::uint64_t word) {
        return static_cast<std::uint32_t>(63 - __builtin_clzll(word));
    }

    std::vector<std::vector<std::uint64_t>> levels_;  // from the elements themselves upwards
};

}  // namespace tilewright::detail
