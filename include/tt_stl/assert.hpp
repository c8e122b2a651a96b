// TT_FATAL, TT_THROW and TT_ASSERT: exceptions that carry file, line, condition and a formatted
// text.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <tt-logger/tt-logger.hpp>
#include <utility>

namespace tt::assert {

/// Throws std::runtime_error: "KIND @ file:line: condition", then the text if there is one.
[[noreturn]] void fail(const char* file, int line, const char* kind, const char* condition,
                       const std::string& text);

[[noreturn]] inline void fail_with(const char* file, int line, const char* kind,
                                   const char* condition) {
    fail(file, line, kind, condition, "");
}
template <class... Arguments>
[[noreturn]] void fail_with(const char* file, int line, const char* kind, const char* condition,
                            fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    fail(file, line, kind, condition,
         logging::format_text(text, fmt::make_format_args(arguments...)));
}

}  // namespace tt::assert

#define TT_THROW(...) \
    ::tt::assert::fail_with(__FILE__, __LINE__, "TT_THROW", "tt::exception", __VA_ARGS__)

#define TT_FATAL(condition, ...)                                                              \
    do {                                                                                      \
        if (!(condition)) [[unlikely]] {                                                      \
            ::tt::assert::fail_with(__FILE__, __LINE__, "TT_FATAL", #condition, __VA_ARGS__); \
        }                                                                                     \
    } while (false)

// As on the vendor's host, checked in debug builds only.
#ifdef DEBUG
#define TT_ASSERT(condition, ...)                                           \
    do {                                                                    \
        if (!(condition)) [[unlikely]] {                                    \
            ::tt::assert::fail_with(__FILE__, __LINE__, "TT_ASSERT",        \
                                    #condition __VA_OPT__(, ) __VA_ARGS__); \
        }                                                                   \
    } while (false)
#else
#define TT_ASSERT(condition, ...) static_cast<void>(condition)
#endif
