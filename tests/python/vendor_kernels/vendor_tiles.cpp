// Tiles through the vendor's low-level functions: each thread's part of a loop over pairs of tiles.
#include "around_vendor.hpp"
#include "tasks.hpp"

namespace {

constexpr ckernel::MathFidelity fidelity(const Task& task) {
    using enum ckernel::MathFidelity;
    return task.phases == 1 ? LoFi : task.phases == 2 ? HiFi2 : task.phases == 3 ? HiFi3 : HiFi4;
}
constexpr ckernel::BroadcastType broadcast(const Task& task) {
    using enum ckernel::BroadcastType;
    return task.shared == Shared::none     ? NONE
           : task.shared == Shared::column ? COL
           : task.shared == Shared::row    ? ROW
                                           : SCALAR;
}
constexpr auto half = ckernel::DstSync::SyncHalf;
constexpr std::uint32_t faces = 4, rows_of_face = 16;
constexpr ckernel::TensorShape whole_tile{16, 16, 2, 2};

}  // namespace

#if COMPILE_FOR_TRISC == 0
#include "llk_unpack_A.h"
#include "llk_unpack_AB.h"
#include "llk_unpack_AB_matmul.h"
#include "llk_unpack_common.h"

template <Task task>
static void run(Work work) {
    const std::uint32_t units = work.in_bytes / 16;
    constexpr std::uint32_t across = side(task);
    _llk_unpack_hw_configure_<task.wide>(work.in, work.in, work.source, work.source, rows_of_face,
                                         rows_of_face, faces, faces, units, units);
    if constexpr (is_matmul(task)) {
        _llk_unpack_AB_matmul_init_<>(0, across, across, 1);
    } else if constexpr (is_copy(task)) {
        constexpr std::uint32_t transposed = task.operation == Operation::transpose ? 1 : 0;
        _llk_unpack_A_init_<>(transposed, transposed, whole_tile, work.in, work.source);
    } else {
        _llk_unpack_AB_init_<broadcast(task)>(whole_tile);
    }
    for (std::uint32_t i = 0; i < work.count; i += across) {
        const std::uint32_t left = L1_ADDRESS(work.a + i * work.in_bytes);
        const std::uint32_t right = L1_ADDRESS(work.b + i * work.in_bytes);
        if constexpr (is_matmul(task)) {
            _llk_unpack_AB_matmul_<>(left, right, 0, 0, units, units, false, false, across, across,
                                     1);
        } else if constexpr (is_copy(task)) {
            _llk_unpack_A_<>(left, work.in, work.source);
        } else {
            _llk_unpack_AB_<broadcast(task)>(left, right);
        }
    }
    ckernel::tensix_sync();
}
#endif

#if COMPILE_FOR_TRISC == 1
#include "llk_math_common.h"
#include "llk_math_eltwise_binary.h"
#include "llk_math_eltwise_unary_datacopy.h"
#include "llk_math_matmul.h"

template <Task task>
static void run(Work work) {
    using enum ckernel::EltwiseBinaryType;
    constexpr auto combine = task.operation == Operation::add   ? ELWADD
                             : task.operation == Operation::sub ? ELWSUB
                                                                : ELWMUL;
    constexpr auto from_a = ckernel::DataCopyType::A2D;
    constexpr std::uint32_t across = side(task);
    _llk_math_pack_sync_init_<half, task.wide>();
    _llk_math_hw_configure_<task.wide>(work.source, work.source);
    if constexpr (is_matmul(task)) {
        _llk_math_matmul_init_<fidelity(task)>(32, 32, 32, 32, false, 0, across, across);
        _llk_math_wait_for_dest_available_<half>();
        for (std::uint32_t i = 0; i < work.count; i += across) {
            _llk_math_matmul_<fidelity(task)>(0, across, across);
        }
        _llk_math_dest_section_done_<half, task.wide>();
    } else {
        if constexpr (is_copy(task)) {
            _llk_math_eltwise_unary_datacopy_init_<from_a, task.wide>(faces, work.source);
        } else {
            _llk_math_eltwise_binary_init_<combine, broadcast(task), fidelity(task)>(whole_tile,
                                                                                     false);
        }
        for (std::uint32_t i = 0; i < work.count; ++i) {
            _llk_math_wait_for_dest_available_<half>();
            if constexpr (is_copy(task)) {
                _llk_math_eltwise_unary_datacopy_<from_a, half, task.wide>(0, work.source,
                                                                           work.source);
            } else {
                _llk_math_eltwise_binary_<combine, broadcast(task), half, task.wide,
                                          fidelity(task)>(whole_tile, 0, false);
            }
            _llk_math_dest_section_done_<half, task.wide>();
        }
    }
    ckernel::tensix_sync();
}
#endif

#if COMPILE_FOR_TRISC == 2
#include "llk_lib_pack_wrappers.h"
#include "llk_pack_common.h"

template <Task task>
static void run(Work work) {
    _llk_pack_hw_configure_wrapper_<task.wide>(work.dst, work.packed, work.packed_bytes);
    _llk_pack_init_wrapper_<>(work.packed);
    _llk_pack_dest_init_<half, task.wide>();
    constexpr std::uint32_t tiles = side(task) * side(task);
    for (std::uint32_t i = 0; i < (is_matmul(task) ? tiles : work.count); i += tiles) {
        _llk_packer_wait_for_math_done_();
        for (std::uint32_t tile = 0; tile < tiles; ++tile) {
            _llk_pack_<half, task.wide>(tile, L1_ADDRESS(work.c + (i + tile) * work.packed_bytes));
        }
        _llk_pack_dest_section_done_<half, task.wide>();
    }
    ckernel::tensix_sync();
}
#endif

TILEWRIGHT_TASKS(run)
