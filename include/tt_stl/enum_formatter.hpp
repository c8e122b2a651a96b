// How enumerations appear between the braces of fmt's calls: as "Type::NAME".
#pragma once

#include <fmt/format.h>

#include <string>
#include <tt_stl/enum_names.hpp>
#include <type_traits>

namespace tilewright::metalium {

template <class Enum>
struct EnumFormatter : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(Enum value, Context& context) const {
        std::string text(enumeration_name<Enum>());
        const std::string_view name = enumerator_name(value);
        if (name.empty()) {
            text = std::to_string(static_cast<std::underlying_type_t<Enum>>(value));
        } else {
            text.append("::").append(name);
        }
        return fmt::formatter<std::string_view>::format(text, context);
    }
};

}  // namespace tilewright::metalium
