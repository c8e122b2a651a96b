// Engines that move data between any memories of the chip, and multiply matrices, while the core
// does something else.
//
// Addresses are global, 64 bits. A command joins the queue of its engine and returns; a flag tells
// when it has ended:
//
//     dma_copy(weights, own_l1(buffer), 4096, {.done = done});
//     done.wait_min(1);
#pragma once

#include <cstdint>

#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel {

using GlobalAddress = std::uint64_t;

/// A 32-bit counter of the chip, the same for all cores and engines; the host hands out numbers.
struct Flag {
    std::uint32_t number = abi::no_flag;

    TILEWRIGHT_DEVICE std::uint32_t address() const {
        return abi::engine_registers + abi::engine_register::flags + 4 * number;
    }
    TILEWRIGHT_DEVICE std::uint32_t value() const { return device::load_reserved(address()); }
    TILEWRIGHT_DEVICE void set(std::uint32_t value) const {
        device::write_register(address(), value);
    }
    TILEWRIGHT_DEVICE void add(std::uint32_t increment) const {
        device::write_register(abi::engine_registers + abi::engine_register::flags_add + 4 * number,
                               increment);
    }
    /// Sleeps until the value is at least `target`, and returns it.
    TILEWRIGHT_DEVICE std::uint32_t wait_min(std::uint32_t target) const {
        return device::wait_word(address(), [=](std::uint32_t word) { return word >= target; });
    }
};

/// Which engine takes a command, and the flags around it.
struct EngineOptions {
    std::uint32_t engine = 0;          ///< number among the engines of its kind
    Flag wait{};                       ///< the engine waits for this flag, if there is one ...
    std::uint32_t wait_value = 0;      ///< ... until it is at least this
    Flag done{};                       ///< this flag, if there is one, is added to at the end ...
    std::uint32_t done_increment = 1;  ///< ... by so much
};

/// The global address of a byte of this tile's L1.
TILEWRIGHT_DEVICE GlobalAddress own_l1(const void* local) {
    const std::uint32_t low =
        device::constant_register<abi::engine_registers + abi::engine_register::l1_low>();
    const std::uint32_t high =
        device::constant_register<abi::engine_registers + abi::engine_register::l1_high>();
    return (low | std::uint64_t{high} << 32) + reinterpret_cast<std::uint32_t>(local);
}

namespace device {

TILEWRIGHT_DEVICE abi::EngineHeader engine_header(std::uint32_t kind,
                                                  const EngineOptions& options) {
    return {kind,
            options.engine,
            options.wait.number,
            options.wait_value,
            options.done.number,
            options.done_increment};
}

TILEWRIGHT_DEVICE abi::EngineDescriptor descriptor(std::uint32_t kind, GlobalAddress source,
                                                   GlobalAddress destination,
                                                   const EngineOptions& options) {
    abi::EngineDescriptor d{};
    d.header = engine_header(kind, options);
    d.source_low = static_cast<std::uint32_t>(source);
    d.source_high = static_cast<std::uint32_t>(source >> 32);
    d.destination_low = static_cast<std::uint32_t>(destination);
    d.destination_high = static_cast<std::uint32_t>(destination >> 32);
    return d;
}

template <class Descriptor>
TILEWRIGHT_DEVICE void submit(const Descriptor& d) {
    asm volatile("" ::"r"(&d) : "memory");  // the device reads it: it must be in memory
    write_register(abi::engine_registers + abi::engine_register::submit,
                   reinterpret_cast<std::uint32_t>(&d));
}

}  // namespace device

/// Starts to copy `rows` rows of `bytes` bytes between any two memories; strides are the bytes
/// between rows, 0 where they follow each other.
TILEWRIGHT_DEVICE void dma_copy(GlobalAddress source, GlobalAddress destination,
                                std::uint32_t bytes, const EngineOptions& options = {},
                                std::uint32_t rows = 1, std::uint32_t source_stride = 0,
                                std::uint32_t destination_stride = 0) {
    abi::EngineDescriptor d = device::descriptor(0, source, destination, options);
    d.rows = rows;
    d.columns = bytes;
    d.source_stride = source_stride;
    d.destination_stride = destination_stride;
    device::submit(d);
}

enum class Transform : std::uint32_t { identity, transpose, reshape, shuffle };

/// Starts to move a matrix of height x width elements between memories on the chip.
TILEWRIGHT_DEVICE void move_block(GlobalAddress source, GlobalAddress destination,
                                  std::uint32_t height, std::uint32_t width,
                                  std::uint32_t element_bytes, Transform transform,
                                  const EngineOptions& options = {},
                                  std::uint32_t reshaped_width = 0) {
    abi::EngineDescriptor d = device::descriptor(1, source, destination, options);
    d.rows = height;
    d.columns = width;
    d.element_bytes = element_bytes;
    d.mode = static_cast<std::uint32_t>(transform);
    d.reshaped_width = reshaped_width;
    device::submit(d);
}

/// Starts to stream a matrix from an L2 bank to an L1 buffer, or back, by rows or by columns.
TILEWRIGHT_DEVICE void stream_matrix(GlobalAddress l2, GlobalAddress l1, std::uint32_t height,
                                     std::uint32_t width, std::uint32_t element_bytes,
                                     bool by_columns, bool from_array,
                                     const EngineOptions& options = {}) {
    abi::EngineDescriptor d = device::descriptor(2, l2, l1, options);
    d.rows = height;
    d.columns = width;
    d.element_bytes = element_bytes;
    d.mode = (by_columns ? 1u : 0u) | (from_array ? 1u : 0u) << 8;
    device::submit(d);
}

/// Element types. Products of int8 are summed in int32, the others in float32; int32 is for sums.
enum class DataType : std::uint32_t { float32, bfloat16, float16, int8, int32 };
enum class Dataflow : std::uint32_t { output_stationary, weight_stationary, input_stationary };
enum class Activation : std::uint32_t { none, relu, gelu, sigmoid, tanh, silu };

/// A matrix in one memory on the chip, its rows `stride` bytes apart; 0: they follow each other.
struct Matrix {
    GlobalAddress address = 0;
    std::uint32_t stride = 0;
};

/// How an array multiplies.
struct ArrayOptions {
    DataType type = DataType::float32;  ///< of the factors
    DataType out = DataType::float32;  ///< of the result: what is summed in, or as narrow as `type`
    Dataflow dataflow = Dataflow::output_stationary;
    Activation activation = Activation::none;
    bool accumulate = false;  ///< begin with `sums`, m x n of what is summed in
    Matrix sums{};            ///< may be the result
    bool has_bias = false;    ///< add `bias` to each row, n of what is summed in
    GlobalAddress bias = 0;
};

/// Starts to multiply on a systolic array: result (m x n) = activation(sums + a (m x k) * b (k x n)
/// + bias).
TILEWRIGHT_DEVICE void multiply_matrices(const Matrix& a, const Matrix& b, const Matrix& result,
                                         std::uint32_t m, std::uint32_t n, std::uint32_t k,
                                         const EngineOptions& options = {},
                                         const ArrayOptions& how = {}) {
    const auto low = [](GlobalAddress address) { return static_cast<std::uint32_t>(address); };
    const auto high = [](GlobalAddress address) {
        return static_cast<std::uint32_t>(address >> 32);
    };
    abi::ArrayDescriptor d{};
    d.header = device::engine_header(3, options);
    d.a_low = low(a.address);
    d.a_high = high(a.address);
    d.b_low = low(b.address);
    d.b_high = high(b.address);
    d.result_low = low(result.address);
    d.result_high = high(result.address);
    d.sums_low = low(how.sums.address);
    d.sums_high = high(how.sums.address);
    d.bias_low = low(how.bias);
    d.bias_high = high(how.bias);
    d.a_stride = a.stride;
    d.b_stride = b.stride;
    d.result_stride = result.stride;
    d.sums_stride = how.sums.stride;
    d.m = m;
    d.n = n;
    d.k = k;
    d.types = static_cast<std::uint32_t>(how.type) | static_cast<std::uint32_t>(how.out) << 8;
    d.mode =
        static_cast<std::uint32_t>(how.dataflow) | static_cast<std::uint32_t>(how.activation) << 8 |
        (how.accumulate ? abi::array_accumulates : 0) | (how.has_bias ? abi::array_has_bias : 0);
    device::submit(d);
}

}  // namespace tilewright::kernel
