// What the published headers of compute kernels lead to: all calls there are, and by name those
// that are missing.
#pragma once

// What a call does not do on a core, its arguments are not used for.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#include "tilewright/metalium/compute/binary.h"
#include "tilewright/metalium/compute/binary_reuse.h"
#include "tilewright/metalium/compute/common.h"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/first_generation.h"
#include "tilewright/metalium/compute/low_level.h"
#include "tilewright/metalium/compute/mailbox.h"
#include "tilewright/metalium/compute/matmul.h"
#include "tilewright/metalium/compute/missing.h"
#include "tilewright/metalium/compute/pack.h"
#include "tilewright/metalium/compute/print_registers.h"
#include "tilewright/metalium/compute/reconfig.h"
#include "tilewright/metalium/compute/reduce.h"
#include "tilewright/metalium/compute/registers.h"
#include "tilewright/metalium/compute/startup.h"
#include "tilewright/metalium/compute/statistics.h"
#include "tilewright/metalium/compute/tilize.h"
#include "tilewright/metalium/compute/topk.h"
#include "tilewright/metalium/compute/transpose.h"
#include "tilewright/metalium/compute/unary_broadcast.h"
#include "tilewright/metalium/compute/untilize.h"
#include "tilewright/metalium/compute/vector.h"
#include "tilewright/metalium/compute/vector_compare.h"
#include "tilewright/metalium/compute/vector_math.h"
#if !defined(UCK_CHLKC_MATH) || defined(__riscv_zve32x)
#include "tilewright/metalium/compute/vector_columns.h"
#include "tilewright/metalium/compute/vector_division.h"
#include "tilewright/metalium/compute/vector_random.h"
#else
#include "tilewright/metalium/sfpi.h"  // which says what is missing
#endif
#pragma GCC diagnostic pop

// The vendor's namespace of these calls; here they are global.
namespace ckernel {
using ::acquire_dst;
using ::add_tiles;
using ::add_tiles_init;
using ::binary_op_init_common;
using ::binary_tiles_init;
using ::compute_kernel_hw_startup;
using ::copy_block;
using ::copy_block_matmul_partials;
using ::copy_init;
using ::copy_tile;
using ::copy_tile_init;
using ::copy_tile_to_dst_init_short;
using ::copy_tile_to_dst_init_short_with_dt;
using ::InputClamping;
using ::matmul_block;
using ::matmul_block_init;
using ::matmul_init;
using ::matmul_tiles;
using ::mm_block_init;
using ::mm_block_init_short;
using ::mm_init;
using ::mm_init_short;
using ::mul_tiles;
using ::mul_tiles_init;
using ::pack_reconfig_data_format;
using ::pack_reconfig_l1_acc;
using ::pack_tile;
using ::pack_tile_block;
using ::reconfig_data_format;
using ::reconfig_data_format_srca;
using ::reconfig_data_format_srcb;
using ::reduce_init;
using ::reduce_tile;
using ::reduce_uninit;
using ::release_dst;
using ::ReluConfig;
using ::sub_tiles;
using ::sub_tiles_init;
using ::tile_regs_acquire;
using ::tile_regs_commit;
using ::tile_regs_release;
using ::tile_regs_wait;
using ::transpose_wh_init;
using ::transpose_wh_init_short;
using ::transpose_wh_tile;
using ::unary_op_init_common;
using ::VectorMode;
}  // namespace ckernel
