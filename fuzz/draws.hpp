// A fuzzer's input taken apart: numbers, choices and text from the front of it, and zeros when it
// has ended. Any compiler builds it, so that the corpora run in the tests as well.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

class Draws {
public:
    Draws(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

    std::size_t left() const { return rest_.size(); }
    std::span<const std::uint8_t> rest() const { return rest_; }

    /// Any number of the type.
    template <std::integral T>
    T number() {
        return static_cast<T>(bytes(sizeof(T)));
    }
    /// From `low` to `high`, both included; takes no more bytes than the range needs.
    template <std::integral T>
    T between(T low, T high) {
        const std::uint64_t range =
            static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        const auto width = static_cast<std::size_t>((std::bit_width(range) + 7) / 8);
        const std::uint64_t value = bytes(width);
        if (range == ~std::uint64_t{0}) return static_cast<T>(value);
        return static_cast<T>(static_cast<std::uint64_t>(low) + value % (range + 1));
    }
    bool flag() { return (bytes(1) & 1) != 0; }
    /// Any number of 64 bits, infinities and NaN among them.
    double real() { return std::bit_cast<double>(bytes(8)); }
    /// A byte with its length, then at most so many.
    std::string text(std::uint8_t most) {
        std::string result(between<std::uint8_t>(0, most), '\0');
        for (char& c : result) c = static_cast<char>(bytes(1));
        return result;
    }

private:
    std::uint64_t bytes(std::size_t count) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count && !rest_.empty(); ++i, rest_ = rest_.subspan(1)) {
            value |= std::uint64_t{rest_.front()} << (8 * i);
        }
        return value;
    }

    std::span<const std::uint8_t> rest_;
};
