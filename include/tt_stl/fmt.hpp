// Enumerations between the braces of fmt's calls, as "Type::NAME".
#pragma once

#include <fmt/format.h>

#include <string>
#include <tt_stl/enum_names.hpp>
#include <type_traits>

template <class Enum>
requires std::is_enum_v<Enum>
struct fmt::formatter<Enum> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(Enum value, Context& context) const {
        std::string text(tilewright::metalium::enumeration_name<Enum>());
        const std::string_view name = tilewright::metalium::enumerator_name(value);
        if (name.empty()) {
            text = std::to_string(static_cast<std::underlying_type_t<Enum>>(value));
        } else {
            text.append("::").append(name);
        }
        return fmt::formatter<std::string_view>::format(text, context);
    }
};
