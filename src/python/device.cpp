// Device: opening, running and looking into the chip. Runs release the GIL and stop for signals.
#include "tilewright/runtime/device.hpp"

#include <nanobind/stl/filesystem.h>
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
#include "host_launch.hpp"
#include "host_queue.hpp"
#include "shown.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

void open(HostDevice* self, const ChipConfig& config, const std::optional<std::string>& translate,
          std::optional<std::uint32_t> threads) {
    DeviceOptions options{.threads = threads};
    if (translate) options.translate = parse_translation_mode(*translate, "translate");
    new (self) HostDevice(config, options);
}

void launch(HostDevice& self, const std::vector<HostLaunch>& launches) {
    const HostLock lock(self.in_use);
    self.device.launch(to_launches(launches));
}

Run finish(HostDevice& self, std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return self.device.finish(options);
}

Run run(HostDevice& self, const std::vector<HostLaunch>& host_launches,
        std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(self.in_use);
    const std::vector<Launch> launches = to_launches(host_launches);
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return self.device.run(launches, options);
}

bool advance_to(HostDevice& self, std::uint64_t cycle) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(std::nullopt);
    const nb::gil_scoped_release no_gil;
    return self.device.advance_to(Cycle{cycle}, options);
}

HostBuffer allocate(HostDevice& self, std::uint64_t bytes, const Placement& placement) {
    const HostLock lock(self.in_use);
    return {self.device.allocate(bytes, placement), self.in_use};
}

HostBuffer pin(HostDevice& self, nb::handle memory) {
    const HostLock lock(self.in_use);
    // What is pinned may end while a run has released the GIL.
    const std::shared_ptr<HostBytes> bytes(new HostBytes(memory, HostBytes::Access::write),
                                           [](const HostBytes* held) {
                                               const nb::gil_scoped_acquire gil;
                                               delete held;
                                           });
    return {self.device.pin(bytes->span(), bytes), self.in_use};
}

std::vector<HostBuffer> buffers(const HostDevice& self) {
    const HostLock lock(self.in_use);
    std::vector<HostBuffer> result;
    for (Buffer& buffer : self.device.buffers()) result.push_back({std::move(buffer), self.in_use});
    return result;
}

nb::bytes read_l1(const HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint32_t address,
                  std::uint32_t count) {
    const HostLock lock(self.in_use);
    std::vector<std::byte> data(count);
    self.device.read_l1({x, y}, address, data);
    return nb::bytes(data.data(), data.size());
}

void write_l1(HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint32_t address,
              nb::handle data) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    self.device.write_l1({x, y}, address, bytes.span());
}

nb::bytes snapshot(const HostDevice& self) {
    const HostLock lock(self.in_use);
    nb::bytes image;
    self.device.snapshot([&](std::size_t bytes) {
        PyObject* memory = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(bytes));
        if (memory == nullptr) throw nb::python_error();
        image = nb::steal<nb::bytes>(memory);
        return std::span(reinterpret_cast<std::byte*>(PyBytes_AsString(memory)), bytes);
    });
    return image;
}

Snapshot snapshot_of(const HostBytes& bytes) {
    return {{bytes.span().begin(), bytes.span().end()}};
}

nb::bytes snapshot_changes(nb::handle base, nb::handle later) {
    const SnapshotChanges result = changes(snapshot_of(HostBytes(base, HostBytes::Access::read)),
                                           snapshot_of(HostBytes(later, HostBytes::Access::read)));
    return nb::bytes(result.bytes.data(), result.bytes.size());
}

nb::bytes apply_changes(nb::handle base, nb::handle data) {
    const HostBytes bytes(data, HostBytes::Access::read);
    const Snapshot result = apply(snapshot_of(HostBytes(base, HostBytes::Access::read)),
                                  {{bytes.span().begin(), bytes.span().end()}});
    return nb::bytes(result.bytes.data(), result.bytes.size());
}

void restore(HostDevice& self, nb::handle data) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    self.device.restore(bytes.span());
}

void close(HostDevice& self) {
    const HostLock lock(self.in_use);
    self.device.close();
}

void abort(HostDevice& self) {
    const HostLock lock(self.in_use);
    self.device.abort();
}

std::uint64_t cycle(const HostDevice& self) {
    const HostLock lock(self.in_use);
    return count(self.device.cycle());
}

std::vector<CoreWait> waiting(const HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.waiting();
}

std::vector<CoreRunning> running(const HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.running();
}

bool busy(const HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.busy();
}

std::optional<std::string> take_translation_failure(HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.take_translation_failure();
}

Counters counters(const HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.counters();
}

Semaphore semaphore(HostDevice& self, std::uint32_t initial) {
    const HostLock lock(self.in_use);
    return self.device.semaphore(initial);
}

Semaphore doorbell(HostDevice& self, std::uint32_t initial) {
    const HostLock lock(self.in_use);
    return self.device.doorbell(initial);
}

void ring(HostDevice& self, const Semaphore& bell, std::uint16_t x, std::uint16_t y,
          std::uint32_t increment) {
    const HostLock lock(self.in_use);
    self.device.ring(bell, {x, y}, increment);
}

bool run_until_idle(HostDevice& self, std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return self.device.run_until_idle(options);
}

void set_checks(HostDevice& self, bool stack, bool unwritten_reads, bool unflushed_writes,
                bool missing_barriers, bool circular_buffers, bool races, bool buffers) {
    const HostLock lock(self.in_use);
    self.device.set_checks({stack, unwritten_reads, unflushed_writes, missing_barriers,
                            circular_buffers, races, buffers});
}

void start_trace(HostDevice& self, const std::string& file, bool functions,
                 std::uint64_t shortest_function) {
    const HostLock lock(self.in_use);
    if (self.trace) throw BusyError("trace: the device is being traced already");
    self.trace = std::make_unique<TraceWriter>(file, self.device.config(),
                                               TraceOptions{functions, shortest_function});
    self.device.observe(*self.trace);
}

void finish_trace(HostDevice& self) {
    const HostLock lock(self.in_use);
    const std::unique_ptr<TraceWriter> trace = std::move(self.trace);
    if (!trace) return;
    self.device.forget(*trace);
    trace->finish(self.device.cycle());
}

HostQueue queue(HostDevice& self) {
    const HostLock lock(self.in_use);
    Queue queue = self.device.queue();
    self.reads.push_back(std::make_shared<HostReads>());
    return {std::move(queue), self.in_use, self.reads.back()};
}

std::vector<HostQueue> queues(HostDevice& self) {
    const HostLock lock(self.in_use);
    std::vector<HostQueue> result;
    for (Queue& queue : self.device.queues()) {
        self.reads.push_back(std::make_shared<HostReads>());
        result.push_back({std::move(queue), self.in_use, self.reads.back()});
    }
    return result;
}

Lease lease_l1(HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint64_t address,
               std::uint64_t bytes, std::string holder) {
    const HostLock lock(self.in_use);
    return self.device.lease(Resource::l1({x, y}, address, bytes), std::move(holder));
}

std::vector<Holding> leases(HostDevice& self) {
    const HostLock lock(self.in_use);
    return self.device.leases();
}

void bind_leases(nb::module_& module) {
    nb::class_<Lease>(module, "Lease", "A range of L1 that somebody has taken.")
        .def("release", &Lease::release)
        .def_prop_ro("valid", &Lease::valid)
        .def_prop_ro("holder", &Lease::holder)
        .def_prop_ro("resource", [](const Lease& l) { return describe(l.resource()); })
        .def("__repr__", show({"resource", "holder", "valid"}));
    nb::class_<Holding>(module, "Holding", "What of a chip somebody has, and who.")
        .def_ro("holder", &Holding::holder)
        .def_prop_ro("resource", [](const Holding& h) { return describe(h.resource); })
        .def("__repr__", [](const Holding& h) {
            return "<Holding: " + describe(h.resource) + ", " + h.holder + ">";
        });
}

}  // namespace

void bind_device(nb::module_& module) {
    bind_leases(module);
    nb::class_<HostDevice> device(module, "Device", "A chip, open.");
    device
        .def("__init__", &open, "config"_a, "translate"_a.none() = nb::none(),
             "threads"_a.none() = nb::none())
        .def("close", &close)
        .def_prop_ro("is_open", [](const HostDevice& d) { return d.device.is_open(); })
        .def_prop_ro("config", [](const HostDevice& d) { return d.device.config(); })
        .def_prop_ro("threads", [](const HostDevice& d) { return d.device.threads(); })
        .def_prop_ro("cycle", &cycle)
        .def_prop_ro("busy", &busy)
        .def_prop_ro("waiting", &waiting)
        .def_prop_ro("running", &running)
        .def("allocate", &allocate, "bytes"_a, "placement"_a)
        .def("pin", &pin, "memory"_a)
        .def("buffers", &buffers)
        .def("semaphore", &semaphore, "initial"_a)
        .def("doorbell", &doorbell, "initial"_a)
        .def("ring", &ring, "bell"_a, "x"_a, "y"_a, "increment"_a)
        .def("lease_l1", &lease_l1, "x"_a, "y"_a, "address"_a, "bytes"_a, "holder"_a)
        .def(
            "find_l1",
            [](HostDevice& d, std::uint16_t x, std::uint16_t y, std::uint32_t bytes,
               std::uint32_t from) {
                const HostLock lock(d.in_use);
                return d.device.find_l1({x, y}, bytes, from);
            },
            "x"_a, "y"_a, "bytes"_a, "from_address"_a,
            "The lowest address from there on at which so many bytes of a tile's L1 are free.")
        .def("leases", &leases)
        .def(
            "release",
            [](HostDevice& d, const Holding& holding) {
                const HostLock lock(d.in_use);
                d.device.release(holding);
            },
            "holding"_a)
        .def("queue", &queue)
        .def("queues", &queues)
        .def("launch", &launch, "launches"_a)
        .def("finish", &finish, "cycle_limit"_a.none())
        .def("run", &run, "launches"_a, "cycle_limit"_a.none())
        .def("advance_to", &advance_to, "cycle"_a)
        .def("run_until_idle", &run_until_idle, "cycle_limit"_a.none())
        .def("abort", &abort)
        .def("read_l1", &read_l1, "x"_a, "y"_a, "address"_a, "count"_a)
        .def("write_l1", &write_l1, "x"_a, "y"_a, "address"_a, "data"_a)
        .def("snapshot", &snapshot)
        .def("restore", &restore, "data"_a)
        .def("set_checks", &set_checks, "stack"_a, "unwritten_reads"_a, "unflushed_writes"_a,
             "missing_barriers"_a, "circular_buffers"_a, "races"_a, "buffers"_a)
        .def("take_translation_failure", &take_translation_failure)
        .def(
            "set_translation_compiler",
            [](HostDevice& self, const std::filesystem::path& compiler) {
                const HostLock lock(self.in_use);
                self.device.set_translation_compiler(compiler);
            },
            "compiler"_a)
        .def("counters", &counters)
        .def("start_trace", &start_trace, "file"_a, "functions"_a, "shortest_function"_a)
        .def("finish_trace", &finish_trace);
    bind_engines(device);
    bind_explain(device);
    bind_profile(module, device);
    module.def("snapshot_changes", &snapshot_changes, "base"_a, "later"_a,
               "What changed from one snapshot to a later one.");
    module.def("apply_changes", &apply_changes, "base"_a, "changes"_a,
               "The later snapshot, from the earlier one and the changes.");
}

}  // namespace tilewright::python
