// Unpackers: from L1 to SrcA, SrcB or Dst.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::unpacr& i);
void execute(const Context& context, const op::unpacr_nop& i);

/// Of UNPACR_NOP: whether it waits until the bank that it looks at is the unpackers', and which
/// bank that is.
bool clears(Architecture architecture, const op::unpacr_nop& i);

}  // namespace tilewright::tensix
