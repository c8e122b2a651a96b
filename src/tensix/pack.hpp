// Packers: from Dst to L1.
#pragma once

#include <vector>

#include "tensix/context.hpp"
#include "tilewright/tensix/watch.hpp"

namespace tilewright::tensix {

/// Where an instruction that has not begun yet will put a number of Dst, which packers may do more
/// than once. TensixFault as of execute().
std::vector<PackedNumber> places_of(const Context& context, const op::pacr& i, unsigned row,
                                    unsigned column);

void execute(const Context& context, const op::pacr& i);

}  // namespace tilewright::tensix
