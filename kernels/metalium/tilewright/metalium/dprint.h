// DPRINT << a << b << ENDL(): text for the host as a stream; DPRINT("{} {}\n", a, b): with a format
// string, as DEVICE_PRINT has it. It never waits for the host, so it cannot hang; what a core
// prints beyond 1 MiB is cut.
#pragma once

#include <cstdint>

#include "tilewright/metalium/device_print.h"

namespace tilewright::metalium {

/// A value that changes how what follows is written.
struct StyleChange {
    std::uint32_t base = 0;
    std::uint32_t width = 0;
    std::int32_t precision = -1;
    bool fixed_point = false;
    bool default_point = false;
    bool width_stays = false;
};

}  // namespace tilewright::metalium

struct ENDL {};
constexpr tilewright::metalium::StyleChange HEX() {
    return {.base = 16};
}
constexpr tilewright::metalium::StyleChange DEC() {
    return {.base = 10};
}
constexpr tilewright::metalium::StyleChange OCT() {
    return {.base = 8};
}
constexpr tilewright::metalium::StyleChange BIN() {
    return {.base = 2};
}
constexpr tilewright::metalium::StyleChange FIXED() {
    return {.fixed_point = true};
}
constexpr tilewright::metalium::StyleChange DEFAULTFLOAT() {
    return {.default_point = true};
}
constexpr tilewright::metalium::StyleChange SETPRECISION(std::int32_t digits) {
    return {.precision = digits};
}
/// Width of the next value, or of all that follow.
constexpr tilewright::metalium::StyleChange SETW(std::uint32_t width, bool stays = false) {
    return {.width = width, .width_stays = stays};
}
__attribute__((unavailable("WAIT is not supported: what each core prints is kept apart")))
std::uint32_t WAIT(std::uint32_t);
__attribute__((
    unavailable("RAISE is not supported: what each core prints is kept "
                "apart"))) std::uint32_t RAISE(std::uint32_t);
/// Values by type.
constexpr std::uint32_t U32(std::uint32_t value) {
    return value;
}
constexpr std::int32_t I32(std::int32_t value) {
    return value;
}
constexpr float F32(float value) {
    return value;
}

/// Words, each in hexadecimal with a space behind it.
struct U32_ARRAY {
    const volatile std::uint32_t* ptr;
    std::uint32_t len;

    TILEWRIGHT_DEVICE U32_ARRAY(const volatile std::uint32_t* words, std::uint32_t count)
        : ptr(words), len(count) {}
    [[gnu::noinline]] void print() const {
        for (std::uint32_t i = 0; i < len; ++i) {
            tilewright::metalium::put_value(ptr[i], {.base = 16, .base_shown = true});
            tilewright::kernel::device::put(' ');
        }
    }
};

/// What DPRINT is within one statement; settings last to its end.
class DebugPrinter {
public:
    template <typename T>
    [[gnu::nodebug]] DebugPrinter& operator<<(const T& value) {
        using Plain = std::decay_t<T>;
        if constexpr (std::is_same_v<Plain, ENDL>) {
            tilewright::kernel::device::put('\n');
        } else if constexpr (std::is_same_v<Plain, tilewright::metalium::StyleChange>) {
            change(value);
        } else if constexpr (requires { value.print(); }) {
            value.print();
        } else {
            tilewright::metalium::put_value(value, style_);
            if (!width_stays_) style_.width = 0;
        }
        return *this;
    }

    /// Values by value, so that members of packed and volatile objects can be printed.
    template <typename... T>
    [[gnu::nodebug]] void operator()(tilewright::metalium::Format<sizeof...(T)> format,
                                     T... values) const {
        tilewright::metalium::print_formatted(format.text, format.size, values...);
    }

private:
    void change(const tilewright::metalium::StyleChange& to) {
        if (to.base != 0) style_.base = to.base;
        if (to.precision >= 0) style_.precision = to.precision;
        if (to.fixed_point) style_.fixed = true;
        if (to.default_point) style_.fixed = false;
        if (to.width != 0) {
            style_.width = to.width;
            width_stays_ = to.width_stays;
        }
    }

    tilewright::metalium::NumberStyle style_{};
    bool width_stays_ = false;
};

#define DPRINT DebugPrinter()

namespace tilewright::metalium {

/// What DPRINT_MATH() and its siblings have as their only argument: statements, which do what they
/// do, or a text, which is printed.
struct Statement {};
[[gnu::nodebug]] inline void operator,(Statement, const DebugPrinter&) {}
[[gnu::nodebug]] inline void operator,(Statement, const char* text) {
    print_formatted(text, static_cast<std::uint32_t>(__builtin_strlen(text)));
}

}  // namespace tilewright::metalium

#define TILEWRIGHT_PRINT_ONE(...) ::tilewright::metalium::Statement(), ({ __VA_ARGS__; })
#define TILEWRIGHT_PRINT_ONE_MANY(...) DebugPrinter()(__VA_ARGS__)
#define TILEWRIGHT_PRINT(first, ...) \
    TILEWRIGHT_PRINT_ONE##__VA_OPT__(_MANY)(first __VA_OPT__(, ) __VA_ARGS__)

// Statements for one of a tile's cores, or a format with its values.
#ifdef COMPILE_FOR_BRISC
#define DPRINT_DATA0(...) TILEWRIGHT_PRINT(__VA_ARGS__)
#else
#define DPRINT_DATA0(...)
#endif
#ifdef COMPILE_FOR_NCRISC
#define DPRINT_DATA1(...) TILEWRIGHT_PRINT(__VA_ARGS__)
#else
#define DPRINT_DATA1(...)
#endif
#ifdef UCK_CHLKC_UNPACK
#define DPRINT_UNPACK(...) TILEWRIGHT_PRINT(__VA_ARGS__)
#else
#define DPRINT_UNPACK(...)
#endif
#ifdef UCK_CHLKC_MATH
#define DPRINT_MATH(...) TILEWRIGHT_PRINT(__VA_ARGS__)
#else
#define DPRINT_MATH(...)
#endif
#ifdef UCK_CHLKC_PACK
#define DPRINT_PACK(...) TILEWRIGHT_PRINT(__VA_ARGS__)
#else
#define DPRINT_PACK(...)
#endif
