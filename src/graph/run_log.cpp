#include "graph/run_log.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <tuple>

#include "tilewright/firmware/graph_layout.hpp"

namespace tilewright::detail {
namespace {

constexpr std::uint32_t function_offset = offsetof(graph::Task, function);
constexpr std::uint32_t ready = 0;
constexpr std::uint32_t started = 2;
constexpr std::uint32_t ended = 3;

std::uint64_t& cycle_of(TaskTimes& times, std::uint32_t which) {
    switch (which) {
        case ready:
            return times.ready;
        case 1:
            return times.dispatched;
        case started:
            return times.started;
        default:
            return times.ended;
    }
}

}  // namespace

RunLog::RunLog(Device& device, const Graph& graph, const GraphProgram& program, bool accesses)
    : device_(device),
      map_(device.map()),
      records_(program.records()),
      own_(program.memory()),
      columns_(device.config().tile_columns()),
      processors_(static_cast<std::uint32_t>(device.config().cores.size())),
      workers_(std::size_t{device.config().tile_count()} * processors_, none),
      led_(program.workers().size(), none),
      current_(program.workers().size(), none),
      predecessors_(graph.predecessor_counts()),
      cores_(graph.size() + graph.reserved().tasks, 1),
      tasks_(cores_.size()),
      first_added_(static_cast<TaskId>(graph.size())),
      of_record_(cores_.size()),
      stretch_(program.workers().size(), none),
      accesses_(accesses) {
    // Whoever adds a task tells when it is ready, also if it waits for nobody.
    predecessors_.resize(cores_.size(), 1);
    for (std::uint32_t w = 0; w < program.workers().size(); ++w) {
        const auto does = [&](CoreId core) {
            workers_[(core.tile.y * columns_ + core.tile.x) * processors_ + core.processor] = w;
        };
        const CoreId worker = program.workers()[w];
        does(worker);
        std::ranges::for_each(program.followers(w), does);
        if (!program.followers(w).empty()) led_[w] = worker.tile.y * columns_ + worker.tile.x;
    }
    for (TaskId task = 0; task < cores_.size(); ++task) of_record_[task].task = task;
    for (const Gang& gang : graph.gangs()) {
        cores_[gang.task] = gang.cores;
        for (std::uint32_t rank = 1; rank < gang.cores; ++rank) {
            of_record_.push_back({.task = gang.task, .rank = rank});
        }
    }
    const std::uint64_t base = direct_memory(device).begin;
    device.watch_memory({.observer = this,
                         .everything = accesses,
                         .begin = static_cast<std::uint32_t>(records_.begin - base),
                         .end = static_cast<std::uint32_t>(records_.end - base)});
}

RunLog::~RunLog() {
    if (device_.is_open()) device_.watch_memory({});
}

std::uint32_t RunLog::worker_of(CoreId core) const {
    const std::size_t at =
        (std::size_t{core.tile.y} * columns_ + core.tile.x) * processors_ + core.processor;
    return at < workers_.size() ? workers_[at] : none;  // control tiles come behind
}

void RunLog::on_access(const MemoryAccess& access) {
    const AddressMap::Window& window = map_.window(access.place.kind);
    const std::uint64_t begin =
        window.base + access.place.index * window.bytes + access.place.offset;
    if (begin >= records_.begin && begin < records_.end) {
        const auto offset = static_cast<std::uint32_t>(begin - records_.begin);
        const std::uint32_t in_record = offset % graph::record_bytes;
        const bool own_store = access.writes && !access.by_command;
        const std::uint32_t record = offset / graph::record_bytes;
        if (own_store && in_record >= offsetof(graph::Task, ready) && record < of_record_.size()) {
            store_cycle(of_record_[record],
                        (in_record - static_cast<std::uint32_t>(offsetof(graph::Task, ready))) / 4,
                        access);
        }
        // A task is added: what follows has no order with it.
        const bool is_added = record >= first_added_ && record < tasks_.size();
        const std::uint32_t adder = worker_of(access.core);
        if (accesses_ && own_store && is_added && in_record == function_offset && adder != none &&
            current_[adder] != none) {
            const std::uint32_t before = stretch_[adder];
            stretches_[before].added = record;
            begin_stretch(adder, before);
        }
        return;
    }
    const std::uint32_t worker = worker_of(access.core);
    if (!accesses_ || worker == none || current_[worker] == none) return;
    for (const AddressRange& own : own_) {
        if (begin >= own.begin && begin < own.end) return;
    }
    auto place = ObservedAccess::Place::memory;
    if (access.place.kind == MemoryKind::tile_l1) {
        const bool own = !access.by_command || access.place.index == led_[worker];
        place = own ? ObservedAccess::Place::own_l1 : ObservedAccess::Place::l1;
    }
    const auto add = [&](Touched& touched) {
        auto& ranges = touched.ranges[static_cast<std::size_t>(place)];
        if (access.reads) ranges[0].add({begin, begin + access.bytes});
        if (access.writes) ranges[1].add({begin, begin + access.bytes});
    };
    add(touched_[current_[worker]]);
    if (stretch_[worker] != none) add(stretches_[stretch_[worker]].touched);
}

void RunLog::begin_stretch(std::uint32_t worker, std::uint32_t previous) {
    stretch_[worker] = static_cast<std::uint32_t>(stretches_.size());
    stretches_.push_back({.execution = current_[worker], .previous = previous});
}

std::uint64_t& RunLog::cycle(std::uint32_t execution, std::uint32_t rank, std::uint32_t which) {
    Logged& logged = executions_[execution];
    if (logged.share == none || which < started) return cycle_of(logged.what.times, which);
    TaskShare& share = shares_[logged.share + rank];
    return which == started ? share.started : share.ended;
}

// `word` counts from Task::ready: two for each cycle, the low one first.
void RunLog::store_cycle(OfRecord& record, std::uint32_t word, const MemoryAccess& access) {
    const std::uint32_t which = word / 2;
    std::uint32_t& at = record.at[which];
    std::uint8_t& halves = record.halves[which];
    if (halves == 3) {  // the cycle of the next execution
        const TaskId task = record.task;
        std::uint32_t next = at == none ? tasks_[task].first : executions_[at].next;
        if (next == none) next = append(task);
        // Nobody has to tell when the first tasks are ready: they are from the start.
        if (which == ready && at == none && waits_for_none(task)) next = executions_[next].next;
        if (next == none) next = append(task);
        at = next;
        halves = 0;
    }
    halves |= word % 2 == 0 ? 1 : 2;
    cycle(at, record.rank, which) |= std::uint64_t{access.stored} << (word % 2 * 32);
    const std::uint32_t worker = worker_of(access.core);
    if (worker == none) return;
    if (which == started) {
        const std::uint32_t share = executions_[at].share;
        if (share != none) shares_[share + record.rank].worker = worker;
        if (record.rank == 0) executions_[at].what.times.worker = worker;
        if (halves != 3) return;
        current_[worker] = at;
        if (accesses_ && first_added_ < tasks_.size()) begin_stretch(worker, none);
    } else if (which == ended) {
        current_[worker] = none;
        stretch_[worker] = none;
    }
}

std::uint32_t RunLog::append(TaskId task) {
    OfTask& of_task = tasks_[task];
    const auto number = static_cast<std::uint32_t>(executions_.size());
    const bool first = of_task.last == none;
    const std::uint32_t iteration = first ? 0 : executions_[of_task.last].what.iteration + 1;
    (first ? of_task.first : executions_[of_task.last].next) = number;
    of_task.last = number;
    executions_.push_back({.what = {.task = task, .iteration = iteration, .times = {}}});
    if (cores_[task] > 1) {
        executions_.back().share = static_cast<std::uint32_t>(shares_.size());
        for (std::uint32_t rank = 0; rank < cores_[task]; ++rank) {
            shares_.push_back({.task = task, .rank = rank});
        }
    }
    if (accesses_) touched_.emplace_back();
    return number;
}

std::vector<TaskExecution> RunLog::take_executions(std::uint64_t start) {
    for (auto& [execution, next, share] : executions_) {
        if (share == none) continue;
        const auto shares = std::span(shares_).subspan(share, cores_[execution.task]);
        execution.times.started = std::ranges::min(shares, {}, &TaskShare::started).started;
        const bool all_ended = std::ranges::all_of(
            shares, [](const TaskShare& of_core) { return of_core.ended != 0; });
        if (all_ended) {
            execution.times.ended = std::ranges::max(shares, {}, &TaskShare::ended).ended;
        }
    }
    order_.resize(executions_.size());
    std::iota(order_.begin(), order_.end(), 0u);
    // What was announced and never came (a scheduler may do so) is none.
    std::erase_if(order_, [&](std::uint32_t i) { return executions_[i].what.times.ended == 0; });
    std::ranges::sort(order_, {}, [&](std::uint32_t i) {
        const TaskExecution& e = executions_[i].what;
        return std::tuple(e.times.started, e.times.ended, e.task, e.iteration);
    });
    std::vector<TaskExecution> result;
    result.reserve(order_.size());
    for (const std::uint32_t i : order_) {
        TaskExecution& execution = executions_[i].what;
        const bool from_start = execution.iteration == 0 && waits_for_none(execution.task);
        if (from_start && execution.times.ready == 0) execution.times.ready = start;
        result.push_back(execution);
    }
    return result;
}

std::vector<TaskShare> RunLog::take_shares() const {
    std::vector<TaskShare> result;
    for (std::uint32_t i = 0; i < order_.size(); ++i) {
        const Logged& execution = executions_[order_[i]];
        if (execution.share == none) continue;
        for (std::uint32_t rank = 0; rank < cores_[execution.what.task]; ++rank) {
            result.push_back(shares_[execution.share + rank]);
            result.back().task = i;
        }
    }
    return result;
}

namespace {

template <class Ranges>
std::vector<ObservedAccess> as_accesses(Ranges& of_place) {
    std::vector<ObservedAccess> result;
    for (std::size_t place = 0; place < of_place.size(); ++place) {
        for (const bool write : {false, true}) {
            for (const AddressRange& bytes : of_place[place][write].ranges()) {
                result.push_back({bytes, write, static_cast<ObservedAccess::Place>(place)});
            }
        }
    }
    return result;
}

}  // namespace

ObservedAccesses RunLog::take_accesses() {
    ObservedAccesses result;
    result.reserve(order_.size());
    for (const std::uint32_t i : order_) {
        result.push_back(as_accesses(touched_[i].ranges));
        touched_[i] = {};
    }
    return result;
}

std::vector<ObservedStretch> RunLog::take_stretches() {
    std::vector<std::uint32_t> place(executions_.size(), none);  // in that order
    for (std::uint32_t i = 0; i < order_.size(); ++i) place[order_[i]] = i;
    std::vector<ObservedStretch> result;
    std::vector<std::uint32_t> number(stretches_.size(), none);
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
        Stretch& stretch = stretches_[i];
        if (place[stretch.execution] == none) continue;
        number[i] = static_cast<std::uint32_t>(result.size());
        ObservedStretch& taken = result.emplace_back();
        taken.execution = place[stretch.execution];
        if (stretch.previous != none) taken.previous = number[stretch.previous];
        if (stretch.added != none) taken.added = stretch.added;
        taken.accesses = as_accesses(stretch.touched.ranges);
    }
    stretches_.clear();
    return result;
}

}  // namespace tilewright::detail
