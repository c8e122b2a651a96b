// Integer division and rounding.
#pragma once

#include <type_traits>

namespace tt {

template <class A, class B>
constexpr std::common_type_t<A, B> div_up(A a, B b) {
    using T = std::common_type_t<A, B>;
    return (static_cast<T>(a) + static_cast<T>(b) - 1) / static_cast<T>(b);
}
template <class A, class B>
constexpr std::common_type_t<A, B> round_up(A a, B b) {
    return div_up(a, b) * static_cast<std::common_type_t<A, B>>(b);
}
template <class A, class B>
constexpr std::common_type_t<A, B> round_down(A a, B b) {
    using T = std::common_type_t<A, B>;
    return static_cast<T>(a) / static_cast<T>(b) * static_cast<T>(b);
}

}  // namespace tt
