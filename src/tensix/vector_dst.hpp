// The vector unit's moves between Dst and its registers.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// The lane in which a load or store of the vector unit has a number of Dst, if in any.
std::optional<unsigned> lane_of(const Context& context, std::uint32_t dst, std::uint32_t mode,
                                unsigned row, unsigned column);

void execute(const Context& context, const op::sfpload& i);
void execute(const Context& context, const op::sfpstore& i);

}  // namespace tilewright::tensix
