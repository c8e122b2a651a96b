// The loops of vendor_tiles.cpp through our own headers.
#include "tasks.hpp"
#include "tilewright/kernel/tensix/elementwise.hpp"
#include "tilewright/kernel/tensix/matmul.hpp"
#include "tilewright/kernel/tensix/pack.hpp"
#include "tilewright/kernel/tensix/unpack.hpp"

namespace {

using namespace tilewright::kernel::tensix;

Format format(std::uint32_t number) {
    return static_cast<Format>(number);
}
template <Task task>
constexpr DstUse dst_use{.wide = task.wide, .full = false};

/// Numbers of fewer bits than Dst has come into it as sums with zeros.
template <Task task>
bool copies_by_sums(Format source) {
    return task.wide && source != Format::tf32;
}

}  // namespace

#if COMPILE_FOR_TRISC == 0
template <Task task>
static void run(Work work) {
    const Format in = format(work.in), source = unpacked_format(in, false, task.wide);
    // Of a matmul, the left tile comes by SrcB.
    const std::uint32_t a = is_matmul(task) ? work.b : work.a;
    const std::uint32_t b = is_matmul(task) ? work.a : work.b;
    start_unpacker(0, {.in = in, .out = source});
    start_unpacker(1, {.in = in, .out = source});
    start_unpacking();
    transpose_faces(task.operation == Operation::transpose);
    for (std::uint32_t i = 0; i < work.count; i += side(task)) {
        const std::uint32_t at = i * work.in_bytes, next = at + work.in_bytes;
        if constexpr (is_copy(task)) {
            unpack_tile({}, 0, a + at);
            if (copies_by_sums<task>(source)) unpack_zeros(1);
        } else if constexpr (task.operation == Operation::block) {
            for (const std::uint32_t left : {at, next}) {
                unpack_tile({}, 1, b + left);
                unpack_tile({}, 0, a + at);
                unpack_tile({}, 0, a + next);
            }
        } else {
            const UnpackCall call;
            unpack_tiles(call, a + at, b + at);
        }
    }
    wait_until_done();
}
#endif

#if COMPILE_FOR_TRISC == 1
template <Task task>
static void multiply(const Work& work) {
    start_matmul(false);
    acquire_dst_half();
    for (std::uint32_t i = 0; i < work.count; i += side(task)) {
        if constexpr (task.operation == Operation::matmul) {
            multiply_tiles(0, task.phases, matrix::flip_both);
        } else {
            for (std::uint32_t tile = 0; tile < 4; ++tile) {
                const bool last = tile % 2 != 0;  // of its row
                multiply_tiles(tile, task.phases, last ? matrix::flip_both : matrix::flip_a);
            }
        }
    }
    commit_dst_half(dst_use<task>);
}
template <Task task>
static void combine(const Work& work, Format source) {
    constexpr auto operation = task.operation == Operation::mul   ? Elementwise::multiply
                               : task.operation == Operation::sub ? Elementwise::subtract
                                                                  : Elementwise::add;
    constexpr bool clear = task.operation == Operation::mul;
    constexpr auto broadcast = static_cast<Broadcast>(task.shared);
    const bool moves = is_copy(task) && !copies_by_sums<task>(source);
    moves ? start_copies(task.operation == Operation::transpose)
          : start_elementwise(operation, broadcast, false);
    for (std::uint32_t i = 0; i < work.count; ++i) {
        acquire_dst_half();
        moves ? copy_to_dst(0)
              : combine_tiles(dst_use<task>, 0, task.phases, clear, matrix::flip_both);
        commit_dst_half(dst_use<task>);
    }
}
template <Task task>
static void run(Work work) {
    const Format source = unpacked_format(format(work.in), false, task.wide);
    start_math(dst_use<task>, source, source, false);
    if constexpr (is_matmul(task)) {
        multiply<task>(work);
    } else {
        combine<task>(work, source);
    }
    wait_until_done();
}
#endif

#if COMPILE_FOR_TRISC == 2
template <Task task>
static void run(Work work) {
    const Format out = format(work.packed);
    start_packers({.intermediate = intermediate_format(out, task.wide, false), .out = out},
                  dst_use<task>);
    constexpr std::uint32_t tiles = side(task) * side(task);
    for (std::uint32_t i = 0; i < (is_matmul(task) ? tiles : work.count); i += tiles) {
        wait_for_dst_half();
        for (std::uint32_t tile = 0; tile < tiles; ++tile) {
            pack_to(tile, work.c + (i + tile) * work.packed_bytes);
        }
        release_dst_half(dst_use<task>);
    }
    wait_until_done();
}
#endif

TILEWRIGHT_TASKS(run)
