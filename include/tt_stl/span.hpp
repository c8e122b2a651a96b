// tt::stl::Span: the standard's, under the name that programs use.
#pragma once

#include <iterator>
#include <span>

namespace tt::stl {
template <class T>
using Span = std::span<T>;

/// Of a vector or another range whose elements follow one another.
template <class Range>
constexpr auto make_const_span(const Range& range) {
    return std::span(std::data(range), std::size(range));
}
template <class Range>
constexpr auto make_span(Range& range) {
    return std::span(std::data(range), std::size(range));
}
}  // namespace tt::stl

namespace ttsl = tt::stl;
