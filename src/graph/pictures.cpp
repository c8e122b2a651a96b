// Graphs and their runs as pictures: timelines for trace viewers, and Graphviz's language.
#include <algorithm>
#include <tuple>
#include <utility>

#include "tilewright/graph/analysis.hpp"
#include "tilewright/graph/executions.hpp"
#include "trace/sink.hpp"

namespace tilewright {
namespace {

struct Moment {
    std::uint64_t cycle;
    enum Order : std::uint8_t { end, begin, end_at_once } order;  // of those in one cycle
    TaskId task;
    std::uint32_t worker;
    bool first;  // of the cores of the task: it carries the arrows
};

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') result.push_back('\\');
        result.push_back(c);
    }
    return result;
}

std::string label(const Graph& graph, TaskId task) {
    return escaped(graph.name(task)) + "\\nfunction " + std::to_string(graph.functions()[task]);
}

std::string edge(TaskId from, TaskId to) {
    return "  t" + std::to_string(from) + " -> t" + std::to_string(to);
}

std::string when(const ControlEdge& control) {
    using When = ControlEdge::When;
    if (control.when == When::counted) return std::to_string(control.times + 1) + " times";
    return control.when == When::zero ? "if the word is 0" : "while the word is not 0";
}

std::string nodes_and_edges(const Graph& graph, const GraphAnalysis* analysis) {
    std::vector<bool> on_path(graph.size());
    std::vector<TaskId> path_next(graph.size(), 0xFFFF'FFFF);
    if (analysis != nullptr) {
        const auto& path = analysis->critical_path;
        for (std::size_t i = 0; i < path.size(); ++i) {
            on_path[path[i].task] = true;
            if (i + 1 < path.size()) path_next[path[i].task] = path[i + 1].task;
        }
    }
    std::string text;
    for (TaskId task = 0; task < graph.size(); ++task) {
        text += "  t" + std::to_string(task) + " [label=\"" + label(graph, task);
        if (analysis != nullptr && !on_path[task]) {
            text += "\\nslack " + std::to_string(analysis->slack[task]);
        }
        text += on_path[task] ? "\", color=red];\n" : "\"];\n";
    }
    for (TaskId task = 0; task < graph.size(); ++task) {
        for (const TaskId next : graph.successors().of(task)) {
            text += edge(task, next);
            text += path_next[task] == next ? " [color=red];\n" : ";\n";
        }
    }
    for (const ControlEdge& control : graph.control_edges()) {
        text += edge(control.from, control.to) + " [style=dashed, constraint=false, label=\"" +
                when(control) + "\"];\n";
    }
    return text;
}

}  // namespace

void write_timeline(const std::filesystem::path& file, const Graph& graph,
                    std::span<const TaskTimes> times, std::span<const std::string> workers,
                    const GraphAnalysis& analysis, std::span<const TaskShare> shares) {
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
    moments.reserve(2 * (times.size() + shares.size()));
    const auto add = [&](const TaskShare& t) {
        const auto last = t.started < t.ended ? Moment::end : Moment::end_at_once;
        moments.push_back({t.started, Moment::begin, t.task, t.worker, t.rank == 0});
        moments.push_back({t.ended, last, t.task, t.worker, t.rank == 0});
    };
    for (TaskId task = 0; task < times.size(); ++task) {
        const TaskTimes& t = times[task];
        if (shares.empty() || graph.cores(task) == 1) add({task, 0, t.worker, t.started, t.ended});
    }
    for (const TaskShare& share : shares) add(share);
    std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
        return std::tie(a.cycle, a.order, a.task, a.worker) <
               std::tie(b.cycle, b.order, b.task, b.worker);
    });
    std::string name;
    for (const Moment& moment : moments) {
        detail::TraceEvent event;
        const bool begins = moment.order == Moment::begin;
        event.kind = begins ? detail::TraceEvent::Kind::begin : detail::TraceEvent::Kind::end;
        event.track = moment.worker + 1;
        event.group = 1;
        event.cycle = moment.cycle;
        if (begins) {
            name = graph.name(moment.task);
            event.name = name;
            if (moment.first) event.flow_to = arrow_to[moment.task];
        } else if (moment.first) {
            event.flow_from = arrow_from[moment.task];
        }
        sink->event(event);
    }
    sink->finish();
}

std::string graphviz(const Graph& graph, const GraphAnalysis* analysis) {
    return "digraph tasks {\n  node [shape=box];\n" + nodes_and_edges(graph, analysis) + "}\n";
}

std::string graphviz(const Graph& graph, const UnrolledGraph& unrolled,
                     const GraphAnalysis* analysis) {
    std::string text =
        "digraph tasks {\n  node [shape=box];\n" + nodes_and_edges(unrolled.graph, analysis);
    for (const TaskId task : unrolled.skipped) {
        text += "  skipped" + std::to_string(task) + " [label=\"" + label(graph, task) +
                "\\nskipped\", style=dashed, color=gray];\n";
    }
    return text + "}\n";
}

}  // namespace tilewright
