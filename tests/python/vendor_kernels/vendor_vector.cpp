// The vendor's functions of the vector unit on tiles of Dst with 32 bits, for the core that
// computes alone: it fills Dst from L1 and brings it back there.
#include "around_vendor.hpp"
#include "ckernel_addrmod.h"
#include "cmath_common.h"
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/tensix/vector.hpp"
#undef LLK_ASSERT
#define LLK_ASSERT(...)
#include "sfpu/ckernel_sfpu_topk.h"
#include "sfpu/ckernel_sfpu_welfords.h"

namespace {

namespace engine = tilewright::kernel::tensix;
namespace op = engine::op;
namespace reg = tilewright::abi::compute_register;

constexpr std::uint32_t rows = 4 * engine::tile_rows, row_words = 16;
constexpr engine::DstUse dst_use{.wide = true, .full = false};

/// The words of a lane after the other.
void fill_dst(const std::uint32_t* words) {
    for (std::uint32_t row = 0; row < rows; row += 2) {
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
            const std::uint32_t column = 2 * (lane & 7) + (row >> 1 & 1);
            const std::uint32_t word = words[((row & ~3u) + lane / 8) * row_words + column];
            engine::vector::copy(1, 15);
            engine::issue(op::sfpiadd{.mode = 1 | 4, .vd = 1, .vc = 1, .value = -2 * lane});
            engine::issue(op::sfpsetcc{.mode = 6, .vc = 1});
            engine::vector::set(0, word);
            engine::vector::all_lanes();
        }
        engine::vector::store(0, row, engine::vector::int32);
    }
}
void take_dst(volatile std::uint32_t* words) {
    engine::wait_until_done();
    const auto* const dst = reinterpret_cast<const volatile std::uint32_t*>(
        tilewright::abi::compute_registers + reg::wide_dst);
    for (std::uint32_t i = 0; i < rows * row_words; ++i) {
        // Sign, 7 bits of mantissa, 8 of exponent; the lower half is as it is.
        const std::uint32_t bits = dst[i], upper = bits >> 16;
        words[i] = (upper & 0x8000) << 16 | (upper & 0xff) << 23 | (upper >> 8 & 0x7f) << 16 |
                   (bits & 0xffff);
    }
}

template <bool stable, ckernel::sfpu::TopkTieOrder order>
void sort(std::uint32_t what, const std::uint32_t* a) {
    using namespace ckernel::sfpu;
    ckernel::addr_mod_t{.srca = {.incr = 0}, .srcb = {.incr = 0}, .dest = {.incr = 32}}.set(
        ckernel::ADDR_MOD_6);
    ckernel::addr_mod_t{.srca = {.incr = 0}, .srcb = {.incr = 0}, .dest = {.incr = 0}}.set(
        ckernel::ADDR_MOD_7);
    _init_topk();
    if (what == 0) {
        _bitonic_topk_phases_steps<true, true, stable, false, false, order>(a[0], a[1], a[2], a[3],
                                                                            a[4]);
    } else if (what == 1) {
        _bitonic_topk_merge<true, true, false, stable, false, false, order>(a[0], a[1]);
    } else if (what == 2) {
        _bitonic_topk_merge<true, true, true, stable, false, false, order>(a[0], a[1]);
    } else {
        _bitonic_topk_rebuild<true, true, stable, false, false, order>(false, a[0], a[1], a[2],
                                                                       a[3]);
    }
}

void average(std::uint32_t what, const std::uint32_t* a) {
    using namespace ckernel::sfpu;
    ckernel::addr_mod_t{.srca = {.incr = 0}, .srcb = {.incr = 0}, .dest = {.incr = 0}}.set(
        ckernel::ADDR_MOD_7);
    _init_sfpu_config_reg();
    const auto of_tile = [](std::uint32_t tile, auto f, auto... args) {
        ckernel::sfpu::set_dst_write_addr(tile * engine::tile_rows);
        f(args...);
    };
    if (what == 0) {  // Welford, of tile 0 and 1, to 2 and 3
        constexpr std::array<std::uint32_t, 0> none{};
        _program_welfords_replay_buffer_();
        _clear_previous_mean_and_m2_();
        of_tile(0, [&] { _calculate_welfords_tile_<0>(0, none); });
        of_tile(2, [] { _store_mean_m2_to_dst_(); });
        of_tile(2, [] { _load_mean_m2_from_dst_(); });
        of_tile(1, [&] { _calculate_welfords_partial_tile_<0>(32, 3, a[0], none); });
        of_tile(2, [&] { _store_mean_var_to_dst_row_<0>(31 + a[0], none); });
        return;
    }
    // Two passes over rows of tile 0 and all of tile 1.
    of_tile(0, [&] { _two_pass_update_shifted_rows_<false, true, true>(3, a[0]); });
    of_tile(1, [] { _two_pass_update_shifted_rows_<false, false, true>(0, 32); });
    if (what == 2) {
        _two_pass_finish_shifted_mean_<true, true>(a[1]);
    } else {
        _two_pass_finish_shifted_mean_<true>(a[1]);
    }
    of_tile(0, [&] { _two_pass_update_rows_<true>(3, a[0]); });
    of_tile(1, [] { _two_pass_update_rows_<true>(0, 32); });
    switch (what) {
        case 1:
            return of_tile(2, [&] { _two_pass_store_mean_var_to_dst_row_<true>(a[1]); });
        case 2:
            return of_tile(2, [&] { _two_pass_store_split_mean_var_to_dst_row_<true>(a[1]); });
        case 3:
            return of_tile(
                0, [&] { _two_pass_store_combined_mean_var_to_dst_raw_group_<true>(2, a[1]); });
        default:  // the same once more, as another block
            of_tile(2, [] { _two_pass_store_mean_m2_to_dst_<true>(); });
            of_tile(0, [] { _two_pass_update_shifted_rows_<false, true, true>(0, 7); });
            _two_pass_finish_shifted_mean_<true>(0x3e12'4925);
            of_tile(0, [] { _two_pass_update_rows_<true>(0, 7); });
            return of_tile(2, [&] { _two_pass_combine_block_to_dst_<true>(a[2], 0x40e0'0000); });
    }
}

}  // namespace

/// Where the tiles lie, and where they go; which function, how equal numbers are ordered or that it
/// is statistics, and arguments.
static void run(std::uint32_t words, std::uint32_t out, std::uint32_t what, std::uint32_t order,
                std::uint32_t a0, std::uint32_t a1, std::uint32_t a2, std::uint32_t a3,
                std::uint32_t a4) {
    const std::uint32_t a[] = {a0, a1, a2, a3, a4};
#ifdef ARCH_WORMHOLE
    // Instructions there can name four address modes: the upper ones.
    ckernel::math::set_addr_mod_base();
#endif
    engine::start_math(dst_use, engine::Format::tf32, engine::Format::tf32, false);
    fill_dst(reinterpret_cast<const std::uint32_t*>(words));
    using ckernel::sfpu::TopkTieOrder;
    if (order == 0) sort<false, TopkTieOrder::Unset>(what, a);
    if (order == 1) sort<true, TopkTieOrder::Ascending>(what, a);
    if (order == 2) sort<true, TopkTieOrder::Descending>(what, a);
    if (order == 3) average(what, a);
    take_dst(reinterpret_cast<volatile std::uint32_t*>(out));
}
TILEWRIGHT_KERNEL(run)
