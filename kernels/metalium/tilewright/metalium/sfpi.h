// sfpi: the vector unit's programs in C++, for the core that computes. vFloat, vInt and vUInt are
// values in its registers; dst_reg[] reaches Dst; v_if and its family choose lanes.
//
// Values live in registers that the compiler allocates: eight at once, and nowhere else.
#pragma once

#ifdef UCK_CHLKC_MATH
#ifdef __riscv_zve32x
#include "tilewright/metalium/sfpi/tiles.h"
#else
namespace sfpi {
class __attribute__((unavailable("sfpi needs zig or clang 20 or later"))) vFloat;
class __attribute__((unavailable("sfpi needs zig or clang 20 or later"))) vInt;
class __attribute__((unavailable("sfpi needs zig or clang 20 or later"))) vUInt;
}  // namespace sfpi
#endif
#endif
