// Sums, averages and maxima of a tile's rows or columns, or of all its numbers. The scale is the
// first row of each face of a tile of its own; of all numbers it counts twice.
#pragma once

#include "tilewright/kernel/tensix/reduce.hpp"
#include "tilewright/metalium/compute/reconfig.h"
#include "tilewright/metalium/compute/registers.h"
#include "tilewright/metalium/compute/startup.h"

namespace tilewright::metalium::compute {

template <PoolType type>
constexpr engine::Pool pool_of() {
    static_assert(type != PoolType::MIN,
                  "PoolType::MIN: the matrix unit has sums, averages and maxima of a tile");
    return type == PoolType::MAX ? engine::Pool::maximum : engine::Pool::sum;
}
constexpr engine::Reduced reduced(ReduceDim dim) {
    return dim == ReduceDim::REDUCE_ROW   ? engine::Reduced::rows
           : dim == ReduceDim::REDUCE_COL ? engine::Reduced::columns
                                          : engine::Reduced::all;
}

constexpr std::uint32_t setup_of(engine::Pool pool, engine::Reduced what) {
    return call_setup::reduce | static_cast<std::uint32_t>(pool) << 2 |
           static_cast<std::uint32_t>(what);
}

/// Of operands for whose formats the engine is configured.
TILEWRIGHT_DEVICE void start_reduce(engine::Pool pool, engine::Reduced what) {
    UNPACK((engine::transpose_faces(engine::transposes_a(what))));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((note(What::sets_up, setup_of(pool, what))));
    MATH((engine::start_reduction(pool, what)));
    PACK((note(What::masks)));
    PACK((engine::pack_only(what == engine::Reduced::columns ? 0xffff : 1,
                            what == engine::Reduced::rows ? 1 : 0)));
}
TILEWRIGHT_DEVICE void start_reduce(engine::Pool pool, engine::Reduced what, std::uint32_t icb,
                                    std::uint32_t icb_scaler) {
    if (!same_format(icb, icb_scaler)) {
        const bool swapped = engine::swaps_sources(pool, what);
        reconfig_data_format_srca(swapped ? icb_scaler : icb);
        reconfig_data_format_srcb(swapped ? icb : icb_scaler);
    }
    start_reduce(pool, what);
}
TILEWRIGHT_DEVICE void unpack_to_reduce(engine::Pool pool, engine::Reduced what, std::uint32_t data,
                                        std::uint32_t scaler) {
    const bool swapped = engine::swaps_sources(pool, what);
    const engine::UnpackCall call;
    engine::unpack_tiles(call, swapped ? scaler : data, swapped ? data : scaler);
}

}  // namespace tilewright::metalium::compute

// A kernel's host can name what it reduces by defines.
#if defined(REDUCE_OP) && defined(REDUCE_DIM)
#define TILEWRIGHT_REDUCTION PoolType type = REDUCE_OP, ReduceDim dim = REDUCE_DIM
#else
#define TILEWRIGHT_REDUCTION PoolType type, ReduceDim dim
#endif

/// From here on only what reductions give is packed, and zeros around it, until reduce_uninit().
template <TILEWRIGHT_REDUCTION, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void reduce_init(std::uint32_t icb, std::uint32_t icb_scaler, std::uint32_t ocb) {
    using namespace tilewright::metalium::compute;
    start_reduce(pool_of<type>(), reduced(dim), icb, icb_scaler);
}
TILEWRIGHT_DEVICE void reduce_uninit(std::uint32_t icb = 0) {
    using namespace tilewright::metalium::compute;
    PACK((note(What::unmasks)));
    PACK((engine::pack_all()));
}
/// Of operands that other calls have unpacked.
template <TILEWRIGHT_REDUCTION, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void reduce_tile_math(std::uint32_t dst, std::uint32_t faces = 4) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    MATH((note(What::uses, setup_of(pool_of<type>(), reduced(dim)))));
    MATH((engine::reduce(dst_use, dst_use.wide && !fp16_in_dst, pool_of<type>(), reduced(dim), dst,
                         phases)));
}
/// A tile, combined with what the tile of Dst has of others.
template <TILEWRIGHT_REDUCTION, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void reduce_tile(std::uint32_t icb, std::uint32_t icb_scaler, std::uint32_t tile,
                                   std::uint32_t scaler_tile, std::uint32_t dst) {
    using namespace tilewright::metalium::compute;
    UNPACK((unpack_to_reduce(pool_of<type>(), reduced(dim), front_address(icb, tile),
                             front_address(icb_scaler, scaler_tile))));
    reduce_tile_math<type, dim>(dst);
}
/// Tiles that follow one another, into as many of Dst.
template <TILEWRIGHT_REDUCTION, bool wide = DST_ACCUM_MODE>
TILEWRIGHT_DEVICE void reduce_block(std::uint32_t icb, std::uint32_t icb_scaler,
                                    std::uint32_t first, std::uint32_t scaler_tile,
                                    std::uint32_t first_dst, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        reduce_tile<type, dim>(icb, icb_scaler, first + i, scaler_tile, first_dst + i);
    }
}

// The first generation's names.
template <bool at_start, TILEWRIGHT_REDUCTION>
TILEWRIGHT_DEVICE void reduce_init_delta(std::uint32_t icb = 0, std::uint32_t icb_scaler = 1,
                                         std::uint32_t ocb = 16) {
    reduce_init<type, dim>(icb, icb_scaler, ocb);
}
#ifdef REDUCE_DIM
template <ReduceDim dim = REDUCE_DIM>
#else
template <ReduceDim dim>
#endif
TILEWRIGHT_DEVICE void reduce_revert_delta(std::uint32_t ocb = 16) {
    reduce_uninit();
}
#undef TILEWRIGHT_REDUCTION

// --- The maxima of rows of several tiles side by side, in one tile of Dst ------------------------

/// `block`: how many. The buffer for the output changes nothing.
template <std::uint32_t block, auto... options>
TILEWRIGHT_DEVICE void reduce_block_max_row_init(std::uint32_t ocb = 16) {
    using namespace tilewright::metalium::compute;
    start_reduce(engine::Pool::maximum, engine::Reduced::rows);
}
template <std::uint32_t block, auto... options>
TILEWRIGHT_DEVICE void reduce_block_max_row(std::uint32_t icb, std::uint32_t icb_scaler,
                                            std::uint32_t first, std::uint32_t dst) {
    for (std::uint32_t i = 0; i < block; ++i) {
        reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(icb, icb_scaler, first + i, 0, dst);
    }
}
template <auto... options>
TILEWRIGHT_DEVICE void reduce_block_max_row_uninit(std::uint32_t icb = 0) {
    reduce_uninit(icb);
}
