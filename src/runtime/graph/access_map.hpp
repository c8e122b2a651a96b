// Who touched which bytes last: an interval map that is told the accesses of tasks in an order, and
// tells for each access which earlier ones it must come after.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <vector>

#include "tilewright/runtime/graph/graph.hpp"

namespace tilewright::detail {

/// Bytes fall into segments, each with its last writer and those who have read it since. An access
/// splits at most two segments, and a write leaves one in the place of all that it covers, so the
/// work is linear in accesses and conflicts but for the look-up in the map.
class AccessMap {
public:
    /// Calls conflict(earlier task, bytes, whether the earlier one wrote) where the order matters
    /// and does not follow from other conflicts that were told: a read comes after the last writer;
    /// a write after those who have read since, or else after the last writer.
    template <class Conflict>
    void add(const Access& access, Conflict&& conflict) {
        const std::uint64_t begin = access.range.begin;
        auto at = segments_.upper_bound(begin);
        if (at != segments_.begin() && std::prev(at)->second.end > begin) --at;
        if (at != segments_.end() && at->first < begin) at = split(at, begin);
        access.write ? write(at, access, conflict) : read(at, access, conflict);
    }

private:
    static constexpr std::uint32_t none = 0xFFFF'FFFF;
    struct Segment {
        std::uint64_t end = 0;
        TaskId writer = none;
        std::uint32_t readers = none;  // a list in pool_
    };
    struct Reader {
        TaskId task;
        std::uint32_t next;
    };
    using Segments = std::map<std::uint64_t, Segment>;

    template <class Conflict>
    void read(Segments::iterator at, const Access& access, Conflict& conflict) {
        std::uint64_t from = access.range.begin;
        while (from < access.range.end) {
            if (at == segments_.end() || at->first > from) {  // bytes that nobody touched
                const std::uint64_t to = at == segments_.end()
                                             ? access.range.end
                                             : std::min(at->first, access.range.end);
                at = segments_.emplace_hint(at, from, Segment{.end = to});
            } else if (at->second.end > access.range.end) {
                split(at, access.range.end);
            }
            Segment& segment = at->second;
            if (segment.writer != none && segment.writer != access.task) {
                conflict(segment.writer, AddressRange{at->first, segment.end}, true);
            }
            if (segment.readers == none || pool_[segment.readers].task != access.task) {
                segment.readers = link(access.task, segment.readers);
            }
            from = segment.end;
            ++at;
        }
    }

    template <class Conflict>
    void write(Segments::iterator at, const Access& access, Conflict& conflict) {
        const std::uint64_t begin = access.range.begin;
        while (at != segments_.end() && at->first < access.range.end) {
            if (at->second.end > access.range.end) split(at, access.range.end);
            const Segment& segment = at->second;
            const AddressRange bytes{at->first, segment.end};
            bool read_since = false;
            for (std::uint32_t r = segment.readers; r != none;) {
                const Reader reader = pool_[r];
                if (reader.task != access.task) {
                    conflict(reader.task, bytes, false);
                    read_since = true;
                }
                pool_[r].next = free_;
                free_ = r;
                r = reader.next;
            }
            if (!read_since && segment.writer != none && segment.writer != access.task) {
                conflict(segment.writer, bytes, true);
            }
            if (at->first == begin) {
                ++at;  // this one stays, as what was written
            } else {
                at = segments_.erase(at);
            }
        }
        const auto written = segments_.try_emplace(at, begin);
        written->second = {.end = access.range.end, .writer = access.task};
    }

    /// Both halves know what the whole knew; the second one.
    Segments::iterator split(Segments::iterator at, std::uint64_t address) {
        Segment second = at->second;
        second.readers = none;
        for (std::uint32_t r = at->second.readers; r != none; r = pool_[r].next) {
            second.readers = link(pool_[r].task, second.readers);
        }
        at->second.end = address;
        return segments_.emplace_hint(std::next(at), address, second);
    }

    std::uint32_t link(TaskId task, std::uint32_t next) {
        if (free_ == none) {
            pool_.push_back({task, next});
            return static_cast<std::uint32_t>(pool_.size() - 1);
        }
        const std::uint32_t r = free_;
        free_ = pool_[r].next;
        pool_[r] = {task, next};
        return r;
    }

    Segments segments_;  // by first byte; they do not overlap
    std::vector<Reader> pool_;
    std::uint32_t free_ = none;
};

/// Calls f(access) for all accesses of a graph, task by task in the given order (empty: that of the
/// tasks' numbers), those of one task in the order in which they were said.
template <class F>
void for_each_access(const Graph& graph, std::span<const TaskId> order, F&& f) {
    const std::span<const Access> accesses = graph.accesses();
    const auto earlier = [](const Access& a, const Access& b) { return a.task < b.task; };
    if (order.empty() && std::is_sorted(accesses.begin(), accesses.end(), earlier)) {
        for (const Access& access : accesses) f(access);
        return;
    }
    // Where the accesses of each task are: counted, then filled.
    std::vector<std::uint32_t> offsets(graph.size() + 1);
    for (const Access& access : accesses) ++offsets[access.task + 1];
    for (std::size_t task = 0; task < graph.size(); ++task) offsets[task + 1] += offsets[task];
    std::vector<std::uint32_t> next = offsets;
    std::vector<std::uint32_t> sorted(accesses.size());
    for (std::uint32_t i = 0; i < accesses.size(); ++i) sorted[next[accesses[i].task]++] = i;
    for (std::size_t i = 0; i < graph.size(); ++i) {
        const TaskId task = order.empty() ? static_cast<TaskId>(i) : order[i];
        for (std::uint32_t a = offsets[task]; a < offsets[task + 1]; ++a) f(accesses[sorted[a]]);
    }
}

}  // namespace tilewright::detail
