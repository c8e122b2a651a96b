// Row counters of the matrix and the vector unit, and the address modes that move them.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// Move the thread's counters as its address mode says, the fidelity phase only where asked.
void apply_address_mode(const Context& context, std::uint32_t mode, bool with_fidelity);

/// The first row of Dst that an operand `dst` of the thread means.
inline std::uint32_t dst_row(const Context& context, std::uint32_t dst) {
    return (dst + context.config.own(thread_config::math_offset) + context.own().rows.dst.value +
            context.config(config::dst_base)) &
           (dst_rows - 1);
}

inline unsigned fidelity_phase(const Context& context) {
    return (context.own().rows.fidelity + context.config.own(thread_config::fidelity)) & 3;
}

void execute(const Context& context, const op::setrwc& i);
void execute(const Context& context, const op::incrwc& i);

}  // namespace tilewright::tensix
