// The vector unit's moves between Dst and its registers.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::sfpload& i);
void execute(const Context& context, const op::sfpstore& i);

}  // namespace tilewright::tensix
