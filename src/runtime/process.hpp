// Runs a program and collects what it prints. No shell is involved.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tilewright/runtime/compile_error.hpp"

namespace tilewright {

struct ProcessResult {
    int status = 0;       ///< exit status, or 128 + signal
    bool killed = false;  ///< by a limit
    std::string output;   ///< standard output and error together
};

/// When a program is killed, with all that it has started in its process group; and its priority.
struct ProcessLimits {
    std::chrono::milliseconds time{};              ///< 0: it may run for ever
    const std::atomic<bool>* cancelled = nullptr;  ///< as soon as it is true
    bool in_background = false;                    ///< others go first (nice 10)
};

/// Runs arguments[0], found along the PATH if it has no slash, with these variables added to the
/// environment. CompileError if it cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment = {},
                          const ProcessLimits& limits = {});

}  // namespace tilewright
