// Device::matmul(): from buffers to a matmul.
#include "ops/engine_matmul.hpp"
#include "ops/run_matmul.hpp"
#include "runtime/device_lock.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {

MatmulReport Device::matmul(const Buffer& a, const Buffer& b, const Buffer& c,
                            const GemmShape& shape, const MatmulOptions& options,
                            const Buffer* bias, const RunOptions& run) {
    for (const Buffer* other : {&a, &b, bias}) {
        if (other != nullptr && other->belongs_to(state_) && c.belongs_to(state_) &&
            other->allocation_->id == c.allocation_->id) {
            throw ArgumentError(
                "matmul: C is also an operand, of which parts would be overwritten before they are "
                "read");
        }
    }
    if (config().systolic_array_count == 0 && config().compute_engines != 0) {
        MatmulOptions wanted = options;
        wanted.has_bias = bias != nullptr;
        return detail::matmul_on_engines(*this, a, b, c, shape, wanted, bias, run);
    }
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    MatmulOptions wanted = options;
    wanted.has_bias = bias != nullptr;
    const MatmulPlan plan = plan_matmul(state.chip.config(), shape, wanted);

    const std::uint64_t size = size_of(options.type);
    const std::uint64_t a_bytes = shape.m * shape.k * size;
    const std::uint64_t b_bytes = shape.k * shape.n * size;
    const std::uint64_t c_bytes = shape.m * shape.n * size_of(*plan.options.out);
    const std::uint64_t bias_bytes = bias == nullptr ? 0 : shape.n * 4;
    detail::check_operand(state_, "matmul: A", a, a_bytes);
    detail::check_operand(state_, "matmul: B", b, b_bytes);
    detail::check_operand(state_, "matmul: C", c, c_bytes);
    if (bias != nullptr) detail::check_operand(state_, "matmul: bias", *bias, bias_bytes);
    const auto stretches = [&](const Buffer& buffer) {
        return detail::stretches_of(state, buffer.allocation_->record);
    };
    detail::MatmulOperands operands{stretches(a), stretches(b), stretches(c), {}};
    if (bias != nullptr) operands.bias = stretches(*bias);
    return detail::run_matmul(state, plan, operands, a_bytes + b_bytes + c_bytes + bias_bytes, run);
}

}  // namespace tilewright
