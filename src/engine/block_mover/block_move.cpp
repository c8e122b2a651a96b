#include "tilewright/engine/block_mover/block_move.hpp"

#include "engine/planning.hpp"

namespace tilewright {

using namespace detail;

Plan BlockMove::plan(const PlanContext& context) const {
    check_matrix(*this, height, width, element_bytes);
    std::uint64_t rows = height;  // of what arrives
    std::uint64_t columns = width;
    Plan plan;
    Layout from = rows_of(height, std::uint64_t{width} * element_bytes, source_stride);
    if (from.stride < from.row_bytes) {
        refuse_place(*this, "the rows of its source overlap each other");
    }
    from.element_bytes = element_bytes;
    switch (transform) {
        case Transform::identity:
            break;
        case Transform::transpose:
            from.order = Layout::Order::columns;
            std::swap(rows, columns);
            break;
        case Transform::reshape: {
            const std::uint64_t elements = rows * columns;
            columns = reshaped_width == 0 ? height : reshaped_width;
            if (elements % columns != 0) {
                refuse_argument(*this, std::to_string(elements) + " elements do not make rows of " +
                                           std::to_string(columns));
            }
            rows = elements / columns;
            break;
        }
        case Transform::shuffle:
            from.order = Layout::Order::shuffled;
            break;
        default:
            refuse_argument(*this,
                            "unknown transform " + std::to_string(static_cast<int>(transform)));
    }
    plan.operands[0] = operand(*this, context, source, from);
    plan.result = operand(*this, context, destination,
                          rows_of(rows, columns * element_bytes, destination_stride));
    check_result(*this, context, plan.result);
    if (!on_chip(plan.operands[0].place.kind) || !on_chip(plan.result.place.kind)) {
        refuse_place(*this, "block movers work between memories on the chip");
    }
    if (overlap(plan.operands[0], plan.result)) {
        refuse_place(*this, "source and destination overlap");
    }
    plan.setup_cycles = context.config.block_mover_setup_cycles;
    plan.rate = slowest_of({context.config.block_mover_bytes_per_cycle, 1}, plan, context);
    return plan;
}

const char* BlockMove::verb() const {
    switch (transform) {
        case Transform::identity:
            return "move";
        case Transform::transpose:
            return "transpose";
        case Transform::reshape:
            return "reshape";
        case Transform::shuffle:
            return "shuffle";
    }
    return "unknown";
}

std::string BlockMove::describe() const {
    return std::string("block move (") + verb() + ") of " + shape_of(height, width, element_bytes) +
           " from " + hex(source) + " to " + hex(destination);
}

}  // namespace tilewright
