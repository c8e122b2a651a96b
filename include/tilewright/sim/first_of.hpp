// Which of a fixed number of values is the least: found at once, kept in as many comparisons as the
// number has bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tilewright {

/// A tree of winners. Of equal values the one with the lowest number is the least; all begin as
/// T{}.
template <class T>
class FirstOf {
public:
    /// `count` must not be 0.
    explicit FirstOf(std::size_t count = 1)
        : leaves_(std::bit_ceil(count)), values_(leaves_), winners_(2 * leaves_) {
        for (std::size_t i = 0; i < leaves_; ++i) {
            winners_[leaves_ + i] = static_cast<std::uint32_t>(i);
        }
        for (std::size_t node = leaves_; --node != 0;) play(node);
    }
    void set(std::uint32_t number, const T& value) {
        values_[number] = value;
        for (std::size_t node = (leaves_ + number) / 2; node != 0; node /= 2) play(node);
    }
    std::uint32_t first() const { return winners_[1]; }
    const T& least() const { return values_[first()]; }

private:
    void play(std::size_t node) {
        const std::uint32_t left = winners_[2 * node];
        const std::uint32_t right = winners_[2 * node + 1];
        winners_[node] = values_[right] < values_[left] ? right : left;
    }

    std::size_t leaves_;
    std::vector<T> values_;
    std::vector<std::uint32_t> winners_;  // [1]: of all; node n plays those of 2n and 2n + 1
};

}  // namespace tilewright
