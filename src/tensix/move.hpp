// Instructions of the matrix unit that move rows between Dst, SrcA and SrcB, or forget them.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::mova2d& i);
void execute(const Context& context, const op::movb2d& i);
void execute(const Context& context, const op::movd2a& i);
void execute(const Context& context, const op::movd2b& i);
void execute(const Context& context, const op::movb2a& i);
void execute(const Context& context, const op::zeroacc& i);

}  // namespace tilewright::tensix
