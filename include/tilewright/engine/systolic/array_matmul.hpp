// What a systolic array can be told to do, as plain data. Addresses are global; each matrix lies in
// one memory on the chip.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tilewright/base/units.hpp"
#include "tilewright/engine/plan.hpp"
#include "tilewright/engine/systolic/activation.hpp"
#include "tilewright/engine/systolic/data_type.hpp"
#include "tilewright/engine/systolic/systolic.hpp"
#include "tilewright/engine/systolic/vector_unit.hpp"

namespace tilewright {

/// result (m x n) = activation(sums + a (m x k) * b (k x n) + bias), pass by pass.
///
/// A pass reads its part of a, b, sums and bias when it starts and publishes its part of the result
/// when it ends; bias and activation add the time of the vector unit, behind which the next pass
/// runs. `sums` may be the result itself. Rows are consecutive elements, `..._stride` bytes from
/// one to the next (0: they follow each other).
struct ArrayMatmul {
    static constexpr EngineKind engine = EngineKind::systolic_array;

    GlobalAddress a{};
    GlobalAddress b{};
    GlobalAddress result{};
    GlobalAddress sums{};  ///< if `accumulate`: m x n elements of accumulator_of(type)
    GlobalAddress bias{};  ///< if `has_bias`: n elements of accumulator_of(type)
    std::uint32_t m = 0;
    std::uint32_t n = 0;
    std::uint32_t k = 0;
    std::uint64_t a_stride = 0;
    std::uint64_t b_stride = 0;
    std::uint64_t result_stride = 0;
    std::uint64_t sums_stride = 0;
    DataType type = DataType::float32;  ///< of a and b
    DataType out = DataType::float32;  ///< of the result; accumulator_of(type) or as narrow as type
    Dataflow dataflow = Dataflow::output_stationary;
    Activation activation = Activation::none;
    bool accumulate = false;
    bool has_bias = false;

    GemmShape shape() const { return {m, n, k}; }
    Epilogue epilogue() const { return {activation, has_bias, out}; }

    Plan plan(const PlanContext& context) const;
    const char* verb() const { return "matmul"; }
    std::pair<GlobalAddress, GlobalAddress> endpoints() const { return {a, result}; }
    std::string describe() const;
};

template <class Archive>
void fields(Archive& archive, ArrayMatmul& w) {
    archive(w.a, w.b, w.result, w.sums, w.bias, w.m, w.n, w.k, w.a_stride, w.b_stride,
            w.result_stride, w.sums_stride, w.type, w.out, w.dataflow, w.activation, w.accumulate,
            w.has_bias);
}

}  // namespace tilewright
