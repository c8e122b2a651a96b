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
    // What programs of 2024 have besides.
    LogCompileTrisc,
    LogVerif,
    LogGolden,
    LogHLK,
    LogHLKC,
    LogReportify,
    LogGraphCompiler,
};

namespace logging {

enum class Level : std::uint8_t { trace, debug, info, warning, error, critical };

bool wanted(Level level);
void line(Level level, LogType type, std::string_view text);
/// What fmt::vformat() makes of them, in the library: inlined, it is most of a program's compile
/// time.
std::string format_text(fmt::string_view text, fmt::format_args values);

template <class... Arguments>
void format(Level level, LogType type, fmt::format_string<Arguments...> text,
            Arguments&&... arguments) {
    if (wanted(level)) line(level, type, format_text(text, fmt::make_format_args(arguments...)));
}
template <class... Arguments>
void format(Level level, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    if (wanted(level)) {
        line(level, LogAlways, format_text(text, fmt::make_format_args(arguments...)));
    }
}

}  // namespace logging

// Functions, not macros, so that tt::log_info is one as well.
#define TILEWRIGHT_LOG_FUNCTION(name, level)                                                    \
    template <class... Arguments>                                                               \
    void name(LogType type, fmt::format_string<Arguments...> text, Arguments&&... values) {     \
        logging::format(logging::Level::level, type, text, std::forward<Arguments>(values)...); \
    }                                                                                           \
    template <class... Arguments>                                                               \
    void name(fmt::format_string<Arguments...> text, Arguments&&... values) {                   \
        logging::format(logging::Level::level, text, std::forward<Arguments>(values)...);       \
    }
TILEWRIGHT_LOG_FUNCTION(log_trace, trace)
TILEWRIGHT_LOG_FUNCTION(log_debug, debug)
TILEWRIGHT_LOG_FUNCTION(log_info, info)
TILEWRIGHT_LOG_FUNCTION(log_warning, warning)
TILEWRIGHT_LOG_FUNCTION(log_error, error)
TILEWRIGHT_LOG_FUNCTION(log_critical, critical)
TILEWRIGHT_LOG_FUNCTION(log_fatal, critical)
#undef TILEWRIGHT_LOG_FUNCTION

}  // namespace tt

using tt::log_critical;
using tt::log_debug;
using tt::log_error;
using tt::log_fatal;
using tt::log_info;
using tt::log_trace;
using tt::log_warning;
