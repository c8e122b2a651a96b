// A value with a type of its own, so that names of different things cannot be mixed up.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <functional>
#include <type_traits>
#include <utility>

namespace tt::stl {

template <class T, class Tag>
class StrongType {
public:
    StrongType() = default;
    template <class... From>
    requires(sizeof...(From) > 0 &&
             std::is_constructible_v<T, From...>) explicit constexpr StrongType(From&&... from)
        : value_(std::forward<From>(from)...) {}

    constexpr const T& get() const { return value_; }
    constexpr const T& operator*() const { return value_; }
    constexpr const T* operator->() const { return &value_; }
    auto operator<=>(const StrongType&) const = default;

private:
    T value_{};
};

}  // namespace tt::stl

namespace ttsl = tt::stl;

template <class T, class Tag>
struct std::hash<tt::stl::StrongType<T, Tag>> {
    std::size_t operator()(const tt::stl::StrongType<T, Tag>& value) const {
        return std::hash<T>()(value.get());
    }
};
template <class T, class Tag>
struct fmt::formatter<tt::stl::StrongType<T, Tag>> : fmt::formatter<T> {
    template <class Context>
    auto format(const tt::stl::StrongType<T, Tag>& value, Context& context) const {
        return fmt::formatter<T>::format(value.get(), context);
    }
};
