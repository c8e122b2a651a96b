// Dividing work among cores as evenly as it goes.
#pragma once

#include <cstdint>
#include <tt-metalium/core_coord.hpp>
#include <tuple>

namespace tt::tt_metal {

/// Cores used, all of them, those with more and those with less work, and the work of each of
/// these.
using WorkSplit = std::tuple<std::uint32_t, CoreRangeSet, CoreRangeSet, CoreRangeSet, std::uint32_t,
                             std::uint32_t>;

/// The first `target_num_cores` cores of a grid as ranges; column by column unless `row_wise`.
CoreRangeSet num_cores_to_corerangeset(std::uint32_t target_num_cores, CoreCoord grid_size,
                                       bool row_wise = false);
CoreRangeSet num_cores_to_corerangeset(CoreCoord start_core, std::uint32_t target_num_cores,
                                       CoreCoord grid_size, bool row_wise = false);

/// units_to_divide over the cores of a grid: the first cores get one unit more where it does not
/// divide.
WorkSplit split_work_to_cores(CoreCoord grid_size, std::uint32_t units_to_divide,
                              bool row_wise = false);
WorkSplit split_work_to_cores(const CoreRangeSet& core_grid, std::uint32_t units_to_divide,
                              bool row_wise = false);

/// The largest divisor of `value` that is at most `start_max_div`.
int find_max_divisor(std::uint32_t value, std::uint32_t start_max_div);

}  // namespace tt::tt_metal

namespace tt {
using tt_metal::find_max_divisor;
using tt_metal::num_cores_to_corerangeset;
using tt_metal::split_work_to_cores;
}  // namespace tt
