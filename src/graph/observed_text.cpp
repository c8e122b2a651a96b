// What was observed of a run, as text: tasks by name, bytes by the buffer that they lie in.
#include <algorithm>
#include <optional>

#include "graph/call_text.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

/// Where in a buffer these global addresses lie, if they lie in it.
std::optional<std::uint64_t> offset_in(const Buffer& buffer, const Device& device,
                                       const AddressRange& bytes) {
    using Kind = Placement::Kind;
    const Placement& placement = buffer.placement();
    const bool paged = placement.kind == Kind::interleaved || placement.kind == Kind::all_l1;
    if (!paged) {
        if (placement.kind == Kind::host) return std::nullopt;
        const std::uint64_t begin = value(buffer.global_address());
        if (bytes.begin < begin || bytes.end > begin + buffer.bytes()) return std::nullopt;
        return bytes.begin - begin;
    }
    // Pages go round the memories of one kind.
    const MemoryKind kind = placement.kind == Kind::all_l1 ? MemoryKind::tile_l1 : MemoryKind::dram;
    const std::uint64_t memories =
        kind == MemoryKind::dram ? device.config().dram_bank_count : device.config().tile_count();
    const MemoryRef place = device.map().resolve(GlobalAddress{bytes.begin}, 1);
    if (place.kind != kind || place.index >= memories || place.offset < buffer.address()) {
        return std::nullopt;
    }
    const std::uint64_t within = place.offset - buffer.address();
    const std::uint64_t page = within / placement.page_bytes * memories + place.index;
    const std::uint64_t offset = page * placement.page_bytes + within % placement.page_bytes;
    if (offset >= buffer.bytes()) return std::nullopt;
    return offset;
}

class Places {
public:
    Places(const Device& device, const Graph& graph)
        : device_(device), graph_(graph), buffers_(device.buffers()) {}

    /// "bytes 0 to 64 of argument 2, which is 4096 bytes at 0 of DRAM bank 0"
    std::string text(TaskId task, const AddressRange& bytes) const {
        const std::uint64_t size = bytes.end - bytes.begin;
        for (const Buffer& buffer : buffers_) {
            const auto offset = offset_in(buffer, device_, bytes);
            if (!offset) continue;
            std::string text = "bytes " + std::to_string(*offset) + " to " +
                               std::to_string(*offset + size) + " of ";
            if (const auto argument = argument_of(task, buffer)) {
                text += "its argument " + std::to_string(*argument) + ", ";
            }
            return text + "the buffer of " + buffer.describe();
        }
        const MemoryRef place = device_.map().resolve(GlobalAddress{bytes.begin}, 1);
        return "bytes " + hex(place.offset) + " to " + hex(place.offset + size) + " of " +
               memory_name(place.kind, place.index) + ", in no one buffer";
    }

private:
    /// The first argument of the task that points into the buffer.
    std::optional<std::size_t> argument_of(TaskId task, const Buffer& buffer) const {
        const AddressRange direct = direct_memory(device_);
        if (graph_.functions()[task] >= first_kernel_function ||
            buffer.placement().kind != Placement::Kind::bank) {
            return std::nullopt;
        }
        const std::uint64_t begin =
            value(buffer.global_address()) - direct.begin + abi::direct_base;
        const auto arguments = graph_.arguments(task);
        const auto found = std::ranges::find_if(arguments, [&](std::uint64_t word) {
            return word >= begin && word < begin + buffer.bytes();
        });
        if (found == arguments.end()) return std::nullopt;
        return static_cast<std::size_t>(found - arguments.begin());
    }

    const Device& device_;
    const Graph& graph_;
    std::vector<Buffer> buffers_;
};

/// Whether there are executions of tasks that were added in the run.
bool has_grown(const Graph& graph, const GraphRun& run) {
    return std::ranges::any_of(run.executions, [&](const TaskExecution& execution) {
        return execution.task >= graph.size();
    });
}

const char* verb(bool writes) {
    return writes ? " writes" : " reads";
}

/// What is needed to name an execution.
struct Names {
    Names(const Graph& graph_, const GraphOptions& options, const GraphRun& run_)
        : graph(graph_), run(run_), functions(options), iterations(graph_.size()) {
        for (const TaskExecution& execution : run.executions) ++iterations[execution.task];
    }
    /// "left (task 0, function 1 'add_scalar')", with the iteration if it ran several times.
    std::string of(std::uint32_t number) const {
        const auto& [task, iteration, times] = run.executions[number];
        const std::string name = "task " + std::to_string(task);
        std::string text = graph.name(task) + " (";
        if (graph.name(task) != name) text += name + ", ";
        text += functions.of(graph.functions()[task]);
        if (iterations[task] > 1) text += ", iteration " + std::to_string(iteration);
        return text + ")";
    }
    const Graph& graph;
    const GraphRun& run;
    detail::FunctionNames functions;
    std::vector<std::uint32_t> iterations;  // of each task
};

}  // namespace

std::vector<std::string> describe(const Device& device, const Graph& graph,
                                  const GraphOptions& options, const GraphRun& run,
                                  std::span<const ObservedRace> races) {
    if (has_grown(graph, run)) {
        return describe(device, with_added_tasks(graph, run.added), options, run, races);
    }
    const Names names(graph, options, run);
    const Places places(device, graph);
    std::vector<std::string> lines;
    for (const ObservedRace& race : races) {
        lines.push_back(names.of(race.first) + verb(race.first_writes) + " and " +
                        names.of(race.second) + verb(race.second_writes) + " " +
                        places.text(run.executions[race.second].task, race.bytes) +
                        ", with no order between them");
    }
    return lines;
}

std::vector<std::string> describe(const Device& device, const Graph& graph,
                                  const GraphOptions& options, const GraphRun& run,
                                  std::span<const UndeclaredAccess> undeclared) {
    if (has_grown(graph, run)) {
        return describe(device, with_added_tasks(graph, run.added), options, run, undeclared);
    }
    const Names names(graph, options, run);
    const Places places(device, graph);
    std::vector<std::string> lines;
    for (const UndeclaredAccess& access : undeclared) {
        lines.push_back(names.of(access.execution) + verb(access.write) + " " +
                        places.text(run.executions[access.execution].task, access.bytes) +
                        ", which it has not declared");
    }
    return lines;
}

void check_observed(const Device& device, const Graph& graph, const GraphOptions& options,
                    const GraphRun& run) {
    constexpr std::size_t shown = 8;
    const std::size_t count = run.races.size() + run.undeclared.size();
    if (count == 0) return;
    const auto first = [](const auto& all, std::size_t most) {
        return std::span(all).first(std::min(all.size(), most));
    };
    std::vector<std::string> lines = describe(device, graph, options, run, first(run.races, shown));
    const std::vector<std::string> others =
        describe(device, graph, options, run, first(run.undeclared, shown - lines.size()));
    lines.insert(lines.end(), others.begin(), others.end());
    const auto number = [](std::size_t n, const char* one, const char* several) {
        return std::to_string(n) + (n == 1 ? one : several);
    };
    std::string text =
        "graph: what the tasks touched: " + number(run.races.size(), " race, ", " races, ") +
        number(run.undeclared.size(), " undeclared access", " undeclared accesses");
    for (const std::string& line : lines) text += "\n  " + line;
    if (count > lines.size()) {
        text += "\n  and " + std::to_string(count - lines.size()) + " more";
    }
    throw GraphError(text);
}

}  // namespace tilewright
