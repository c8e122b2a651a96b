#include "tilewright/graph/graph.hpp"

#include <algorithm>
#include <limits>

#include "graph/part_edges.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/graph_error.hpp"

namespace tilewright {
namespace {

/// Shift a range that counts from a value. ArgumentError if it then wraps.
AddressRange shifted(AddressRange range, std::uint64_t base) {
    if (range.end > std::numeric_limits<std::uint64_t>::max() - base) {
        throw ArgumentError("graph: an access at " + std::to_string(range.begin) + " from value " +
                            std::to_string(base) + " wraps round the end of memory");
    }
    return {range.begin + base, range.end + base};
}

template <class T>
void append_to(std::vector<T>& to, std::span<const T> from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

TaskId Graph::add_tasks(std::span<const std::uint32_t> functions,
                        std::span<const std::uint64_t> arguments,
                        std::span<const std::uint8_t> kinds) {
    const std::size_t count = functions.size();
    if (!kinds.empty() && kinds.size() != count) {
        throw ArgumentError("add_tasks: " + std::to_string(count) + " functions and " +
                            std::to_string(kinds.size()) + " kinds; expected one for each");
    }
    if (count == 0 ? !arguments.empty() : arguments.size() % count != 0) {
        throw ArgumentError("add_tasks: " + std::to_string(arguments.size()) +
                            " words of arguments do not divide among " + std::to_string(count) +
                            " tasks");
    }
    const std::size_t first = size();
    if (count > max_tasks - first || arguments.size() > max_words - arguments_.size()) too_large();
    sealed_ = false;
    append_to(functions_, functions);
    append_to(kinds_, kinds);
    kinds_.resize(first + count, kind_of_function);
    append_to(arguments_, arguments);
    const auto each = static_cast<std::uint32_t>(count == 0 ? 0 : arguments.size() / count);
    std::uint32_t offset = argument_offsets_.back();
    argument_offsets_.resize(first + count + 1);
    for (std::size_t i = 0; i < count; ++i) argument_offsets_[first + i + 1] = offset += each;
    return static_cast<TaskId>(first);
}

void Graph::set_name(TaskId task, std::string name) {
    if (task >= size()) no_such_task(task, task);
    const auto at = std::lower_bound(
        names_.begin(), names_.end(), task,
        [](const std::pair<TaskId, std::string>& entry, TaskId t) { return entry.first < t; });
    if (at != names_.end() && at->first == task) {
        at->second = std::move(name);
    } else {
        names_.emplace(at, task, std::move(name));
    }
}

void Graph::set_priority(TaskId task, std::uint32_t priority) {
    if (task >= size()) no_such_task(task, task);
    if (priority > max_task_priority) {
        throw ArgumentError(name(task) + ": priority " + std::to_string(priority) +
                            "; expected 0 to " + std::to_string(max_task_priority));
    }
    if (task >= priorities_.size()) {
        if (priority == 0) return;
        priorities_.resize(task + std::size_t{1});
    }
    priorities_[task] = static_cast<std::uint8_t>(priority);
}

std::uint32_t Graph::top_priority() const {
    return priorities_.empty() ? 0 : *std::ranges::max_element(priorities_);
}

void Graph::set_cores(TaskId task, std::uint32_t cores) {
    if (task >= size()) no_such_task(task, task);
    if (cores < 1 || cores > max_task_cores) {
        throw ArgumentError(name(task) + ": " + std::to_string(cores) + " cores; expected 1 to " +
                            std::to_string(max_task_cores));
    }
    const auto at = std::ranges::lower_bound(gangs_, task, {}, &Gang::task);
    const bool known = at != gangs_.end() && at->task == task;
    if (known && cores == 1) {
        gangs_.erase(at);
    } else if (known) {
        at->cores = cores;
    } else if (cores != 1) {
        gangs_.insert(at, {task, cores});
    }
}

std::uint32_t Graph::cores(TaskId task) const {
    const auto at = std::ranges::lower_bound(gangs_, task, {}, &Gang::task);
    return at != gangs_.end() && at->task == task ? at->cores : 1;
}

std::string Graph::name(TaskId task) const {
    const auto at = std::lower_bound(
        names_.begin(), names_.end(), task,
        [](const std::pair<TaskId, std::string>& entry, TaskId t) { return entry.first < t; });
    if (at != names_.end() && at->first == task) return at->second;
    return "task " + std::to_string(task);
}

void Graph::add_edges(std::span<const TaskId> from, std::span<const TaskId> to) {
    if (from.size() != to.size()) {
        throw ArgumentError("add_edges: " + std::to_string(from.size()) + " tasks before " +
                            std::to_string(to.size()) + "; expected as many");
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] >= size() || to[i] >= size()) no_such_task(from[i], to[i]);
    }
    sealed_ = false;
    const std::size_t before = edges_.size();
    edges_.resize(before + from.size());
    for (std::size_t i = 0; i < from.size(); ++i) edges_[before + i] = {from[i], to[i]};
}

void Graph::check_access(const Access& access) const {
    if (access.task >= size()) no_such_task(access.task, access.task);
    if (access.range.begin >= access.range.end) {
        throw ArgumentError(name(access.task) + (access.write ? ": writes" : ": reads") +
                            " from address " + std::to_string(access.range.begin) + " to " +
                            std::to_string(access.range.end) +
                            "; expected a range of at least one byte");
    }
}

void Graph::add_access(const Access& access) {
    check_access(access);
    accesses_.push_back(access);
    sealed_ = false;
}

void Graph::add_accesses(std::span<const Access> accesses) {
    for (const Access& access : accesses) check_access(access);
    append_to(accesses_, accesses);
    sealed_ = false;
}

std::uint32_t Graph::argument_place(TaskId task, std::uint32_t index) const {
    if (task >= size()) no_such_task(task, task);
    const std::size_t count = arguments(task).size();
    if (index >= count) {
        throw ArgumentError(name(task) + ": no argument " + std::to_string(index) + "; it has " +
                            std::to_string(count));
    }
    return argument_offsets_[task] + index;
}

void Graph::mark_pointer(TaskId task, std::uint32_t index) {
    pointers_.push_back(argument_place(task, index));
}

void Graph::bind_argument(TaskId task, std::uint32_t index, std::uint32_t value) {
    bound_arguments_.push_back({argument_place(task, index), value});
    value_count_ = std::max(value_count_, value + 1);
}

void Graph::bind_access(std::uint32_t value) {
    bound_accesses_.push_back({static_cast<std::uint32_t>(accesses_.size() - 1), value});
    value_count_ = std::max(value_count_, value + 1);
}

void Graph::reads_from(TaskId task, std::uint32_t value, AddressRange range) {
    reads(task, range);
    bind_access(value);
}

void Graph::writes_to(TaskId task, std::uint32_t value, AddressRange range) {
    writes(task, range);
    bind_access(value);
}

void Graph::repeat(TaskId first, TaskId last, std::uint32_t times) {
    if (times == 0) {
        throw ArgumentError("repeat: 0 times; what is repeated runs at least once");
    }
    add_control_edge({last, first, ControlEdge::When::counted, times - 1}, 0);
}

void Graph::repeat_while(TaskId first, TaskId last, std::uint64_t word) {
    add_control_edge({last, first, ControlEdge::When::nonzero}, word);
}

void Graph::skip_unless(TaskId before, TaskId after, std::uint64_t word) {
    if (before == after) {
        throw ArgumentError("skip_unless: nothing lies between " + std::to_string(before) +
                            " and itself");
    }
    add_control_edge({before, after, ControlEdge::When::zero}, word);
}

void Graph::add_control_edge(ControlEdge edge, std::uint64_t word) {
    if (edge.from >= size()) no_such_task(edge.from, edge.from);
    if (edge.to >= size()) no_such_task(edge.to, edge.to);
    const bool missing = word == 0 && edge.when != ControlEdge::When::counted;
    if (missing || word % 4 != 0 || word > std::numeric_limits<std::uint32_t>::max()) {
        throw ArgumentError(name(edge.from) + ": the word at " + std::to_string(word) +
                            "; expected a core address on a multiple of 4");
    }
    edge.word = static_cast<std::uint32_t>(word);
    const auto at = std::ranges::lower_bound(control_edges_, edge.from, {}, &ControlEdge::from);
    if (at != control_edges_.end() && at->from == edge.from) {
        throw ArgumentError(name(edge.from) +
                            " decides already what is repeated or left out when it has ended; let "
                            "an empty task after it decide the other");
    }
    control_edges_.insert(at, edge);
    sealed_ = false;
}

TaskId Graph::append(const Graph& part, std::span<const std::uint64_t> values) {
    if (&part == this) throw ArgumentError("append: a graph cannot be appended to itself");
    if (values.size() < part.value_count_) {
        throw ArgumentError("append: the subgraph needs " + std::to_string(part.value_count_) +
                            " values, got " + std::to_string(values.size()));
    }
    for (const BoundAccess& bound : part.bound_accesses_) {
        shifted(part.accesses_[bound.access].range, values[bound.value]);
    }
    if (part.size() > max_tasks - size() ||
        part.arguments_.size() > max_words - arguments_.size()) {
        too_large();
    }
    sealed_ = false;
    const auto first_task = static_cast<TaskId>(size());
    const std::size_t first_word = arguments_.size();
    const std::size_t first_access = accesses_.size();

    append_to(functions_, part.functions());
    append_to(kinds_, part.kinds());
    append_to(arguments_, part.all_arguments());
    for (std::size_t i = 1; i < part.argument_offsets_.size(); ++i) {
        argument_offsets_.push_back(
            static_cast<std::uint32_t>(first_word + part.argument_offsets_[i]));
    }
    for (const BoundArgument& bound : part.bound_arguments_) {
        arguments_[first_word + bound.word] = values[bound.value];
    }
    for (const std::uint32_t place : part.pointers_) {
        pointers_.push_back(static_cast<std::uint32_t>(first_word + place));
    }
    for (const Edge& edge : part.edges_) {
        edges_.push_back({edge.from + first_task, edge.to + first_task});
    }
    for (Access access : part.accesses_) {
        access.task += first_task;
        accesses_.push_back(access);
    }
    for (ControlEdge edge : part.control_edges_) {
        edge.from += first_task;
        edge.to += first_task;
        control_edges_.push_back(edge);
    }
    for (TaskId task = 0; task < part.priorities_.size(); ++task) {
        if (part.priorities_[task] != 0) set_priority(first_task + task, part.priorities_[task]);
    }
    for (const Gang& gang : part.gangs_) gangs_.push_back({gang.task + first_task, gang.cores});
    for (const BoundAccess& bound : part.bound_accesses_) {
        Access& access = accesses_[first_access + bound.access];
        access.range = shifted(access.range, values[bound.value]);
    }
    for (const auto& [task, text] : part.names_) names_.emplace_back(task + first_task, text);
    return first_task;
}

void Graph::check_values() const {
    const auto refuse = [this](TaskId task, const std::string& what, std::uint32_t value) {
        throw GraphError(name(task) + ", " + what + ": parameter " + std::to_string(value) +
                         " has no value; append the graph to another one, which gives it one");
    };
    for (const BoundArgument& bound : bound_arguments_) {
        const auto after = std::ranges::upper_bound(argument_offsets_, bound.word);
        const auto task = static_cast<TaskId>(after - argument_offsets_.begin() - 1);
        refuse(task, "argument " + std::to_string(bound.word - argument_offsets_[task]),
               bound.value);
    }
    for (const BoundAccess& bound : bound_accesses_) {
        const Access& access = accesses_[bound.access];
        refuse(access.task, access.write ? "what it writes" : "what it reads", bound.value);
    }
}

const TaskLists& Graph::successors() const {
    if (!sealed_) {
        const bool infer = dependencies_ == Dependencies::inferred && !accesses_.empty();
        const std::vector<Edge> inferred = infer ? inferred_edges(*this) : std::vector<Edge>{};
        successors_ = control_edges_.empty()
                          ? task_lists(size(), edges_, inferred)
                          : detail::through_part_ends(size(), edges_, inferred, control_edges_);
        sealed_ = true;
    }
    return successors_;
}

std::vector<std::uint32_t> Graph::predecessor_counts() const {
    std::vector<std::uint32_t> counts(size());
    for (const TaskId task : successors().tasks) ++counts[task];
    return counts;
}

void Graph::no_such_task(TaskId from, TaskId to) const {
    const std::string last =
        size() == 0 ? "it has none" : "it has 0 to " + std::to_string(size() - 1);
    if (from == to) throw ArgumentError("graph: no task " + std::to_string(from) + "; " + last);
    throw ArgumentError("graph: edge from task " + std::to_string(from) + " to task " +
                        std::to_string(to) + ": no task " +
                        std::to_string(from >= size() ? from : to) + "; " + last);
}

void Graph::too_large() {
    throw ArgumentError("graph: more than 2^31 tasks or 2^32 words of arguments");
}

TaskLists task_lists(std::size_t tasks, std::span<const Edge> first, std::span<const Edge> second) {
    TaskLists lists;
    if (first.size() + second.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw ArgumentError("graph: more than 2^32 edges");
    }
    // Counted, then filled from the back of each list, which turns the ends into the beginnings.
    lists.offsets.assign(tasks + 1, 0);
    for (const auto edges : {first, second}) {
        for (const Edge& edge : edges) ++lists.offsets[edge.from];
    }
    std::uint32_t sum = 0;
    for (std::uint32_t& offset : lists.offsets) offset = sum += offset;
    lists.tasks.resize(sum);
    for (const auto edges : {first, second}) {
        for (const Edge& edge : edges) lists.tasks[--lists.offsets[edge.from]] = edge.to;
    }

    std::uint32_t kept = 0;
    for (std::size_t task = 0; task < tasks; ++task) {
        const auto begin = lists.tasks.begin() + lists.offsets[task];
        const auto end = lists.tasks.begin() + lists.offsets[task + 1];
        lists.offsets[task] = kept;
        if (end - begin > 1) std::sort(begin, end);
        for (auto at = begin; at != end; ++at) {
            if (at == begin || *at != *(at - 1)) lists.tasks[kept++] = *at;
        }
    }
    lists.offsets[tasks] = kept;
    lists.tasks.resize(kept);
    return lists;
}

}  // namespace tilewright
