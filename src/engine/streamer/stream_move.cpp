#include "tilewright/engine/streamer/stream_move.hpp"

#include "engine/planning.hpp"

namespace tilewright {

using namespace detail;

Plan StreamMove::plan(const PlanContext& context) const {
    check_matrix(*this, height, width, element_bytes);
    if (order > Order::columns || direction > Direction::from_array) {
        refuse_argument(*this, "unknown order or direction");
    }
    const bool by_rows = order == Order::rows;
    const std::uint64_t line = by_rows ? width : height;  // elements that go together
    const std::uint64_t lines = by_rows ? height : width;
    Layout matrix = rows_of(height, std::uint64_t{width} * element_bytes, l2_stride);
    if (matrix.stride < matrix.row_bytes) {
        refuse_place(*this, "the rows of the matrix overlap each other");
    }
    matrix.element_bytes = element_bytes;
    if (!by_rows) matrix.order = Layout::Order::columns;

    const Operand at_l2 = operand(*this, context, l2, matrix);
    const Operand at_l1 = operand(*this, context, l1, rows_of(lines, line * element_bytes, 0));
    if (at_l2.place.kind != MemoryKind::l2 && at_l2.place.kind != MemoryKind::scratchpad) {
        refuse_place(*this, "expected the matrix in an L2 bank or a scratchpad, not in " +
                                memory_name(at_l2.place.kind, at_l2.place.index));
    }
    if (at_l1.place.kind != MemoryKind::l1_buffer && at_l1.place.kind != MemoryKind::page_buffer) {
        refuse_place(*this, "expected its other end in an L1 buffer or a page buffer, not in " +
                                memory_name(at_l1.place.kind, at_l1.place.index));
    }
    const bool to_array = direction == Direction::to_array;
    Plan plan;
    plan.operands[0] = to_array ? at_l2 : at_l1;
    plan.result = to_array ? at_l1 : at_l2;
    plan.setup_cycles = context.config.streamer_setup_cycles;
    const std::uint64_t lanes =
        by_rows ? context.config.systolic_columns : context.config.systolic_rows;
    const Rate array = make_rate(line * element_bytes, (line + lanes - 1) / lanes);
    plan.rate = slowest_of(array, plan, context);
    return plan;
}

std::string StreamMove::describe() const {
    const auto [from, to] = endpoints();
    return std::string(verb()) + " of " + shape_of(height, width, element_bytes) + " from " +
           hex(from) + " to " + hex(to);
}

}  // namespace tilewright
