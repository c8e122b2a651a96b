// Calls of compute kernels that are not there yet: declared, so that the compiler can say so by
// name.
#pragma once

#define TILEWRIGHT_MISSING(name)              \
    template <auto... options, typename... T> \
    __attribute__((unavailable(#name " is not supported yet"))) void name(T...)

TILEWRIGHT_MISSING(cb_get_tile);
TILEWRIGHT_MISSING(cb_release_tile);
TILEWRIGHT_MISSING(clamped_silu_glu_tile);
TILEWRIGHT_MISSING(clamped_silu_glu_tile_init);
TILEWRIGHT_MISSING(ema_clear_previous_output);
TILEWRIGHT_MISSING(ema_init);
TILEWRIGHT_MISSING(ema_tile);
TILEWRIGHT_MISSING(exp_packthread_tile_init);
TILEWRIGHT_MISSING(get_tile_address);
TILEWRIGHT_MISSING(max_reduce_with_indices);
TILEWRIGHT_MISSING(max_reduce_with_indices_init);
TILEWRIGHT_MISSING(mul_bcast_cols_init_short_custom);
TILEWRIGHT_MISSING(mul_tiles_bcast_cols_custom);
TILEWRIGHT_MISSING(read_tile_value);
TILEWRIGHT_MISSING(reshuffle_rows_tile);
TILEWRIGHT_MISSING(reshuffle_rows_tile_init);
TILEWRIGHT_MISSING(sfpu_add_int);
TILEWRIGHT_MISSING(sfpu_bcast_col_init);
TILEWRIGHT_MISSING(sfpu_mul_bcast_col);
TILEWRIGHT_MISSING(sfpu_mul_bcast_col_init);
TILEWRIGHT_MISSING(sfpu_normalize_bcast_col);
TILEWRIGHT_MISSING(sfpu_normalize_bcast_col_two_tiles);
TILEWRIGHT_MISSING(sfpu_normalize_bcast_scalar);
TILEWRIGHT_MISSING(sfpu_normalize_bcast_scalar_init);
TILEWRIGHT_MISSING(sfpu_residual_normalize_bcast_col);
TILEWRIGHT_MISSING(sfpu_sum_int_col);
TILEWRIGHT_MISSING(sfpu_sum_int_init);
TILEWRIGHT_MISSING(sfpu_sum_int_row);
TILEWRIGHT_MISSING(silu_tile_init_pack);
TILEWRIGHT_MISSING(situ_glu_tile);
TILEWRIGHT_MISSING(situ_glu_tile_init);
TILEWRIGHT_MISSING(sub_bcast_cols_compensated);
TILEWRIGHT_MISSING(sub_bcast_cols_compensated_init);
TILEWRIGHT_MISSING(t6_semaphore_get);
TILEWRIGHT_MISSING(t6_semaphore_post);
TILEWRIGHT_MISSING(t6_semaphore_wait_on_zero);
TILEWRIGHT_MISSING(tilizeA_B_reduce_init);
TILEWRIGHT_MISSING(tilize_block_no_pack);
TILEWRIGHT_MISSING(tilize_init_no_pack);
TILEWRIGHT_MISSING(tilize_init_short_with_dt_no_pack);
TILEWRIGHT_MISSING(tilize_uninit_with_dt_no_pack);
TILEWRIGHT_MISSING(topk_canonicalize_negzero_values);
TILEWRIGHT_MISSING(topk_local_sort);
TILEWRIGHT_MISSING(topk_merge);
TILEWRIGHT_MISSING(topk_rebuild);
TILEWRIGHT_MISSING(topk_stamp_local_positions);
TILEWRIGHT_MISSING(topk_stamp_tile_rank_range);
TILEWRIGHT_MISSING(topk_strip_rank_tags);
TILEWRIGHT_MISSING(topk_tile_init);
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
TILEWRIGHT_MISSING(two_pass_stats_clear);
TILEWRIGHT_MISSING(two_pass_stats_combine_block);
TILEWRIGHT_MISSING(two_pass_stats_finalize_and_combine_to_face);
TILEWRIGHT_MISSING(two_pass_stats_finalize_split_mean_to_row);
TILEWRIGHT_MISSING(two_pass_stats_finalize_to_face);
TILEWRIGHT_MISSING(two_pass_stats_finalize_to_row);
TILEWRIGHT_MISSING(two_pass_stats_finish_shifted_mean);
TILEWRIGHT_MISSING(two_pass_stats_init_shifted);
TILEWRIGHT_MISSING(two_pass_stats_restore_anchor);
TILEWRIGHT_MISSING(two_pass_stats_restore_anchor_from_state);
TILEWRIGHT_MISSING(two_pass_stats_save_anchor);
TILEWRIGHT_MISSING(two_pass_stats_save_anchor_to_state);
TILEWRIGHT_MISSING(two_pass_stats_save_state);
TILEWRIGHT_MISSING(two_pass_stats_switch_group);
TILEWRIGHT_MISSING(two_pass_stats_update_rows);
TILEWRIGHT_MISSING(two_pass_stats_update_shifted_rows);
TILEWRIGHT_MISSING(unpack_tilizeA_B_block);
TILEWRIGHT_MISSING(unpack_tilizeA_B_uninit);
TILEWRIGHT_MISSING(welford_M2_to_var);
TILEWRIGHT_MISSING(welford_finalize_to_row);
TILEWRIGHT_MISSING(welford_init);
TILEWRIGHT_MISSING(welford_restore_state);
TILEWRIGHT_MISSING(welford_save_state);
TILEWRIGHT_MISSING(welford_tile);
TILEWRIGHT_MISSING(welford_update);
TILEWRIGHT_MISSING(welford_update_rows);

#undef TILEWRIGHT_MISSING
