// Text for the host: print("sum ", sum, " at ", hex(address), '\n').
//
// Each byte is one store to a device register, so printing costs simulated time. Nothing of this is
// linked into a kernel that does not print.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

/// Wraps an integer or a pointer so that print() writes it as 0x...
struct Hex {
    std::uint64_t value;
};

template <typename T>
TILEWRIGHT_DEVICE Hex hex(T value) {
    if constexpr (std::is_pointer_v<T>) {
        return {reinterpret_cast<std::uint32_t>(value)};
    } else {
        static_assert(std::is_integral_v<T> || std::is_enum_v<T>, "hex() takes an integer");
        return {static_cast<std::uint64_t>(value) & (~0ull >> (64 - 8 * sizeof(T)))};
    }
}

namespace device {

TILEWRIGHT_DEVICE void put(char character) {
    write_register(abi::core_registers + abi::core_register::print,
                   static_cast<unsigned char>(character));
}

[[gnu::noinline]] inline void put_text(const char* text) {
    while (*text != '\0') put(*text++);
}

/// Digits of `value` from the last one backwards. 32 bits while they suffice: a 64-bit division is
/// a call into the compiler's run-time library.
[[gnu::noinline]] inline void put_unsigned(std::uint64_t value, std::uint32_t least_digits = 1) {
    char digits[20];
    std::uint32_t count = 0;
    while (value >> 32 != 0) {
        digits[count++] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    auto low = static_cast<std::uint32_t>(value);
    while (low != 0 || count < least_digits) {
        digits[count++] = static_cast<char>('0' + low % 10);
        low /= 10;
    }
    while (count != 0) put(digits[--count]);
}

[[gnu::noinline]] inline void put_hex(std::uint64_t value) {
    put_text("0x");
    int shift = 60;
    while (shift > 0 && value >> shift == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 0xF]);
}

/// Six decimals; a power of ten follows where the number is too large or too small for that.
[[gnu::noinline]] inline void put_real(double value) {
    if (value != value) return put_text("nan");
    if (__builtin_signbit(value)) put('-');
    value = __builtin_fabs(value);
    if (value == __builtin_inf()) return put_text("inf");
    int exponent = 0;
    if (value >= 1e9 || (value != 0 && value < 1e-4)) {
        for (; value >= 10; ++exponent) value /= 10;
        for (; value < 1; --exponent) value *= 10;
    }
    auto whole = static_cast<std::uint32_t>(value);
    auto millionths = static_cast<std::uint32_t>((value - whole) * 1e6 + 0.5);
    if (millionths == 1'000'000) {
        millionths = 0;
        ++whole;
    }
    put_unsigned(whole);
    put('.');
    put_unsigned(millionths, 6);
    if (exponent == 0) return;
    put_text(exponent < 0 ? "e-" : "e+");
    put_unsigned(static_cast<std::uint32_t>(exponent < 0 ? -exponent : exponent), 2);
}

template <typename T>
TILEWRIGHT_DEVICE void print_one(const T& value) {
    using Plain = std::decay_t<T>;
    if constexpr (std::is_same_v<Plain, bool>) {
        put_text(value ? "true" : "false");
    } else if constexpr (std::is_same_v<Plain, char>) {
        put(value);
    } else if constexpr (std::is_same_v<Plain, Hex>) {
        put_hex(value.value);
    } else if constexpr (std::is_floating_point_v<Plain>) {
        put_real(static_cast<double>(value));
    } else if constexpr (std::is_integral_v<Plain> && std::is_signed_v<Plain>) {
        if (value < 0) put('-');
        const auto bits = static_cast<std::uint64_t>(value);
        put_unsigned(value < 0 ? 0 - bits : bits);
    } else if constexpr (std::is_integral_v<Plain>) {
        put_unsigned(value);
    } else if constexpr (std::is_convertible_v<Plain, const char*>) {
        put_text(value);
    } else {
        static_assert(std::is_pointer_v<Plain>,
                      "print() takes integers, reals, bool, char, strings, pointers and hex(...)");
        put_hex(reinterpret_cast<std::uint32_t>(value));
    }
}

}  // namespace device

/// Writes its arguments one after another, with nothing between and no newline at the end.
template <typename... T>
TILEWRIGHT_DEVICE void print(const T&... values) {
    (device::print_one(values), ...);
}

}  // namespace tilewright::kernel
