// Calls of compute kernels that are not there yet: declared, so that the compiler can say so by
// name.
#pragma once

#define TILEWRIGHT_MISSING(name)              \
    template <auto... options, typename... T> \
    __attribute__((unavailable(#name " is not supported yet"))) void name(T...)

TILEWRIGHT_MISSING(exp_packthread_tile_init);
TILEWRIGHT_MISSING(max_reduce_with_indices);
TILEWRIGHT_MISSING(max_reduce_with_indices_init);
TILEWRIGHT_MISSING(mul_bcast_cols_init_short_custom);
TILEWRIGHT_MISSING(mul_tiles_bcast_cols_custom);
TILEWRIGHT_MISSING(silu_tile_init_pack);
TILEWRIGHT_MISSING(sub_bcast_cols_compensated);
TILEWRIGHT_MISSING(sub_bcast_cols_compensated_init);
TILEWRIGHT_MISSING(tilizeA_B_reduce_init);
TILEWRIGHT_MISSING(tilize_block_no_pack);
TILEWRIGHT_MISSING(tilize_init_no_pack);
TILEWRIGHT_MISSING(tilize_init_short_with_dt_no_pack);
TILEWRIGHT_MISSING(tilize_uninit_with_dt_no_pack);
TILEWRIGHT_MISSING(topk_xl_add_lsb_indices);
TILEWRIGHT_MISSING(topk_xl_add_lsb_indices_init);
TILEWRIGHT_MISSING(topk_xl_add_lsb_indices_rt);
TILEWRIGHT_MISSING(topk_xl_copy_tile);
TILEWRIGHT_MISSING(topk_xl_copy_tile_init);
TILEWRIGHT_MISSING(topk_xl_init);
TILEWRIGHT_MISSING(topk_xl_local_sort);
TILEWRIGHT_MISSING(topk_xl_merge);
TILEWRIGHT_MISSING(topk_xl_rebuild);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_advance_chunk_base);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_global);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_global_base);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_global_init);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_init_static);
TILEWRIGHT_MISSING(topk_xl_separate_indices_row_major_reinit);
TILEWRIGHT_MISSING(unpack_tilizeA_B_block);
TILEWRIGHT_MISSING(unpack_tilizeA_B_uninit);

#undef TILEWRIGHT_MISSING
