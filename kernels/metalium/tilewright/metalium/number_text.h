// Numbers as text, the way C++ streams and fmt write them by default.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tilewright/kernel/print.hpp"

namespace tilewright::metalium {

/// How the next value is written.
struct NumberStyle {
    std::uint32_t base = 10;
    std::uint32_t width = 0;
    std::int32_t precision = -1;  ///< digits; -1: the default
    char fill = ' ';
    char align = 0;  ///< '<', '>' or '^'; 0: text to the left, numbers to the right
    bool fixed = false;
    bool capitals = false;
    bool base_shown = false;
};

/// A few characters, put together before they are padded.
struct Text {
    char characters[48];
    std::uint32_t count = 0;

    TILEWRIGHT_DEVICE void add(char c) {
        if (count < sizeof(characters)) characters[count++] = c;
    }
};

[[gnu::noinline]] inline void put_padded(const char* text, std::uint32_t count,
                                         const NumberStyle& style, char usual_align) {
    const std::uint32_t padding = style.width > count ? style.width - count : 0;
    const char align = style.align != 0 ? style.align : usual_align;
    const std::uint32_t before = align == '>' ? padding : align == '^' ? padding / 2 : 0;
    for (std::uint32_t i = 0; i < before; ++i) kernel::device::put(style.fill);
    for (std::uint32_t i = 0; i < count; ++i) kernel::device::put(text[i]);
    for (std::uint32_t i = before; i < padding; ++i) kernel::device::put(style.fill);
}

inline void add_digits(Text& out, std::uint64_t value, std::uint32_t base, bool capitals) {
    char digits[64];
    std::uint32_t count = 0;
    do {
        const auto digit = static_cast<std::uint32_t>(value % base);
        digits[count++] =
            static_cast<char>(digit < 10 ? '0' + digit : (capitals ? 'A' : 'a') + digit - 10);
        value /= base;
    } while (value != 0);
    while (count != 0) out.add(digits[--count]);
}

[[gnu::noinline]] inline void put_integer(std::uint64_t magnitude, bool negative,
                                          const NumberStyle& style) {
    Text out;
    if (negative) out.add('-');
    if (style.base_shown && style.base != 10) {
        out.add('0');
        if (style.base == 16) out.add(style.capitals ? 'X' : 'x');
        if (style.base == 2) out.add('b');
    }
    Text digits;
    add_digits(digits, magnitude, style.base, style.capitals);
    // Zeros that fill up stand between the sign and the digits.
    if (style.fill == '0' && style.align == 0) {
        while (out.count + digits.count < style.width && out.count < sizeof(out.characters) - 34) {
            out.add('0');
        }
    }
    for (std::uint32_t i = 0; i < digits.count; ++i) out.add(digits.characters[i]);
    put_padded(out.characters, out.count, style, '>');
}

/// `digits` significant ones without zeros at the end, in decimal places or with an exponent; or,
/// if `fixed`, so many decimal places.
[[gnu::noinline]] inline void put_real(double value, const NumberStyle& style) {
    Text out;
    if (__builtin_signbit(value)) out.add('-');
    value = __builtin_fabs(value);
    if (value != value || value == __builtin_inf()) {
        for (const char* text = value != value ? "nan" : "inf"; *text != 0; ++text) out.add(*text);
        return put_padded(out.characters, out.count, style, '>');
    }
    std::int32_t exponent = 0;  // value = mantissa * 10^exponent, 1 <= mantissa < 10
    double mantissa = value;
    if (value != 0) {
        for (; mantissa >= 10; ++exponent) mantissa /= 10;
        for (; mantissa < 1; --exponent) mantissa *= 10;
    }
    const std::int32_t wanted = style.precision < 0 ? 6 : style.precision;
    std::int32_t digits = style.fixed ? exponent + 1 + wanted : wanted == 0 ? 1 : wanted;
    if (digits > 17) digits = 17;
    if (digits < 0) digits = 0;
    double scale = 1;
    for (std::int32_t i = 1; i < digits; ++i) scale *= 10;
    auto rounded = digits == 0 ? static_cast<std::uint64_t>(mantissa >= 5)
                               : static_cast<std::uint64_t>(mantissa * scale + 0.5);
    if (digits == 0 && rounded != 0) {
        ++exponent;
        digits = 1;
    } else if (rounded >= static_cast<std::uint64_t>(scale * 10)) {
        ++exponent;
        if (style.fixed) {
            ++digits;
        } else {
            rounded /= 10;
        }
    }
    Text all;
    add_digits(all, rounded, 10, false);
    std::int32_t kept = static_cast<std::int32_t>(all.count);
    const bool scientific = !style.fixed && (exponent < -4 || exponent >= wanted);
    if (!style.fixed) {
        while (kept > 1 && all.characters[kept - 1] == '0') --kept;
    }
    const std::int32_t point = scientific ? 1 : exponent + 1;  // digits before the point
    const std::int32_t places = style.fixed ? wanted : kept > point ? kept - point : 0;
    if (point <= 0) out.add('0');
    for (std::int32_t i = 0; i < point; ++i) out.add(i < kept ? all.characters[i] : '0');
    if (places > 0) out.add('.');
    for (std::int32_t i = point; i < point + places; ++i) {
        out.add(i >= 0 && i < kept && digits > 0 ? all.characters[i] : '0');
    }
    if (scientific) {
        out.add('e');
        out.add(exponent < 0 ? '-' : '+');
        const auto size = static_cast<std::uint32_t>(exponent < 0 ? -exponent : exponent);
        if (size < 10) out.add('0');
        add_digits(out, size, 10, false);
    }
    put_padded(out.characters, out.count, style, '>');
}

[[gnu::noinline]] inline void put_string(const char* text, const NumberStyle& style) {
    std::uint32_t count = 0;
    while (text[count] != 0) ++count;
    put_padded(text, count, style, '<');
}

TILEWRIGHT_DEVICE float float_of_bits(std::uint32_t bits) {
    return __builtin_bit_cast(float, bits);
}

/// A value of any type that kernels print.
template <typename T>
TILEWRIGHT_DEVICE void put_value(const T& value, const NumberStyle& style) {
    using Plain = std::decay_t<T>;
    if constexpr (std::is_same_v<Plain, char>) {
        put_padded(&value, 1, style, '<');
    } else if constexpr (requires { value.real(); }) {
        put_real(static_cast<double>(value.real()), style);
    } else if constexpr (std::is_floating_point_v<Plain>) {
        put_real(static_cast<double>(value), style);
    } else if constexpr (std::is_enum_v<Plain>) {
        put_value(static_cast<std::underlying_type_t<Plain>>(value), style);
    } else if constexpr (std::is_integral_v<Plain> && std::is_signed_v<Plain>) {
        const auto bits = static_cast<std::uint64_t>(value);
        put_integer(value < 0 ? 0 - bits : bits, value < 0, style);
    } else if constexpr (std::is_integral_v<Plain>) {
        put_integer(value, false, style);
    } else if constexpr (std::is_convertible_v<Plain, const char*>) {
        put_string(value, style);
    } else {
        static_assert(std::is_pointer_v<Plain>,
                      "kernels print numbers, characters, strings and pointers");
        NumberStyle address = style;
        address.base = 16;
        address.base_shown = true;
        put_integer(reinterpret_cast<std::uint32_t>(value), false, address);
    }
}

}  // namespace tilewright::metalium

/// A bfloat16 by its bits, for both ways to print.
struct BF16 {
    std::uint16_t val;
    constexpr BF16(std::uint16_t bits) : val(bits) {}
    TILEWRIGHT_DEVICE float real() const {
        return tilewright::metalium::float_of_bits(std::uint32_t{val} << 16);
    }
};
using bf16_t = BF16;
