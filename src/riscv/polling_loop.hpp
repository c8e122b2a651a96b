// Finds the polling loops of a text (PollingLoop in tilewright/riscv/code.hpp).
#pragma once

#include <vector>

#include "tilewright/riscv/code.hpp"

namespace tilewright::riscv {

/// In ascending order; no two overlap.
std::vector<PollingLoop> polling_loops(const Code& code);

}  // namespace tilewright::riscv
