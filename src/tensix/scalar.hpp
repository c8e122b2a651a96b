// The scalar unit: general registers, words of L1 and the tile's device registers.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

void execute(const Context& context, const op::setdmareg& i);
void execute(const Context& context, const op::reg2flop& i);
void execute(const Context& context, const op::adddmareg& i);
void execute(const Context& context, const op::subdmareg& i);
void execute(const Context& context, const op::muldmareg& i);
void execute(const Context& context, const op::bitwopdmareg& i);
void execute(const Context& context, const op::shiftdmareg& i);
void execute(const Context& context, const op::cmpdmareg& i);
void execute(const Context& context, const op::loadind& i);
void execute(const Context& context, const op::storeind& i);
void execute(const Context& context, const op::atincget& i);
void execute(const Context& context, const op::atswap& i);
void execute(const Context& context, const op::loadreg& i);
void execute(const Context& context, const op::storereg& i);

}  // namespace tilewright::tensix
