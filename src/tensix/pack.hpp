// Packers: from Dst to L1.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::pacr& i);

}  // namespace tilewright::tensix
