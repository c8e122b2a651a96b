// Graphs and their runs as pictures: timelines for trace viewers, and Graphviz's language.
#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/trace_sink.hpp"
#include "tilewright/runtime/graph/analysis.hpp"

namespace tilewright {
namespace {

struct Moment {
    std::uint64_t cycle;
    enum Order : std::uint8_t { end, begin, end_at_once } order;  // of those in one cycle
    TaskId task;
};

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') result.push_back('\\');
        result.push_back(c);
    }
    return result;
}

}  // namespace

void write_timeline(const std::filesystem::path& file, const Graph& graph,
                    std::span<const TaskTimes> times, std::span<const std::string> workers,
                    const GraphAnalysis& analysis) {
    const auto sink =
        file.extension() == ".json" ? detail::chrome_sink(file) : detail::perfetto_sink(file);
    sink->group(1, "workers");
    for (std::uint32_t i = 0; i < workers.size(); ++i) sink->track(i + 1, 1, workers[i]);

    // Arrows are numbered by the step in which they end.
    std::vector<std::uint64_t> arrow_from(graph.size());
    std::vector<std::uint64_t> arrow_to(graph.size());
    for (std::size_t i = 1; i < analysis.critical_path.size(); ++i) {
        arrow_from[analysis.critical_path[i - 1].task] = i;
        arrow_to[analysis.critical_path[i].task] = i;
    }
    std::vector<Moment> moments;
    moments.reserve(2 * times.size());
    for (TaskId task = 0; task < times.size(); ++task) {
        const auto [from, to] = std::pair(times[task].started, times[task].ended);
        moments.push_back({from, Moment::begin, task});
        moments.push_back({to, from < to ? Moment::end : Moment::end_at_once, task});
    }
    std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
        return std::tie(a.cycle, a.order, a.task) < std::tie(b.cycle, b.order, b.task);
    });
    std::string name;
    for (const Moment& moment : moments) {
        detail::TraceEvent event;
        const bool begins = moment.order == Moment::begin;
        event.kind = begins ? detail::TraceEvent::Kind::begin : detail::TraceEvent::Kind::end;
        event.track = times[moment.task].worker + 1;
        event.group = 1;
        event.cycle = moment.cycle;
        if (begins) {
            name = graph.name(moment.task);
            event.name = name;
            event.flow_to = arrow_to[moment.task];
        } else {
            event.flow_from = arrow_from[moment.task];
        }
        sink->event(event);
    }
    sink->finish();
}

std::string graphviz(const Graph& graph, const GraphAnalysis* analysis) {
    std::vector<bool> on_path(graph.size());
    std::vector<TaskId> path_next(graph.size(), 0xFFFF'FFFF);
    if (analysis != nullptr) {
        const auto& path = analysis->critical_path;
        for (std::size_t i = 0; i < path.size(); ++i) {
            on_path[path[i].task] = true;
            if (i + 1 < path.size()) path_next[path[i].task] = path[i + 1].task;
        }
    }
    std::string text = "digraph tasks {\n  node [shape=box];\n";
    for (TaskId task = 0; task < graph.size(); ++task) {
        std::string label =
            escaped(graph.name(task)) + "\\nfunction " + std::to_string(graph.functions()[task]);
        if (analysis != nullptr && !on_path[task]) {
            label += "\\nslack " + std::to_string(analysis->slack[task]);
        }
        text += "  t" + std::to_string(task) + " [label=\"" + label + "\"";
        text += on_path[task] ? ", color=red];\n" : "];\n";
    }
    for (TaskId task = 0; task < graph.size(); ++task) {
        for (const TaskId next : graph.successors().of(task)) {
            text += "  t" + std::to_string(task) + " -> t" + std::to_string(next);
            text += path_next[task] == next ? " [color=red];\n" : ";\n";
        }
    }
    return text + "}\n";
}

}  // namespace tilewright
