// Queue and Event. Filling a queue needs no lock of its device; letting time pass does.
#include "tilewright/runtime/queue.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "host_launch.hpp"
#include "host_queue.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

void write(HostQueue& self, const HostBuffer& buffer, nb::handle data) {
    const HostBytes bytes(data, HostBytes::Access::read);
    self.queue.write(buffer.buffer, bytes.span());
}

void read_into(HostQueue& self, const HostBuffer& buffer, nb::handle data) {
    const auto bytes = std::make_shared<HostBytes>(data, HostBytes::Access::write);
    self.queue.read(buffer.buffer, bytes->span());
    self.reads->push_back(bytes);
}

void copy(HostQueue& self, const HostBuffer& destination, const HostBuffer& source,
          std::uint64_t bytes, std::uint64_t destination_offset, std::uint64_t source_offset) {
    self.queue.copy(destination.buffer, source.buffer, bytes, destination_offset, source_offset);
}

void run(HostQueue& self, const std::vector<HostLaunch>& launches) {
    self.queue.run(to_launches(launches));
}

Run finish(HostQueue& self, std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(cycle_limit);
    Run run;
    {
        const nb::gil_scoped_release no_gil;
        run = self.queue.finish(options);
    }
    if (self.queue.empty()) self.reads->clear();
    return run;
}

}  // namespace

void bind_queue(nb::module_& module) {
    nb::class_<Event>(module, "Event", "A point in a queue.")
        .def_prop_ro("cycle", [](const Event& e) -> std::optional<std::uint64_t> {
            const auto cycle = e.cycle();
            return cycle ? std::optional(count(*cycle)) : std::nullopt;
        });
    nb::class_<HostQueue>(module, "Queue", "Work in order.")
        .def("write", &write, "buffer"_a, "data"_a)
        .def("read_into", &read_into, "buffer"_a, "data"_a)
        .def("copy", &copy, "destination"_a, "source"_a, "nbytes"_a, "destination_offset"_a,
             "source_offset"_a)
        .def("run", &run, "launches"_a)
        .def("record", [](HostQueue& q) { return q.queue.record(); })
        .def(
            "wait", [](HostQueue& q, const Event& e) { q.queue.wait(e); }, "event"_a)
        .def("finish", &finish, "cycle_limit"_a.none())
        .def_prop_ro("empty", [](const HostQueue& q) { return q.queue.empty(); });
}

}  // namespace tilewright::python
