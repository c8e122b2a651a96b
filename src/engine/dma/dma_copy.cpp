#include "tilewright/engine/dma/dma_copy.hpp"

#include "engine/planning.hpp"

namespace tilewright {

using namespace detail;

Plan DmaCopy::plan(const PlanContext& context) const {
    if (rows == 0) refuse_argument(*this, "expected at least one row");
    Plan plan;
    plan.operands[0] = operand(*this, context, source, rows_of(rows, bytes, source_stride));
    plan.result = operand(*this, context, destination, rows_of(rows, bytes, destination_stride));
    check_result(*this, context, plan.result);
    if (overlap(plan.operands[0], plan.result)) {
        const auto plain = [](const Layout& l) { return l.rows == 1 || l.stride == l.row_bytes; };
        if (!plain(plan.operands[0].layout) || !plain(plan.result.layout)) {
            refuse_place(*this, "source and destination overlap, and are more than one row");
        }
        plan.backwards = plan.operands[0].place.offset < plan.result.place.offset;
    }
    plan.setup_cycles = context.config.dma_setup_cycles;
    plan.rate = slowest_of({context.config.dma_bytes_per_cycle, 1}, plan, context);
    return plan;
}

std::string DmaCopy::describe() const {
    const std::string of_rows = rows == 1 ? "" : std::to_string(rows) + " rows of ";
    return "copy of " + of_rows + std::to_string(bytes) + " bytes from " + hex(source) + " to " +
           hex(destination);
}

}  // namespace tilewright
