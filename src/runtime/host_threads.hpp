// How many threads of the host a device gets whose owner does not say.
#pragma once

#include <cstdint>

namespace tilewright::detail {

/// TILEWRIGHT_THREADS, or 1 if that is not set. ConfigError if it is no number.
std::uint32_t default_threads();

}  // namespace tilewright::detail
