// How a kernel's own function of the vector unit is called for the faces of a tile of Dst, by the
// vendor's names.
#pragma once

#include <utility>

#include "tilewright/metalium/compute/vector_math.h"
#include "tilewright/metalium/sfpi/conversions.h"

namespace tilewright::metalium::vectors {

namespace engine = kernel::tensix;

/// What follows works on a tile; with 0, on all of Dst from the half's first row.
TILEWRIGHT_DEVICE void start(std::uint32_t tile) {
    compute::check_dst_index(tile);
    engine::select_dst_tile(tile);
    engine::stall(engine::block::vector, engine::until::matrix);
}
TILEWRIGHT_DEVICE void finish() {
    engine::stall(engine::block::matrix, engine::until::vector);
    engine::matrix::reset_counters();
}
/// The next face is sixteen rows behind the one that began last.
TILEWRIGHT_DEVICE void next_face() {
    engine::issue(op::setrwc{.which = 4, .d = 8, .carry = 4});
    engine::issue(op::setrwc{.which = 4, .d = 8, .carry = 4});
}

/// Calls f for the faces; with RC_custom it is called once and moves on by itself.
template <class F>
TILEWRIGHT_DEVICE void for_each_face(VectorMode mode, F f) {
    if (mode == VectorMode::RC_custom || mode == VectorMode::None) {
        f();
        return;
    }
#pragma clang loop unroll(disable)
    for (std::uint32_t face = 0; face < 4; ++face) {
        if (engine::has_face(compute::faces_of(mode), face)) f();
        next_face();
    }
}

}  // namespace tilewright::metalium::vectors

// --- The vendor's names --------------------------------------------------------------------------

TILEWRIGHT_DEVICE void _llk_math_eltwise_sfpu_start_(std::uint32_t tile) {
    tilewright::metalium::vectors::start(tile);
}
TILEWRIGHT_DEVICE void _llk_math_eltwise_sfpu_done_() {
    tilewright::metalium::vectors::finish();
}
TILEWRIGHT_DEVICE void _llk_math_eltwise_sfpu_inc_dst_face_addr_() {
    tilewright::metalium::vectors::next_face();
}
#define TILEWRIGHT_KIND(kind)                                                           \
    template <auto... options>                                                          \
    TILEWRIGHT_DEVICE void _llk_math_eltwise_##kind##_sfpu_init_() {}                   \
    template <auto... options>                                                          \
    TILEWRIGHT_DEVICE void _llk_math_eltwise_##kind##_sfpu_start_(std::uint32_t tile) { \
        tilewright::metalium::vectors::start(tile);                                     \
    }                                                                                   \
    template <auto... options>                                                          \
    TILEWRIGHT_DEVICE void _llk_math_eltwise_##kind##_sfpu_done_() {                    \
        tilewright::metalium::vectors::finish();                                        \
    }                                                                                   \
    TILEWRIGHT_DEVICE void _llk_math_eltwise_##kind##_sfpu_inc_dst_face_addr_() {       \
        tilewright::metalium::vectors::next_face();                                     \
    }                                                                                   \
    template <auto... options, class... Init>                                           \
    TILEWRIGHT_DEVICE void llk_math_eltwise_##kind##_sfpu_init(Init&&... init) {        \
        (init(), ...);                                                                  \
    }
TILEWRIGHT_KIND(unary)
TILEWRIGHT_KIND(binary)
TILEWRIGHT_KIND(ternary)
#undef TILEWRIGHT_KIND

/// f(args...) for the faces of one tile.
template <auto... options, class F, class... Args>
TILEWRIGHT_DEVICE void _llk_math_eltwise_unary_sfpu_params_(F&& f, std::uint32_t tile,
                                                            VectorMode mode = VectorMode::RC,
                                                            Args&&... args) {
    using namespace tilewright::metalium::vectors;
    start(tile);
    for_each_face(mode, [&] { f(args...); });
    finish();
}
/// f(in0, in1, out, args...), with dst_reg[] counted from tile 0.
template <auto... options, class F, class... Args>
TILEWRIGHT_DEVICE void _llk_math_eltwise_binary_sfpu_params_(F&& f, std::uint32_t in0,
                                                             std::uint32_t in1, std::uint32_t out,
                                                             VectorMode mode = VectorMode::RC,
                                                             Args&&... args) {
    using namespace tilewright::metalium;
    for (const std::uint32_t tile : {in0, in1, out}) compute::check_dst_index(tile);
    vectors::start(0);
    vectors::for_each_face(mode, [&] { f(in0, in1, out, args...); });
    vectors::finish();
}
/// f(in0, in1, in2, out, args...).
template <auto... options, class F, class... Args>
TILEWRIGHT_DEVICE void _llk_math_eltwise_ternary_sfpu_params_(F&& f, std::uint32_t in0,
                                                              std::uint32_t in1, std::uint32_t in2,
                                                              std::uint32_t out,
                                                              VectorMode mode = VectorMode::RC,
                                                              Args&&... args) {
    using namespace tilewright::metalium;
    for (const std::uint32_t tile : {in0, in1, in2, out}) compute::check_dst_index(tile);
    vectors::start(0);
    vectors::for_each_face(mode, [&] { f(in0, in1, in2, out, args...); });
    vectors::finish();
}
#define TILEWRIGHT_SHORT_NAME(kind)                                                \
    template <auto... options, class... Args>                                      \
    TILEWRIGHT_DEVICE void llk_math_eltwise_##kind##_sfpu_params(Args&&... args) { \
        _llk_math_eltwise_##kind##_sfpu_params_(std::forward<Args>(args)...);      \
    }
TILEWRIGHT_SHORT_NAME(unary)
TILEWRIGHT_SHORT_NAME(binary)
TILEWRIGHT_SHORT_NAME(ternary)
#undef TILEWRIGHT_SHORT_NAME

// A function of ckernel::sfpu with template arguments in parentheses.
#define TILEWRIGHT_EXPAND(...) __VA_ARGS__
#define SFPU_UNARY_CALL(sync, wide, f, options, ...) \
    _llk_math_eltwise_unary_sfpu_params_(::ckernel::sfpu::f<TILEWRIGHT_EXPAND options>, __VA_ARGS__)
#define SFPU_UNARY_CALL_NO_TEMPLATE_ARGS(sync, wide, f, ...) \
    _llk_math_eltwise_unary_sfpu_params_(::ckernel::sfpu::f, __VA_ARGS__)
#define SFPU_BINARY_CALL(sync, wide, f, options, ...)                                    \
    _llk_math_eltwise_binary_sfpu_params_(::ckernel::sfpu::f<TILEWRIGHT_EXPAND options>, \
                                          __VA_ARGS__)
#define SFPU_BINARY_CALL_NO_TEMPLATE_ARGS(sync, wide, f, ...) \
    _llk_math_eltwise_binary_sfpu_params_(::ckernel::sfpu::f, __VA_ARGS__)
#define SFPU_TERNARY_CALL(sync, wide, f, options, ...)                                    \
    _llk_math_eltwise_ternary_sfpu_params_(::ckernel::sfpu::f<TILEWRIGHT_EXPAND options>, \
                                           __VA_ARGS__)
#define SFPU_TERNARY_CALL_NO_TEMPLATE_ARGS(sync, wide, f, ...) \
    _llk_math_eltwise_ternary_sfpu_params_(::ckernel::sfpu::f, __VA_ARGS__)

namespace ckernel::sfpu {}
// Published kernels say vFloat and dst_reg without more.
using namespace sfpi;
