// How cores reach the engines that move data and multiply: registers by byte offset from
// abi::engine_registers, flags, and the descriptors of commands.
//
// The simulator implements it, kernels are compiled against it; so it is freestanding: constants
// and plain structs of 32-bit words.
#pragma once

#include <cstdint>

#include "tilewright/engine/limits.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright::abi {

namespace engine_register {
/// write: the address, in this tile's L1 or this core's local memory, of an EngineDescriptor or an
/// ArrayDescriptor. It is read at once, and its command joins the queue of its engine; the core
/// waits while that is full.
inline constexpr std::uint32_t submit = 0x00;
inline constexpr std::uint32_t l1_low = 0x08;   ///< read: global address of this tile's L1
inline constexpr std::uint32_t l1_high = 0x0C;  ///< its upper half
/// Flag n at flags + 4 n: read its value (`lr.w` may reserve it and `wrs.nto` wait for a change),
/// or write it.
inline constexpr std::uint32_t flags = 0x1000;
/// write: add to flag n at flags_add + 4 n.
inline constexpr std::uint32_t flags_add = flags + 4 * engine_flag_count;
inline constexpr std::uint32_t size = flags_add + 4 * engine_flag_count;
}  // namespace engine_register

/// The address is that of a flag's value, and which flag it is.
constexpr bool is_engine_flag(std::uint32_t address) {
    return address - (engine_registers + engine_register::flags) < 4 * engine_flag_count;
}
constexpr std::uint32_t engine_flag(std::uint32_t address) {
    return (address - (engine_registers + engine_register::flags)) / 4;
}

/// With what every descriptor begins.
struct EngineHeader {
    std::uint32_t kind;        ///< EngineKind: 0 DMA, 1 block mover, 2 streamer, 3 systolic array
    std::uint32_t index;       ///< of the engine among those of its kind
    std::uint32_t wait_flag;   ///< the flag to wait for; no_flag: none
    std::uint32_t wait_value;  ///< until it is at least this
    std::uint32_t done_flag;   ///< the flag to add to at the end; no_flag: none
    std::uint32_t done_increment;  ///< what is added
};

/// What a kernel tells an engine that moves data; addresses are global.
struct EngineDescriptor {
    EngineHeader header;
    std::uint32_t source_low;  ///< streamer: of the matrix in L2
    std::uint32_t source_high;
    std::uint32_t destination_low;  ///< streamer: in the L1 buffer
    std::uint32_t destination_high;
    std::uint32_t source_stride;       ///< bytes between rows; 0: they follow each other
    std::uint32_t destination_stride;  ///< likewise; a streamer has none
    std::uint32_t rows;                ///< DMA: rows; else the height of the matrix
    std::uint32_t columns;             ///< DMA: bytes of a row; else the width of the matrix
    std::uint32_t element_bytes;       ///< not for DMA
    std::uint32_t mode;                ///< block mover: Transform; streamer: order | direction << 8
    std::uint32_t reshaped_width;      ///< block mover, reshape
};

/// What a kernel tells a systolic array: result = activation(sums + a * b + bias), as
/// engine/systolic/array_matmul.hpp says. Addresses are global; strides are bytes between rows, 0:
/// they follow each other.
struct ArrayDescriptor {
    EngineHeader header;
    std::uint32_t a_low;
    std::uint32_t a_high;
    std::uint32_t b_low;
    std::uint32_t b_high;
    std::uint32_t result_low;
    std::uint32_t result_high;
    std::uint32_t sums_low;  ///< with array_accumulates
    std::uint32_t sums_high;
    std::uint32_t bias_low;  ///< with array_has_bias
    std::uint32_t bias_high;
    std::uint32_t a_stride;
    std::uint32_t b_stride;
    std::uint32_t result_stride;
    std::uint32_t sums_stride;
    std::uint32_t m;
    std::uint32_t n;
    std::uint32_t k;
    std::uint32_t types;  ///< DataType of a and b | that of the result << 8
    std::uint32_t mode;   ///< Dataflow | Activation << 8 | the two below
};
inline constexpr std::uint32_t array_accumulates = 1u << 16;
inline constexpr std::uint32_t array_has_bias = 1u << 17;

}  // namespace tilewright::abi
