// The vector unit's moves between registers and between lanes, constants, and its configuration.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::sfploadi& i);
void execute(const Context& context, const op::sfpmov& i);
void execute(const Context& context, const op::sfpconfig& i);
void execute(const Context& context, const op::sfpswap& i);
void execute(const Context& context, const op::sfptransp& i);
void execute(const Context& context, const op::sfpshft2& i);
void execute(const Context& context, const op::sfpnop& i);

}  // namespace tilewright::tensix
