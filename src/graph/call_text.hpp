// Tasks, and what they call, as messages name them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tilewright/graph/program.hpp"

namespace tilewright::detail {

/// What the functions and kernels of a graph are called.
class FunctionNames {
public:
    explicit FunctionNames(const GraphOptions& options) : options_(options) {
        const Kernel program =
            options.worker_program ? *options.worker_program : builtin_worker_program();
        for (TaskFunction& function : task_functions(program)) {
            functions_.push_back(std::move(function.name));
        }
    }
    /// "function 1 'add_scalar'", "kernel 'double'", or "program 'square'".
    std::string of(std::uint32_t function) const {
        if (function >= first_program_function) {
            return "program '" + options_.programs.at(function - first_program_function).name + "'";
        }
        if (function >= first_kernel_function) {
            return "kernel '" + options_.kernels.at(function - first_kernel_function).name() + "'";
        }
        return "function " + std::to_string(function) + " '" + functions_.at(function) + "'";
    }

private:
    const GraphOptions& options_;
    std::vector<std::string> functions_;
};

/// "left (task 0)", or "task 0" if it has no other name.
inline std::string task_text(const Graph& graph, TaskId task) {
    const std::string number = "task " + std::to_string(task);
    const std::string name = graph.name(task);
    return name.starts_with(number) ? name : name + " (" + number + ")";
}

}  // namespace tilewright::detail
