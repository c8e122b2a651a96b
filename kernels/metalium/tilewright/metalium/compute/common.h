// What every compute kernel finds: its three cores, and how its host program configured it.
//
// A compute kernel is compiled for the three cores that feed the tile's compute engine: one
// unpacks, one computes, one packs. Each call does what is this core's part of it, and nothing on
// the others.
#pragma once

#include <cstdint>

#include "tilewright/metalium/prelude.h"

#ifndef TILEWRIGHT_COMPUTE_ENGINE
#error "compute kernels are not supported: this chip's tiles have no compute engines"
#endif

#include "tilewright/kernel/tensix/math.hpp"

// `namespace NAMESPACE { void MAIN { ... } }`: the body of the program, under its one name.
#define NAMESPACE tilewright_compute
#define MAIN kernel_main()
namespace NAMESPACE {
extern "C" void kernel_main();
}

// Statements for one of the three cores.
#ifdef UCK_CHLKC_UNPACK
#define UNPACK(...) __VA_ARGS__
#else
#define UNPACK(...)
#endif
#ifdef UCK_CHLKC_MATH
#define MATH(...) __VA_ARGS__
#else
#define MATH(...)
#endif
#ifdef UCK_CHLKC_PACK
#define PACK(...) __VA_ARGS__
#else
#define PACK(...)
#endif

#define ALWI inline __attribute__((always_inline))

enum class MathFidelity : std::uint8_t { LoFi = 0, HiFi2 = 2, HiFi3 = 3, HiFi4 = 4 };
constexpr MathFidelity MATH_FIDELITY = static_cast<MathFidelity>(TILEWRIGHT_MATH_FIDELITY);
constexpr bool DST_ACCUM_MODE = TILEWRIGHT_DST_WIDE;
enum class DstSync : std::uint8_t { SyncHalf = 0, SyncFull = 1 };
enum class DstTileShape : std::uint8_t { Tile32x32 = 0, Tile32x16 = 1, Tile16x16 = 2 };
/// How what the vector unit has computed goes to a Dst of 16 bits.
enum class DstRoundingMode : std::uint8_t { Default = 0, NearestEven = 1 };
/// How many tiles of a shape Dst has, or half of it.
template <DstSync sync, bool wide, DstTileShape shape>
constexpr std::uint32_t get_dest_max_tiles() {
    constexpr std::uint32_t whole_ones = (sync == DstSync::SyncFull ? 16 : 8) / (wide ? 2 : 1);
    return whole_ones << static_cast<std::uint32_t>(shape);
}
namespace ckernel {
using ::DstRoundingMode;
using ::DstSync;
using ::DstTileShape;
using ::get_dest_max_tiles;
}  // namespace ckernel
// A macro, as kernels ask whether it is defined.
#define DST_SYNC_MODE (TILEWRIGHT_DST_FULL ? DstSync::SyncFull : DstSync::SyncHalf)
constexpr bool APPROX = TILEWRIGHT_MATH_APPROX;

/// What the vendor's runtime multiplies by on cores that cannot.
ALWI std::uint32_t mulsi3(std::uint32_t a, std::uint32_t b) {
    return a * b;
}

namespace tilewright::metalium::compute {

namespace engine = kernel::tensix;

inline constexpr engine::DstUse dst_use{.wide = TILEWRIGHT_DST_WIDE, .full = TILEWRIGHT_DST_FULL};

/// Phases of products at the kernel's fidelity.
inline constexpr std::uint32_t phases =
    MATH_FIDELITY == MathFidelity::LoFi ? 1 : static_cast<std::uint32_t>(MATH_FIDELITY);

[[gnu::noinline, noreturn]] inline void fail_dst_index(std::uint32_t index) {
    kernel::print("tile ", index, " of Dst: it has ", dst_use.tiles(),
                  " in this kernel's configuration\n");
    kernel::device::stop();
}
TILEWRIGHT_DEVICE void check_dst_index(std::uint32_t index) {
    if (index >= dst_use.tiles()) [[unlikely]]
        fail_dst_index(index);
}

}  // namespace tilewright::metalium::compute
