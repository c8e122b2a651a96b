// What TT_FATAL throws and where log lines go.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <tt-logger/tt-logger.hpp>
#include <tt_stl/assert.hpp>

namespace tt::assert {

void fail(const char* file, int line, const char* kind, const char* condition,
          const std::string& text) {
    throw std::runtime_error(fmt::format("{} @ {}:{}: {}{}{}", kind, file, line, condition,
                                         text.empty() ? "" : "\n", text));
}

}  // namespace tt::assert

namespace tt::logging {
namespace {

constexpr const char* level_names[] = {"trace", "debug", "info", "warning", "error", "critical"};

// In the order of LogType.
constexpr const char* type_names[] = {
    "Always",      "Test",         "Timer",        "Device",        "Model",
    "LLRuntime",   "Loader",       "IO",           "BuildKernels",  "Profile",
    "PerfInfra",   "Op",           "Dispatch",     "Fabric",        "Metal",
    "TTNN",        "MetalTrace",   "Inspector",    "SiliconDriver", "EmulationDriver",
    "Distributed", "CompileTrisc", "Verif",        "Golden",        "HLK",
    "HLKC",        "Reportify",    "GraphCompiler"};
static_assert(std::size(type_names) == LogGraphCompiler + 1);

int least_level() {
    const char* wanted = std::getenv("TT_LOGGER_LEVEL");
    for (int level = 0; wanted != nullptr && level < 6; ++level) {
        if (strcasecmp(wanted, level_names[level]) == 0) return level;
    }
    if (wanted != nullptr && strcasecmp(wanted, "off") == 0) return 6;
    return static_cast<int>(Level::info);
}

}  // namespace

bool wanted(Level level) {
    return static_cast<int>(level) >= least_level();
}

void line(Level level, LogType type, std::string_view text) {
    fmt::print("{:8} | {:>15} | {}\n", level_names[static_cast<int>(level)], type_names[type],
               text);
    std::fflush(stdout);  // the program may be about to abort
}

std::string format_text(fmt::string_view text, fmt::format_args values) {
    return fmt::vformat(text, values);
}

}  // namespace tt::logging
