// Instructions that read and write configuration registers.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::wrcfg& i);
void execute(const Context& context, const op::rdcfg& i);
void execute(const Context& context, const op::setc16& i);
void execute(const Context& context, const op::rmwcib0& i);
void execute(const Context& context, const op::rmwcib1& i);
void execute(const Context& context, const op::rmwcib2& i);
void execute(const Context& context, const op::rmwcib3& i);
void execute(const Context& context, const op::cfgshiftmask& i);

}  // namespace tilewright::tensix
