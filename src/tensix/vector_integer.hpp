// The vector unit's operations on bits, integers and the fields of FP32.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::sfpiadd& i);
void execute(const Context& context, const op::sfpmul24& i);
void execute(const Context& context, const op::sfpabs& i);
void execute(const Context& context, const op::sfpand& i);
void execute(const Context& context, const op::sfpor& i);
void execute(const Context& context, const op::sfpxor& i);
void execute(const Context& context, const op::sfpnot& i);
void execute(const Context& context, const op::sfplz& i);
void execute(const Context& context, const op::sfpshft& i);
void execute(const Context& context, const op::sfpdivp2& i);
void execute(const Context& context, const op::sfpexexp& i);
void execute(const Context& context, const op::sfpexman& i);
void execute(const Context& context, const op::sfpsetexp& i);
void execute(const Context& context, const op::sfpsetman& i);
void execute(const Context& context, const op::sfpsetsgn& i);
void execute(const Context& context, const op::sfpcast& i);
void execute(const Context& context, const op::sfp_stoch_rnd& i);

}  // namespace tilewright::tensix
