// The vector unit's flags: conditions, and the stack that branches are made of.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::sfpsetcc& i);
void execute(const Context& context, const op::sfpencc& i);
void execute(const Context& context, const op::sfppushc& i);
void execute(const Context& context, const op::sfppopc& i);
void execute(const Context& context, const op::sfpcompc& i);
void execute(const Context& context, const op::sfple& i);
void execute(const Context& context, const op::sfpgt& i);

}  // namespace tilewright::tensix
