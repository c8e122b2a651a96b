// log_info and its siblings: one line to standard output, if its level is wanted.
//
//     log_info(tt::LogTest, "{} pages", count);
//
// TT_LOGGER_LEVEL (trace, debug, info, warning, error, critical, off) sets the least level; default
// info.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tt {

enum LogType : std::uint32_t {
    LogAlways,
    LogTest,
    LogTimer,
    LogDevice,
    LogModel,
    LogLLRuntime,
    LogLoader,
    LogIO,
    LogBuildKernels,
    LogProfile,
    LogPerfInfra,
    LogOp,
    LogDispatch,
    LogFabric,
    LogMetal,
    LogTTNN,
    LogMetalTrace,
    LogInspector,
    LogSiliconDriver,
    LogEmulationDriver,
    LogDistributed,
};

namespace logging {

enum class Level : std::uint8_t { trace, debug, info, warning, error, critical };

bool wanted(Level level);
void line(Level level, LogType type, std::string_view text);

template <class... Arguments>
void format(Level level, LogType type, fmt::format_string<Arguments...> text,
            Arguments&&... arguments) {
    if (wanted(level)) line(level, type, fmt::format(text, std::forward<Arguments>(arguments)...));
}
template <class... Arguments>
void format(Level level, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    if (wanted(level)) {
        line(level, LogAlways, fmt::format(text, std::forward<Arguments>(arguments)...));
    }
}

}  // namespace logging
}  // namespace tt

#define log_trace(...) ::tt::logging::format(::tt::logging::Level::trace, __VA_ARGS__)
#define log_debug(...) ::tt::logging::format(::tt::logging::Level::debug, __VA_ARGS__)
#define log_info(...) ::tt::logging::format(::tt::logging::Level::info, __VA_ARGS__)
#define log_warning(...) ::tt::logging::format(::tt::logging::Level::warning, __VA_ARGS__)
#define log_error(...) ::tt::logging::format(::tt::logging::Level::error, __VA_ARGS__)
#define log_critical(...) ::tt::logging::format(::tt::logging::Level::critical, __VA_ARGS__)
#define log_fatal(...) ::tt::logging::format(::tt::logging::Level::critical, __VA_ARGS__)
