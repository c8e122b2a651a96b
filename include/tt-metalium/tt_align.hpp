// Rounding up to a power of two.
#pragma once

#include <concepts>
#include <type_traits>

namespace tt {

/// `value` rounded up to a multiple of `alignment`, a power of two.
template <std::integral A, std::integral B>
constexpr std::common_type_t<A, B> align(A value, B alignment) {
    using T = std::common_type_t<A, B>;
    return (static_cast<T>(value) + static_cast<T>(alignment) - 1) / static_cast<T>(alignment) *
           static_cast<T>(alignment);
}

}  // namespace tt
