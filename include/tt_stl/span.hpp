// tt::stl::Span: the standard's, under the name that programs use.
#pragma once

#include <span>

namespace tt::stl {
template <class T>
using Span = std::span<T>;
}  // namespace tt::stl

namespace ttsl = tt::stl;
