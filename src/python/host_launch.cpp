#include "host_launch.hpp"

#include <nanobind/nanobind.h>

namespace nb = nanobind;

namespace tilewright::python {
namespace {

Argument to_argument(const HostArgument& argument) {
    return std::visit(
        []<class T>(const T& value) -> Argument {
            if constexpr (std::is_same_v<T, HostBuffer>) {
                return value.buffer;
            } else {
                return value;
            }
        },
        argument);
}

}  // namespace

std::vector<Launch> to_launches(const std::vector<HostLaunch>& host_launches) {
    std::vector<Launch> launches;
    launches.reserve(host_launches.size());
    for (const auto& [kernel, cores, arguments, setup] : host_launches) {
        Launch launch{kernel, {}, {}};
        for (const auto& [address, words] : setup) launch.setup.push_back({address, words});
        for (const auto& [x, y, processor] : cores) launch.cores.push_back({{x, y}, processor});
        for (const auto& argument : arguments) launch.arguments.push_back(to_argument(argument));
        launches.push_back(std::move(launch));
    }
    return launches;
}

RunOptions options_with(std::optional<std::uint64_t> cycle_limit) {
    RunOptions options;
    if (cycle_limit) options.cycle_limit = *cycle_limit;
    options.stop_requested = [] {
        const nb::gil_scoped_acquire gil;
        return PyErr_CheckSignals() != 0;
    };
    return options;
}

}  // namespace tilewright::python
