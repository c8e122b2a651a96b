// A list of things of which each is there once.
#pragma once

#include <vector>

namespace tt::tt_metal::experimental {
template <class T>
using Group = std::vector<T>;
}  // namespace tt::tt_metal::experimental
