// DEVICE_PRINT("x is {}\n", x): text for the host with a format string.
//
// Replacement fields are {}, {index} and {index:spec} with spec = [[fill]align][#][0][width]
// [.precision][type], align one of < > ^, type one of d x X o b c s f F e g. The string is checked
// when the kernel is compiled: its fields must fit the arguments.
#pragma once

#include <cstdint>
#include <string_view>

#include "tilewright/metalium/enumerator_names.h"

namespace tilewright::metalium {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// One replacement field, from the character behind its brace.
struct Field {
    std::int32_t index = -1;  ///< -1: the next argument
    NumberStyle style{};
    std::uint32_t end = 0;  ///< behind the closing brace; 0 if the field is not well formed
};

constexpr Field parse_field(std::string_view text, std::uint32_t at) {
    Field field;
    const auto here = [&] { return at < text.size() ? text[at] : '\0'; };
    const auto number = [&] {
        std::int32_t value = 0;
        for (; is_digit(here()); ++at) value = value * 10 + (here() - '0');
        return value;
    };
    if (is_digit(here())) field.index = number();
    if (here() == ':') {
        ++at;
        const auto aligns = [](char c) { return c == '<' || c == '>' || c == '^'; };
        if (at + 1 < text.size() && aligns(text[at + 1])) {
            field.style.fill = here();
            field.style.align = text[at + 1];
            at += 2;
        } else if (aligns(here())) {
            field.style.align = text[at++];
        }
        if (here() == '#') {
            field.style.base_shown = true;
            ++at;
        }
        if (here() == '0') {
            field.style.fill = '0';
            ++at;
        }
        field.style.width = static_cast<std::uint32_t>(number());
        if (here() == '.') {
            ++at;
            field.style.precision = number();
        }
        switch (here()) {
            case 'x':
                field.style.base = 16;
                ++at;
                break;
            case 'X':
                field.style.base = 16;
                field.style.capitals = true;
                ++at;
                break;
            case 'o':
                field.style.base = 8;
                ++at;
                break;
            case 'b':
                field.style.base = 2;
                ++at;
                break;
            case 'f':
            case 'F':
                field.style.fixed = true;
                ++at;
                break;
            case 'd':
            case 'c':
            case 's':
            case 'g':
                ++at;
                break;
            default:
                break;
        }
    }
    if (here() == '}') field.end = at + 1;
    return field;
}

/// Whether every field is well formed and means an argument, and every argument is used.
consteval bool fits(std::string_view text, std::uint32_t arguments) {
    std::uint64_t used = 0;
    std::uint32_t next = 0;
    for (std::uint32_t at = 0; at < text.size(); ++at) {
        const bool doubled = at + 1 < text.size() && text[at + 1] == text[at];
        if ((text[at] == '{' || text[at] == '}') && doubled) {
            ++at;
        } else if (text[at] == '}') {
            return false;
        } else if (text[at] == '{') {
            const Field field = parse_field(text, at + 1);
            const std::uint32_t index =
                field.index < 0 ? next++ : static_cast<std::uint32_t>(field.index);
            if (field.end == 0 || index >= arguments) return false;
            used |= std::uint64_t{1} << index;
            at = field.end - 1;
        }
    }
    return used == (arguments == 0 ? 0 : ~std::uint64_t{0} >> (64 - arguments));
}

/// A value, or something that prints itself, such as a TileSlice.
template <typename T>
TILEWRIGHT_DEVICE void put_any(const T& value, const NumberStyle& style) {
    if constexpr (requires { value.print(); }) {
        value.print();
    } else if constexpr (std::is_enum_v<T>) {
        put_enumeration(value, style.base_shown);
    } else {
        put_value(value, style);
    }
}

template <typename... T>
[[gnu::noinline]] void print_formatted(const char* text, std::uint32_t size, const T&... values) {
    const std::string_view all(text, size);
    std::uint32_t next = 0;
    for (std::uint32_t at = 0; at < size; ++at) {
        if (text[at] != '{' && text[at] != '}') {
            kernel::device::put(text[at]);
        } else if (at + 1 < size && text[at + 1] == text[at]) {
            kernel::device::put(text[at++]);
        } else {
            const Field field = parse_field(all, at + 1);
            const std::uint32_t index =
                field.index < 0 ? next++ : static_cast<std::uint32_t>(field.index);
            std::uint32_t i = 0;
            ((i++ == index ? put_any(values, field.style) : void()), ...);
            at = field.end - 1;
        }
    }
}

/// By value, so that members of packed and volatile objects can be printed.
template <typename... T>
TILEWRIGHT_DEVICE void print_values(const char* text, std::uint32_t size, T... values) {
    print_formatted(text, size, values...);
}

template <typename... T>
std::integral_constant<std::uint32_t, sizeof...(T)> count_type(T...);

}  // namespace tilewright::metalium

namespace tilewright::metalium {

/// A format string whose fields fit `arguments` values; another does not compile.
template <std::uint32_t arguments>
struct Format {
    const char* text;
    std::uint32_t size;

    template <std::size_t n>
    consteval Format(const char (&literal)[n]) : text(literal), size(n - 1) {
        if (!fits(std::string_view(literal, n - 1), arguments)) fields_do_not_fit_the_arguments();
    }

private:
    void fields_do_not_fit_the_arguments() const;  // not constexpr: the compiler names it
};

}  // namespace tilewright::metalium

#define DEVICE_PRINT(format, ...)                                                            \
    do {                                                                                     \
        static_assert(                                                                       \
            ::tilewright::metalium::fits(                                                    \
                format, decltype(::tilewright::metalium::count_type(__VA_ARGS__))::value),   \
            "DEVICE_PRINT: the fields of the format do not fit the arguments");              \
        ::tilewright::metalium::print_values(format,                                         \
                                             sizeof(format) - 1 __VA_OPT__(, ) __VA_ARGS__); \
    } while (false)

// For one of a tile's cores.
#ifdef COMPILE_FOR_BRISC
#define DEVICE_PRINT_DATA0(...) DEVICE_PRINT(__VA_ARGS__)
#else
#define DEVICE_PRINT_DATA0(...)
#endif
#ifdef COMPILE_FOR_NCRISC
#define DEVICE_PRINT_DATA1(...) DEVICE_PRINT(__VA_ARGS__)
#else
#define DEVICE_PRINT_DATA1(...)
#endif
#ifdef UCK_CHLKC_UNPACK
#define DEVICE_PRINT_UNPACK(...) DEVICE_PRINT(__VA_ARGS__)
#else
#define DEVICE_PRINT_UNPACK(...)
#endif
#ifdef UCK_CHLKC_MATH
#define DEVICE_PRINT_MATH(...) DEVICE_PRINT(__VA_ARGS__)
#else
#define DEVICE_PRINT_MATH(...)
#endif
#ifdef UCK_CHLKC_PACK
#define DEVICE_PRINT_PACK(...) DEVICE_PRINT(__VA_ARGS__)
#else
#define DEVICE_PRINT_PACK(...)
#endif
