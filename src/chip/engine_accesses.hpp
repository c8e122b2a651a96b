// The bytes that a command of an engine reads and writes, range by range.
#pragma once

#include <cstdint>

#include "tilewright/engine/plan.hpp"
#include "tilewright/sim/order_observer.hpp"

namespace tilewright {

/// f(access) for each: of an operand whose rows lie apart one for each row.
template <class F>
void for_each_access(const Plan& plan, F&& f) {
    const auto visit = [&](const Operand& operand, bool writes) {
        const Layout& layout = operand.layout;
        if (layout.bytes() == 0) return;
        const bool apart = layout.stride > layout.row_bytes;
        EngineAccess access{operand.place, apart ? layout.row_bytes : layout.extent(), writes};
        for (std::uint64_t row = 0; row < (apart ? layout.rows : 1); ++row) {
            f(access);
            access.place.offset += layout.stride;
        }
    };
    for (const Operand& operand : plan.operands) visit(operand, false);
    visit(plan.result, true);
}

}  // namespace tilewright
