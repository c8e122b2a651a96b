#include "host_launch.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>

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

namespace {

/// The line on a terminal that tells how far a run has come; made when the run takes long, and gone
/// with the last copy of its options.
class ProgressLine {
public:
    ProgressLine() = default;
    ~ProgressLine() {
        if (!line_.is_valid()) return;
        const nb::gil_scoped_acquire gil;
        try {
            if (!line_.is_none()) line_.attr("close")();
        } catch (nb::python_error& error) {
            error.discard_as_unraisable("the progress line");
        }
        line_.reset();
    }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const RunProgress& progress) {
        const nb::gil_scoped_acquire gil;
        try {
            if (!line_.is_valid()) {
                line_ = nb::module_::import_("tilewright.progress").attr("progress_line")();
            }
            if (line_.is_none()) return;
            line_.attr("show")(count(progress.cycle), progress.instructions, progress.seconds,
                               progress.running, progress.waiting);
        } catch (nb::python_error& error) {  // it is no reason to end a run
            error.discard_as_unraisable("the progress line");
            line_ = nb::none();
        }
    }

private:
    nb::object line_;  // None where there is no terminal
};

}  // namespace

RunOptions options_with(std::optional<std::uint64_t> cycle_limit) {
    RunOptions options;
    if (cycle_limit) options.cycle_limit = *cycle_limit;
    options.stop_requested = [] {
        const nb::gil_scoped_acquire gil;
        return PyErr_CheckSignals() != 0;
    };
    options.progress = [line = std::make_shared<ProgressLine>()](const RunProgress& progress) {
        line->show(progress);
    };
    return options;
}

}  // namespace tilewright::python
