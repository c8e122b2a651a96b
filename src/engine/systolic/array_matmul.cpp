#include "tilewright/engine/systolic/array_matmul.hpp"

#include "engine/planning.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {

using namespace detail;

Plan ArrayMatmul::plan(const PlanContext& context) const {
    if (type > DataType::int32 || out > DataType::int32 || activation > Activation::silu ||
        dataflow > Dataflow::input_stationary) {
        refuse_argument(*this, "unknown data type, dataflow or activation");
    }
    if (m == 0 || n == 0 || k == 0) refuse_argument(*this, "expected m, n and k of at least 1");
    try {
        check_epilogue(type, epilogue());
    } catch (const ArgumentError& error) {
        refuse_argument(*this, error.what());
    }
    const DataType sum = accumulator_of(type);
    const auto matrix = [&](const char* name, GlobalAddress address, std::uint64_t rows,
                            std::uint64_t columns, std::uint64_t stride, DataType element) {
        const std::uint64_t size = size_of(element);
        const Layout layout = rows_of(rows, columns * size, stride);
        if (rows > 1 && layout.stride < layout.row_bytes) {
            refuse_place(*this, std::string("the rows of ") + name + " overlap each other");
        }
        if (value(address) % size != 0 || layout.stride % size != 0) {
            refuse_place(*this, std::string(name) + " is not aligned to its elements of " +
                                    std::to_string(size) + " bytes");
        }
        const Operand found = operand(*this, context, address, layout);
        if (!on_chip(found.place.kind)) {
            refuse_place(*this, std::string("arrays work on memories on the chip, and ") + name +
                                    " is in " + memory_name(found.place.kind, found.place.index));
        }
        return found;
    };
    Plan plan;
    plan.streams = false;
    plan.operands[0] = matrix("a", a, m, k, a_stride, type);
    plan.operands[1] = matrix("b", b, k, n, b_stride, type);
    plan.result = matrix("the result", result, m, n, result_stride, out);
    check_result(*this, context, plan.result);
    if (accumulate) {
        plan.operands[2] = matrix("sums", sums, m, n, sums_stride, sum);
        const bool in_place = plan.operands[2].place == plan.result.place &&
                              plan.operands[2].layout.stride == plan.result.layout.stride &&
                              out == sum;
        if (!in_place && overlap(plan.operands[2], plan.result)) {
            refuse_place(*this, "its sums overlap the result, and are not the same");
        }
    }
    if (has_bias) plan.operands[3] = matrix("bias", bias, 1, n, 0, sum);
    for (const std::size_t i : {0, 1, 3}) {
        if ((i != 3 || has_bias) && overlap(plan.operands[i], plan.result)) {
            refuse_place(*this, std::string(i == 0   ? "a"
                                            : i == 1 ? "b"
                                                     : "bias") +
                                    " overlaps the result");
        }
    }
    return plan;
}

std::string ArrayMatmul::describe() const {
    return "matmul of " + std::to_string(m) + " x " + std::to_string(n) + " x " +
           std::to_string(k) + " " +
           (type > DataType::int32 ? "elements" : std::string(name_of(type))) +
           " (m x n x k) from " + hex(a) + " and " + hex(b) + " to " + hex(result);
}

}  // namespace tilewright
