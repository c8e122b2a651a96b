// The vector unit behind an array: bias, activation and narrowing of finished sums, and their
// cycles.
//
// It takes `lanes` sums a step from the array. A bias is one step a vector, an activation as many
// as vector_steps() says; narrowing to 16 bits happens on the way out. docs/timing-model.md has the
// sources.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tilewright/engine/systolic/activation.hpp"
#include "tilewright/engine/systolic/data_type.hpp"
#include "tilewright/engine/systolic/multiply.hpp"

namespace tilewright {

/// What is done to finished sums: + bias of their column, activation, conversion to `out`.
struct Epilogue {
    Activation activation = Activation::none;
    bool has_bias = false;
    DataType out = DataType::float32;
};

/// ArgumentError unless the sums of a matmul of `operands` can be finished like that: int32 sums
/// stay int32 and know `none` and `relu` only; float32 sums become float32, bfloat16 or float16.
void check_epilogue(DataType operands, const Epilogue& epilogue);

/// Steps of the unit for each vector of sums; 0 if nothing is to be done to them.
std::uint32_t vector_steps(const Epilogue& epilogue);
/// Cycles for so many elements: ceil(elements / lanes) * vector_steps().
std::uint64_t vector_cycles(const Epilogue& epilogue, std::uint64_t elements, std::uint32_t lanes);

/// Finish m x n sums and write them to `out`, `out_row_bytes` from one row to the next. `bias` has
/// n elements of the sums' type, or is null.
void publish(const Epilogue& epilogue, SumView sums, const std::byte* bias, std::byte* out,
             std::uint64_t out_row_bytes, std::uint64_t m, std::uint64_t n);

}  // namespace tilewright
