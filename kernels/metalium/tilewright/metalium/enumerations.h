// Enumerations of compute kernels that data-movement kernels name as well, and few helpers that
// the vendor has among its own of compute kernels.
#pragma once

#include <cstdint>
#include <cstring>

#include "tilewright/kernel/device.hpp"
#include "tilewright/metalium/types.h"

// Programs define such words for their kernels: those stay what they are.
#pragma push_macro("NONE")
#pragma push_macro("COL")
#pragma push_macro("ROW")
#pragma push_macro("SCALAR")
#pragma push_macro("SUM")
#pragma push_macro("AVG")
#pragma push_macro("MAX")
#undef NONE
#undef COL
#undef ROW
#undef SCALAR
#undef SUM
#undef AVG
#undef MAX
enum class EltwiseBinaryType : std::uint8_t { ELWMUL, ELWADD, ELWSUB };
enum class BroadcastType : std::uint8_t { NONE = 0, COL = 1, ROW = 2, SCALAR = 3 };
/// Which source the tile of Dst takes: SrcA has the left operand, SrcB the right one.
enum class EltwiseBinaryReuseDestType : std::uint8_t { NONE, DEST_TO_SRCA, DEST_TO_SRCB };
enum class PoolType : std::uint8_t { SUM, AVG, MAX, MIN };
/// Which dimension goes: the numbers of each row (or column) become one.
enum class ReduceDim : std::uint8_t { REDUCE_ROW, REDUCE_COL, REDUCE_SCALAR };
enum class ReluType : std::uint8_t { NO_RELU, ZERO_RELU, MIN_THRESHOLD_RELU, MAX_THRESHOLD_RELU };
#pragma pop_macro("NONE")
#pragma pop_macro("COL")
#pragma pop_macro("ROW")
#pragma pop_macro("SCALAR")
#pragma pop_macro("SUM")
#pragma pop_macro("AVG")
#pragma pop_macro("MAX")

// The vendor's namespace of these; here they are global.
namespace ckernel {
using ::BroadcastType;
using ::EltwiseBinaryReuseDestType;
using ::EltwiseBinaryType;
using ::PoolType;
using ::ReduceDim;
using ::ReluType;

/// A load that later instructions wait for, as all loads do here.
template <typename T>
TILEWRIGHT_DEVICE T load_blocking(volatile T* word) {
    return *word;
}
}  // namespace ckernel

// --- bfloat16 by its bits ------------------------------------------------------------------------

inline constexpr std::uint16_t NEG_INF_BFLOAT16 = 0xFF80;
inline constexpr std::uint16_t POS_INF_BFLOAT16 = 0x7F80;
inline constexpr std::uint16_t NAN_BFLOAT16 = 0x7FFF;
inline constexpr std::uint16_t BFLOAT16_SIGN_MASK = 0x8000;
inline constexpr std::uint16_t BFLOAT16_EXPONENT_MASK = 0x7F80;
inline constexpr std::uint16_t BFLOAT16_MANTISSA_MASK = 0x007F;
inline constexpr std::uint16_t BFLOAT16_MAGNITUDE_MASK = 0x7FFF;

TILEWRIGHT_DEVICE float bf16_to_fp32(std::uint16_t bits) {
    return __builtin_bit_cast(float, std::uint32_t{bits} << 16);
}
/// To the nearest, ties to even.
TILEWRIGHT_DEVICE std::uint16_t fp32_to_bf16(float value) {
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
/// Towards zero.
TILEWRIGHT_DEVICE std::uint16_t fp32_to_bf16_truncate(float value) {
    return static_cast<std::uint16_t>(__builtin_bit_cast(std::uint32_t, value) >> 16);
}
/// Whether a > b; of numbers of the same sign their magnitudes count, so that -0 < 0.
TILEWRIGHT_DEVICE bool bfloat16_greater(std::uint16_t a, std::uint16_t b) {
    if (((a ^ b) & BFLOAT16_SIGN_MASK) != 0) return (a & BFLOAT16_SIGN_MASK) == 0;
    return (a & BFLOAT16_SIGN_MASK) != 0 ? a < b : a > b;
}
/// The halves of a float's bits.
struct FloatBits {
    std::uint16_t high16;
    std::uint16_t low16;

    TILEWRIGHT_DEVICE explicit FloatBits(float value)
        : high16(fp32_to_bf16_truncate(value)),
          low16(static_cast<std::uint16_t>(__builtin_bit_cast(std::uint32_t, value))) {}
};
