// Who touched which bytes last: an interval map that is told the accesses of tasks in an order, and
// tells for each access which earlier ones it must come after.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "graph/coordinates.hpp"
#include "tilewright/graph/graph.hpp"

namespace tilewright::detail {

/// All bytes fall into segments, each with its last writer and those who have read it since. An
/// access splits at most two segments, and a write leaves one in the place of all that it covers,
/// so the work is linear in accesses and conflicts. All accesses are known from the start, which
/// makes a segment an entry of an array.
class AccessMap {
public:
    explicit AccessMap(std::span<const Access> accesses)
        : accesses_(accesses),
          coordinates_(accesses),
          starts_(coordinates_.size() + 1),
          segments_(std::make_unique_for_overwrite<Segment[]>(coordinates_.size() + 1)) {
        starts_.insert(0);
        segments_[0] = {.end = coordinates_.size()};
    }

    /// Calls conflict(earlier task, bytes, whether the earlier one wrote) where the order matters
    /// and does not follow from other conflicts that were told: a read comes after the last writer;
    /// a write after those who have read since, or else after the last writer.
    template <class Conflict>
    void add(std::uint32_t number, Conflict&& conflict) {
        const auto [begin, end] = coordinates_.of(accesses_, number);
        const std::uint32_t at = starts_.at_or_before(begin);
        if (at != begin) split(at, begin);
        const Access& access = accesses_[number];
        access.write ? write(begin, end, access.task, conflict)
                     : read(begin, end, access.task, conflict);
    }
    /// This access comes soon.
    void prefetch(std::uint32_t number) const {
        __builtin_prefetch(&segments_[coordinates_.of(accesses_, number).first]);
    }

private:
    static constexpr std::uint32_t none = 0xFFFF'FFFF;
    struct Segment {
        std::uint32_t end = 0;  // position where the next one begins
        TaskId writer = none;
        TaskId reader = none;          // who came last of those who have read since ...
        std::uint32_t earlier = none;  // ... and the others: a list in pool_
    };
    struct Reader {
        TaskId task;
        std::uint32_t next;
    };

    AddressRange bytes(std::uint32_t begin, std::uint32_t end) const {
        return {coordinates_.address(begin), coordinates_.address(end)};
    }

    template <class Conflict>
    void read(std::uint32_t from, std::uint32_t end, TaskId task, Conflict& conflict) {
        while (from != end) {
            Segment& segment = segments_[from];
            if (segment.end > end) split(from, end);
            if (segment.writer != none && segment.writer != task) {
                conflict(segment.writer, bytes(from, segment.end), true);
            }
            if (segment.reader != task) {
                if (segment.reader != none) segment.earlier = link(segment.reader, segment.earlier);
                segment.reader = task;
            }
            from = segment.end;
        }
    }

    template <class Conflict>
    void write(std::uint32_t begin, std::uint32_t end, TaskId task, Conflict& conflict) {
        for (std::uint32_t from = begin; from != end;) {
            if (segments_[from].end > end) split(from, end);
            const Segment segment = segments_[from];
            const auto tell = [&](TaskId earlier, bool wrote) {
                if (earlier == none || earlier == task) return false;
                conflict(earlier, bytes(from, segment.end), wrote);
                return true;
            };
            bool read_since = tell(segment.reader, false);
            for (std::uint32_t r = segment.earlier; r != none;) {
                const Reader reader = pool_[r];
                read_since |= tell(reader.task, false);
                pool_[r].next = free_;
                free_ = r;
                r = reader.next;
            }
            if (!read_since) tell(segment.writer, true);
            if (from != begin) starts_.erase(from);
            from = segment.end;
        }
        segments_[begin] = {.end = end, .writer = task};
    }

    /// Both halves know what the whole knew.
    void split(std::uint32_t at, std::uint32_t position) {
        Segment second = segments_[at];
        second.earlier = none;
        for (std::uint32_t r = segments_[at].earlier; r != none; r = pool_[r].next) {
            second.earlier = link(pool_[r].task, second.earlier);
        }
        segments_[at].end = position;
        segments_[position] = second;
        starts_.insert(position);
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

    std::span<const Access> accesses_;
    Coordinates coordinates_;
    PositionSet starts_;                   // of the segments, which cover all positions
    std::unique_ptr<Segment[]> segments_;  // by start; others are not initialised
    std::vector<Reader> pool_;
    std::uint32_t free_ = none;
};

/// Calls conflict(later access, earlier task, bytes, whether the earlier one wrote) as
/// AccessMap::add, for all accesses: task by task in the given order (empty: that of the tasks'
/// numbers, which are below `tasks`), those of one task in the order in which they were said.
template <class Conflict>
void for_each_conflict(std::span<const Access> accesses, std::size_t tasks,
                       std::span<const TaskId> order, Conflict&& conflict) {
    constexpr std::size_t ahead = 8;
    if (accesses.empty()) return;
    AccessMap map(accesses);
    const auto visit = [&](std::size_t count, auto&& number_of) {
        for (std::size_t i = 0; i < count; ++i) {
            if (i + ahead < count) map.prefetch(number_of(i + ahead));
            const std::uint32_t number = number_of(i);
            map.add(number, [&](TaskId earlier, const AddressRange& bytes, bool wrote) {
                conflict(accesses[number], earlier, bytes, wrote);
            });
        }
    };
    const auto earlier = [](const Access& a, const Access& b) { return a.task < b.task; };
    if (order.empty() && std::is_sorted(accesses.begin(), accesses.end(), earlier)) {
        visit(accesses.size(), [](std::size_t i) { return static_cast<std::uint32_t>(i); });
        return;
    }
    // Where the accesses of each task go: counted, then filled.
    std::vector<std::uint32_t> next(tasks + 1);
    for (const Access& access : accesses) ++next[access.task];
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < tasks; ++i) {
        sum += std::exchange(next[order.empty() ? i : order[i]], sum);
    }
    std::vector<std::uint32_t> sorted(accesses.size());
    for (std::uint32_t i = 0; i < accesses.size(); ++i) sorted[next[accesses[i].task]++] = i;
    visit(sorted.size(), [&](std::size_t i) { return sorted[i]; });
}

}  // namespace tilewright::detail
