// Dividing work among cores.
#include <algorithm>
#include <tt-metalium/work_split.hpp>
#include <tt_stl/assert.hpp>

namespace tt::tt_metal {
namespace {

// Cores in order as ranges: runs of neighbours become one range.
CoreRangeSet as_ranges(const std::vector<CoreCoord>& cores, bool row_wise) {
    std::vector<CoreRange> ranges;
    for (const CoreCoord& core : cores) {
        if (!ranges.empty()) {
            CoreCoord& end = ranges.back().end_coord;
            const bool follows = row_wise ? core.y == end.y && core.x == end.x + 1
                                          : core.x == end.x && core.y == end.y + 1;
            if (follows) {
                end = core;
                continue;
            }
        }
        ranges.emplace_back(core);
    }
    // Whole columns, or rows, side by side become one rectangle.
    std::vector<CoreRange> merged;
    for (const CoreRange& range : ranges) {
        if (!merged.empty()) {
            CoreRange& last = merged.back();
            const bool beside = row_wise ? range.start_coord.x == last.start_coord.x &&
                                               range.end_coord.x == last.end_coord.x &&
                                               range.start_coord.y == last.end_coord.y + 1
                                         : range.start_coord.y == last.start_coord.y &&
                                               range.end_coord.y == last.end_coord.y &&
                                               range.start_coord.x == last.end_coord.x + 1;
            if (beside) {
                last.end_coord = range.end_coord;
                continue;
            }
        }
        merged.push_back(range);
    }
    return merged;
}

WorkSplit split(const std::vector<CoreCoord>& cores, std::uint32_t units, bool row_wise) {
    TT_FATAL(!cores.empty(), "no cores to divide work among");
    const auto used = static_cast<std::uint32_t>(std::min<std::size_t>(units, cores.size()));
    if (used == 0) return {0, {}, {}, {}, 0, 0};
    const std::uint32_t more = units % used;
    const std::uint32_t each = units / used;
    const auto part = [&](std::size_t from, std::size_t to) {
        return as_ranges({cores.begin() + static_cast<std::ptrdiff_t>(from),
                          cores.begin() + static_cast<std::ptrdiff_t>(to)},
                         row_wise);
    };
    // With nothing left over all cores are in the first group.
    if (more == 0) return {used, part(0, used), part(0, used), {}, each, 0};
    return {used, part(0, used), part(0, more), part(more, used), each + 1, each};
}

}  // namespace

CoreRangeSet num_cores_to_corerangeset(std::uint32_t target_num_cores, CoreCoord grid_size,
                                       bool row_wise) {
    return as_ranges(grid_to_cores(target_num_cores, static_cast<std::uint32_t>(grid_size.x),
                                   static_cast<std::uint32_t>(grid_size.y), row_wise),
                     row_wise);
}

CoreRangeSet num_cores_to_corerangeset(CoreCoord start_core, std::uint32_t target_num_cores,
                                       CoreCoord grid_size, bool row_wise) {
    auto cores = grid_to_cores({0, 0}, {grid_size.x - 1, grid_size.y - 1}, row_wise);
    const auto start = std::ranges::find(cores, start_core);
    TT_FATAL(start != cores.end() && cores.end() - start >= target_num_cores,
             "{} cores from {} on do not lie in a grid of {} x {}", target_num_cores, start_core,
             grid_size.x, grid_size.y);
    return as_ranges({start, start + target_num_cores}, row_wise);
}

WorkSplit split_work_to_cores(CoreCoord grid_size, std::uint32_t units_to_divide, bool row_wise) {
    TT_FATAL(grid_size.x != 0 && grid_size.y != 0, "a grid of {} x {} has no cores", grid_size.x,
             grid_size.y);
    return split(grid_to_cores({0, 0}, {grid_size.x - 1, grid_size.y - 1}, row_wise),
                 units_to_divide, row_wise);
}

WorkSplit split_work_to_cores(const CoreRangeSet& core_grid, std::uint32_t units_to_divide,
                              bool row_wise) {
    return split(corerange_to_cores(core_grid, std::nullopt, row_wise), units_to_divide, row_wise);
}

int find_max_divisor(std::uint32_t value, std::uint32_t start_max_div) {
    for (std::uint32_t divisor = start_max_div; divisor > 1; --divisor) {
        if (value % divisor == 0) return static_cast<int>(divisor);
    }
    return 1;
}

}  // namespace tt::tt_metal
