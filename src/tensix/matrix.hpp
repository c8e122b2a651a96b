// Instructions of the matrix unit that compute.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::mvmul& i);
void execute(const Context& context, const op::gapool& i);
void execute(const Context& context, const op::elwmul& i);
void execute(const Context& context, const op::elwadd& i);
void execute(const Context& context, const op::elwsub& i);
void execute(const Context& context, const op::gmpool& i);

}  // namespace tilewright::tensix
