// The enumeration library that the vendor's build of 2024 brings along: the real one where it is
// installed, else what programs use of it, for enumerators from 0 to 127.
#pragma once
#pragma GCC system_header  // for include_next

#if __has_include_next(<magic_enum/magic_enum.hpp>)
#include_next <magic_enum/magic_enum.hpp>
#else

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <tt_stl/enum_names.hpp>

namespace magic_enum {

template <class Enum>
constexpr std::size_t enum_count() {
    return tilewright::metalium::named_values -
           static_cast<std::size_t>(std::ranges::count(tilewright::metalium::enumerator_names<Enum>,
                                                       std::string_view()));
}
template <class Enum>
constexpr auto enum_values() {
    std::array<Enum, enum_count<Enum>()> values{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < tilewright::metalium::named_values; ++i) {
        if (tilewright::metalium::enumerator_names<Enum>[i].empty()) continue;
        values[count++] = static_cast<Enum>(i);
    }
    return values;
}
template <class Enum>
constexpr std::string_view enum_name(Enum value) {
    return tilewright::metalium::enumerator_name(value);
}

}  // namespace magic_enum
#endif
