// Names of enumerators, from what the compiler calls a function with them as its argument.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tilewright::metalium {

/// Values that are looked at: 0 up to here, exclusive.
inline constexpr std::size_t named_values = 128;

template <auto value>
constexpr std::string_view value_in_signature() {
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view start = "value = ";
    const std::size_t first = text.find(start) + start.size();
    return text.substr(first, text.find_first_of(";]", first) - first);
}

// What an enumeration without a fixed type cannot hold is an error of these in its own right, and
// no reason to take the other branch.
#if defined(__clang__) && __clang_major__ >= 16 && __clang_major__ < 20
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wenum-constexpr-conversion"
#endif
/// Without its scope; empty for a value that is no enumerator.
template <class Enum, std::size_t value>
constexpr std::string_view name_of_value() {
    // An enumeration without a fixed type cannot hold every value.
    if constexpr (requires { std::integral_constant<Enum, static_cast<Enum>(value)>{}; }) {
        const std::string_view text = value_in_signature<static_cast<Enum>(value)>();
        // "5" or "(Type)5", where the value has no name; "(anonymous namespace)::NAME" has one.
        const std::size_t cast = text.rfind(')');
        const char first = text[cast == std::string_view::npos ? 0 : cast + 1];
        if (first == '-' || (first >= '0' && first <= '9')) return {};
        const std::size_t scope = text.rfind("::");
        return scope == std::string_view::npos ? text : text.substr(scope + 2);
    } else {
        return {};
    }
}

#if defined(__clang__) && __clang_major__ >= 16 && __clang_major__ < 20
#pragma clang diagnostic pop
#endif

template <class Enum>
inline constexpr std::array<std::string_view, named_values> enumerator_names = [
]<std::size_t... values>(std::index_sequence<values...>) {
    return std::array{name_of_value<Enum, values>()...};
}
(std::make_index_sequence<named_values>());

/// Empty for a value without a name, or none of 0 to 127.
template <class Enum>
constexpr std::string_view enumerator_name(Enum value) {
    const auto number = static_cast<std::underlying_type_t<Enum>>(value);
    if (std::cmp_less(number, 0) || std::cmp_greater_equal(number, named_values)) return {};
    return enumerator_names<Enum>[static_cast<std::size_t>(number)];
}

/// The enumeration's own name, without its scope.
template <class Enum>
constexpr std::string_view enumeration_name() {
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view start = "Enum = ";
    const std::size_t first = text.find(start) + start.size();
    const std::string_view name = text.substr(first, text.find_first_of(";]", first) - first);
    const std::size_t scope = name.rfind("::");
    return scope == std::string_view::npos ? name : name.substr(scope + 2);
}

}  // namespace tilewright::metalium
