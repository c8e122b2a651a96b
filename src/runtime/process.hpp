// Runs a program and collects what it prints. No shell is involved.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tilewright/runtime/compile_error.hpp"

namespace tilewright {

struct ProcessResult {
    int status = 0;      ///< exit status, or 128 + signal
    std::string output;  ///< standard output and error together
};

/// Runs arguments[0], found along the PATH if it has no slash, with these variables added to the
/// environment. CompileError if it cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment = {});

}  // namespace tilewright
