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
#include "tilewright/metalium/compute/vector_random.h"
#else
#include "tilewright/metalium/sfpi.h"  // which says what is missing
#endif
#pragma GCC diagnostic pop

// The vendor's namespace of these calls; here they are global.
namespace ckernel {
using ::InputClamping;
using ::ReluConfig;
using ::VectorMode;
}  // namespace ckernel
