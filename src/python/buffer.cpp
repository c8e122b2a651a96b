// Buffer, Placement and Semaphore: memory of the chip as untyped bytes.
#include "tilewright/runtime/buffer.hpp"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <utility>

#include "bindings.hpp"
#include "host_bytes.hpp"
#include "host_device.hpp"
#include "memory_names.hpp"
#include "pickled.hpp"
#include "shown.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

void write(const HostBuffer& self, nb::handle data, std::uint64_t offset) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    self.buffer.write(bytes.span(), offset);
}

void read_into(const HostBuffer& self, nb::handle target, std::uint64_t offset) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(target, HostBytes::Access::write);
    self.buffer.read(bytes.span(), offset);
}

void free(HostBuffer& self) {
    const HostLock lock(self.in_use);
    self.buffer.free();
}

using Bytes = nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<1>>;

Bytes view(const HostBuffer& self) {
    const HostLock lock(self.in_use);
    const BufferView view = self.buffer.view();
    auto* keep = new std::shared_ptr<const void>(view.keep);
    const nb::capsule owner(keep, [](void* memory) noexcept {
        delete static_cast<std::shared_ptr<const void>*>(memory);
    });
    return Bytes(view.bytes.data(), {view.bytes.size()}, owner);
}

// The buffer protocol of tilewright.Buffer, which has a method `view` that returns an array. (From
// Python 3.12 on it could be written in Python.)
int get_buffer(PyObject* self, Py_buffer* target, int flags) {
    PyObject* const array = PyObject_CallMethod(self, "view", nullptr);
    if (array == nullptr) {
        PyErr_Clear();
        PyErr_SetString(PyExc_BufferError, "the buffer does not lie in one memory, or is freed");
        return -1;
    }
    const int result = PyObject_GetBuffer(array, target, flags);
    Py_DECREF(array);
    return result;
}

PyType_Slot exporter_slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
                                {0, nullptr}};

struct Exporter {};

std::string describe(const Placement& placement) {
    switch (placement.kind) {
        case Placement::Kind::bank:
            return "Placement.bank(" + std::to_string(placement.bank) + ")";
        case Placement::Kind::l1:
            return "Placement.l1(" + std::to_string(placement.tile.x) + ", " +
                   std::to_string(placement.tile.y) + ")";
        case Placement::Kind::all_l1:
            return "Placement.all_l1(" + std::to_string(placement.page_bytes) + ")";
        case Placement::Kind::host:
            return "Placement.host";
        case Placement::Kind::memory:
            return "Placement.memory('" + std::string(name_of(placement.memory)) + "', " +
                   std::to_string(placement.bank) + ")";
        case Placement::Kind::interleaved:
            break;
    }
    return "Placement.interleaved(" + std::to_string(placement.page_bytes) + ")";
}

}  // namespace

void bind_buffer(nb::module_& module) {
    nb::class_<Placement> placement(module, "Placement", "Where a buffer lies.");
    placement
        .def_static("interleaved", &Placement::interleaved, "page_bytes"_a = 4096,
                    "Pages go round all DRAM banks.")
        .def_static("bank", &Placement::in_bank, "bank"_a, "All of it in one DRAM bank.")
        .def_static(
            "l1",
            [](std::uint16_t x, std::uint16_t y) {
                return Placement::in_l1({x, y});
            },
            "x"_a, "y"_a, "All of it in the L1 of one tile.")
        .def_static(
            "memory",
            [](const std::string& kind, std::uint32_t index) {
                return Placement::in_memory(memory_kind(kind), index);
            },
            "kind"_a, "index"_a,
            "All of it in one memory of the hierarchy, by the names of `Device.memory`.")
        .def_static("all_l1", &Placement::in_all_l1, "page_bytes"_a = 4096,
                    "Pages go round the L1s of all tiles, row by row.")
        .def("__repr__", &describe)
        .def(
            "__eq__", [](const Placement& a, const Placement& b) { return a == b; },
            nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"));
    pickle(placement);

    nb::class_<Semaphore>(module, "Semaphore",
                          "A word at the same address in every tile, to wait on and to add to.")
        .def_ro("address", &Semaphore::address)
        .def("__repr__", show({"address"}));

    nb::class_<Exporter>(module, "Exporter", nb::type_slots(exporter_slots),
                         "Base of what has a method `view`: gives it the buffer protocol.")
        .def(nb::init<>());

    nb::class_<HostBuffer>(module, "Buffer", "A piece of the chip's memory, as bytes.")
        .def_prop_ro("nbytes", [](const HostBuffer& b) { return b.buffer.bytes(); })
        .def_prop_ro("address", [](const HostBuffer& b) { return b.buffer.address(); })
        .def_prop_ro("global_address",
                     [](const HostBuffer& b) { return value(b.buffer.global_address()); })
        .def_prop_ro("core_address",
                     [](const HostBuffer& b) { return value(b.buffer.core_address()); })
        .def_prop_ro("placement", [](const HostBuffer& b) { return b.buffer.placement(); })
        .def_prop_ro("valid", [](const HostBuffer& b) { return b.buffer.valid(); })
        .def("write", &write, "data"_a, "offset"_a = 0)
        .def("read_into", &read_into, "target"_a, "offset"_a = 0)
        .def("view", &view)
        .def("free", &free)
        .def("describe", [](const HostBuffer& b) { return b.buffer.describe(); });
}

}  // namespace tilewright::python
