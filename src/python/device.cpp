// Device: opening, running and looking into the chip. Runs release the GIL and stop for signals.
#include "tilewright/runtime/device.hpp"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "bindings.hpp"
#include "host_bytes.hpp"
#include "host_device.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using CoreTuple = std::tuple<std::uint16_t, std::uint16_t, std::uint16_t>;
using HostArgument = std::variant<std::int64_t, std::uint64_t, double, HostBuffer, Semaphore>;
using HostLaunch = std::tuple<Kernel, std::vector<CoreTuple>, std::vector<HostArgument>>;

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

std::vector<Launch> to_launches(const std::vector<HostLaunch>& host_launches) {
    std::vector<Launch> launches;
    launches.reserve(host_launches.size());
    for (const auto& [kernel, cores, arguments] : host_launches) {
        Launch launch{kernel, {}, {}};
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

void launch(HostDevice& self, const std::vector<HostLaunch>& launches) {
    const Turn turn(self.in_use);
    self.device.launch(to_launches(launches));
}

Run finish(HostDevice& self, std::optional<std::uint64_t> cycle_limit) {
    const Turn turn(self.in_use);
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return self.device.finish(options);
}

Run run(HostDevice& self, const std::vector<HostLaunch>& host_launches,
        std::optional<std::uint64_t> cycle_limit) {
    const Turn turn(self.in_use);
    const std::vector<Launch> launches = to_launches(host_launches);
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return self.device.run(launches, options);
}

bool advance_to(HostDevice& self, std::uint64_t cycle) {
    const Turn turn(self.in_use);
    const RunOptions options = options_with(std::nullopt);
    const nb::gil_scoped_release no_gil;
    return self.device.advance_to(Cycle{cycle}, options);
}

HostBuffer allocate(HostDevice& self, std::uint64_t bytes, const Placement& placement) {
    const Turn turn(self.in_use);
    return {self.device.allocate(bytes, placement), self.in_use};
}

std::vector<HostBuffer> buffers(const HostDevice& self) {
    const Turn turn(self.in_use);
    std::vector<HostBuffer> result;
    for (Buffer& buffer : self.device.buffers()) result.push_back({std::move(buffer), self.in_use});
    return result;
}

nb::bytes read_l1(const HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint32_t address,
                  std::uint32_t count) {
    const Turn turn(self.in_use);
    std::vector<std::byte> data(count);
    self.device.read_l1({x, y}, address, data);
    return nb::bytes(data.data(), data.size());
}

void write_l1(HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint32_t address,
              nb::handle data) {
    const Turn turn(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    self.device.write_l1({x, y}, address, bytes.span());
}

nb::bytes snapshot(const HostDevice& self) {
    const Turn turn(self.in_use);
    const Snapshot image = self.device.snapshot();
    return nb::bytes(image.bytes.data(), image.bytes.size());
}

void restore(HostDevice& self, nb::handle data) {
    const Turn turn(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    const auto span = bytes.span();
    self.device.restore({std::vector<std::byte>(span.begin(), span.end())});
}

void close(HostDevice& self) {
    const Turn turn(self.in_use);
    self.device.close();
}

void abort(HostDevice& self) {
    const Turn turn(self.in_use);
    self.device.abort();
}

std::uint64_t cycle(const HostDevice& self) {
    const Turn turn(self.in_use);
    return count(self.device.cycle());
}

bool busy(const HostDevice& self) {
    const Turn turn(self.in_use);
    return self.device.busy();
}

Counters counters(const HostDevice& self) {
    const Turn turn(self.in_use);
    return self.device.counters();
}

Semaphore semaphore(HostDevice& self, std::uint32_t initial) {
    const Turn turn(self.in_use);
    return self.device.semaphore(initial);
}

}  // namespace

void bind_device(nb::module_& module) {
    nb::class_<HostDevice>(module, "Device", "A chip, open.")
        .def(nb::init<const ChipConfig&>(), "config"_a)
        .def("close", &close)
        .def_prop_ro("is_open", [](const HostDevice& d) { return d.device.is_open(); })
        .def_prop_ro("config", [](const HostDevice& d) { return d.device.config(); })
        .def_prop_ro("cycle", &cycle)
        .def_prop_ro("busy", &busy)
        .def("allocate", &allocate, "bytes"_a, "placement"_a)
        .def("buffers", &buffers)
        .def("semaphore", &semaphore, "initial"_a)
        .def("launch", &launch, "launches"_a)
        .def("finish", &finish, "cycle_limit"_a.none())
        .def("run", &run, "launches"_a, "cycle_limit"_a.none())
        .def("advance_to", &advance_to, "cycle"_a)
        .def("abort", &abort)
        .def("read_l1", &read_l1, "x"_a, "y"_a, "address"_a, "count"_a)
        .def("write_l1", &write_l1, "x"_a, "y"_a, "address"_a, "data"_a)
        .def("snapshot", &snapshot)
        .def("restore", &restore, "data"_a)
        .def("counters", &counters);
}

}  // namespace tilewright::python
