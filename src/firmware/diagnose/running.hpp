// What cores do that do not wait for a word.
#pragma once

#include <string>
#include <vector>

#include "tilewright/sim/run_report.hpp"

namespace tilewright::diagnose {

/// A line for cores that are at the same place, or one for each if it is to be in full.
std::string running_lines(const std::vector<CoreRunning>& running, bool full);

}  // namespace tilewright::diagnose
