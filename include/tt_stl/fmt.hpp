// Enumerations between the braces of fmt's calls, as "Type::NAME".
#pragma once

#include <tt_stl/enum_formatter.hpp>

template <class Enum>
requires std::is_enum_v<Enum>
struct fmt::formatter<Enum> : tilewright::metalium::EnumFormatter<Enum> {
};
