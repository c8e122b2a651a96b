// Values that stand one behind the other, as a parameter: a list in braces, an array, or anything
// with data() and size(), a std::span for one. They are not copied.
//
// It stands in for std::span, whose header alone takes a compiler ten times as long to read as the
// rest of this API: a second for each kernel.
#pragma once

#include <cstddef>
#include <initializer_list>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

template <typename T>
class Values {
public:
    constexpr Values() = default;
    constexpr Values(const T* data, std::size_t size) : data_(data), size_(size) {}
    constexpr Values(std::initializer_list<T> list) : Values(list.begin(), list.size()) {}
    template <std::size_t Size>
    constexpr Values(const T (&array)[Size]) : Values(array, Size) {}
    template <typename Others>
    requires requires(const Others& others) {
        static_cast<const T*>(others.data());
        others.size();
    }
    constexpr Values(const Others& others) : Values(others.data(), others.size()) {}

    constexpr std::size_t size() const { return size_; }
    constexpr const T& operator[](std::size_t index) const { return data_[index]; }
    constexpr const T* begin() const { return data_; }
    constexpr const T* end() const { return data_ + size_; }

private:
    const T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace tilewright::kernel
