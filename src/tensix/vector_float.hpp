// The vector unit's arithmetic of FP32: products and sums, and tables of straight lines.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::sfpmad& i);
void execute(const Context& context, const op::sfpadd& i);
void execute(const Context& context, const op::sfpmul& i);
void execute(const Context& context, const op::sfpaddi& i);
void execute(const Context& context, const op::sfpmuli& i);
void execute(const Context& context, const op::sfplut& i);
void execute(const Context& context, const op::sfplutfp32& i);
void execute(const Context& context, const op::sfparecip& i);

}  // namespace tilewright::tensix
