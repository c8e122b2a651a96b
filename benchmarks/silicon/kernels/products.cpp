// A loop of products of tiles on the compute engine, eight for each look at the circular buffers,
// over 1, 2, 3 and 4 times `iterations`; the core that unpacks and the one that computes leave the
// cycles of each: phase B of the data set tensixbench of the package wolfpine.
#include "compute_kernel_api/matmul.h"

constexpr uint32_t points = 4;
constexpr uint32_t block = 8;
constexpr uint32_t in0 = 0, in1 = 1, out = 16;

namespace NAMESPACE {
void MAIN {
    const uint32_t iterations = get_arg_val<uint32_t>(0);
    [[maybe_unused]] const uint32_t result = get_arg_val<uint32_t>(1);
    mm_init(in0, in1, out);
    for (uint32_t point = 0; point < points; ++point) {
        tile_regs_acquire();
        const uint32_t begin = tilewright::kernel::cycles_low();
        for (uint32_t left = iterations * (point + 1); left != 0; left -= block) {
            cb_wait_front(in0, block);
            cb_wait_front(in1, block);
            for (uint32_t i = 0; i < block; ++i) matmul_tiles(in0, in1, i, i, 0);
            cb_pop_front(in0, block);
            cb_pop_front(in1, block);
        }
        [[maybe_unused]] const uint32_t cycles = tilewright::kernel::cycles_low() - begin;
        UNPACK((reinterpret_cast<volatile uint32_t*>(result)[point] = cycles));
        MATH((reinterpret_cast<volatile uint32_t*>(result)[points + point] = cycles));
        tile_regs_commit();
        cb_reserve_back(out, 1);
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
        cb_push_back(out, 1);
    }
}
}  // namespace NAMESPACE
