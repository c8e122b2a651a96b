// Compute kernels, as far as they are plain programs of the three cores that drive a tile's matrix
// and vector engines: they run, print, and use circular buffers and semaphores. The engines are not
// simulated: what would use them is declared here only so that the compiler can say so.
#pragma once

#include "tilewright/metalium/prelude.h"

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

#define TILEWRIGHT_NO_COMPUTE(name)                                                          \
    template <auto... options, typename... T>                                                \
    __attribute__((unavailable(                                                              \
        "compute kernels are not supported: the matrix and vector engines behind this call " \
        "are not simulated for TT-Metalium programs"))) void                                 \
    name(T...)

TILEWRIGHT_NO_COMPUTE(acquire_dst);
TILEWRIGHT_NO_COMPUTE(release_dst);
TILEWRIGHT_NO_COMPUTE(tile_regs_acquire);
TILEWRIGHT_NO_COMPUTE(tile_regs_commit);
TILEWRIGHT_NO_COMPUTE(tile_regs_wait);
TILEWRIGHT_NO_COMPUTE(tile_regs_release);
TILEWRIGHT_NO_COMPUTE(compute_kernel_hw_startup);
TILEWRIGHT_NO_COMPUTE(init_sfpu);
TILEWRIGHT_NO_COMPUTE(unary_op_init_common);
TILEWRIGHT_NO_COMPUTE(binary_op_init_common);
TILEWRIGHT_NO_COMPUTE(copy_tile_init);
TILEWRIGHT_NO_COMPUTE(copy_tile_to_dst_init_short);
TILEWRIGHT_NO_COMPUTE(copy_tile);
TILEWRIGHT_NO_COMPUTE(pack_tile);
TILEWRIGHT_NO_COMPUTE(pack_reconfig_data_format);
TILEWRIGHT_NO_COMPUTE(reconfig_data_format);
TILEWRIGHT_NO_COMPUTE(add_tiles_init);
TILEWRIGHT_NO_COMPUTE(sub_tiles_init);
TILEWRIGHT_NO_COMPUTE(mul_tiles_init);
TILEWRIGHT_NO_COMPUTE(add_tiles);
TILEWRIGHT_NO_COMPUTE(sub_tiles);
TILEWRIGHT_NO_COMPUTE(mul_tiles);
TILEWRIGHT_NO_COMPUTE(mm_init);
TILEWRIGHT_NO_COMPUTE(mm_init_short);
TILEWRIGHT_NO_COMPUTE(mm_block_init);
TILEWRIGHT_NO_COMPUTE(matmul_tiles);
TILEWRIGHT_NO_COMPUTE(matmul_block);
TILEWRIGHT_NO_COMPUTE(reduce_init);
TILEWRIGHT_NO_COMPUTE(reduce_tile);
TILEWRIGHT_NO_COMPUTE(transpose_wh_init);
TILEWRIGHT_NO_COMPUTE(transpose_wh_tile);
TILEWRIGHT_NO_COMPUTE(tilize_init);
TILEWRIGHT_NO_COMPUTE(tilize_block);
TILEWRIGHT_NO_COMPUTE(untilize_init);
TILEWRIGHT_NO_COMPUTE(untilize_block);
TILEWRIGHT_NO_COMPUTE(exp_tile_init);
TILEWRIGHT_NO_COMPUTE(exp_tile);
TILEWRIGHT_NO_COMPUTE(relu_tile_init);
TILEWRIGHT_NO_COMPUTE(relu_tile);

#undef TILEWRIGHT_NO_COMPUTE
