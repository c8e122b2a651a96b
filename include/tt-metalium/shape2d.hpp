// Height and width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tt::tt_metal {

class Shape2D {
public:
    constexpr Shape2D(std::size_t height, std::size_t width) : height_(height), width_(width) {}
    constexpr Shape2D(const std::pair<std::size_t, std::size_t>& s) : Shape2D(s.first, s.second) {}
    constexpr Shape2D(const std::array<std::size_t, 2>& s) : Shape2D(s[0], s[1]) {}
    constexpr std::size_t height() const { return height_; }
    constexpr std::size_t width() const { return width_; }
    constexpr Shape2D operator*(std::size_t factor) const {
        return {height_ * factor, width_ * factor};
    }
    constexpr bool operator==(const Shape2D&) const = default;

private:
    std::size_t height_;
    std::size_t width_;
};

}  // namespace tt::tt_metal
