// KPUSimulator: the C++ class with arguments checked by name, memories as Python values, and
// callbacks that are Python functions. What is pleasant on top stands in the packages
// stillwater_kpu_native and stillwater_kpu.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "bindings.hpp"
#include "callback.hpp"
#include "host_bytes.hpp"
#include "host_device.hpp"
#include "host_launch.hpp"
#include "numbers.hpp"
#include "stillwater/kpu/kpu.hpp"
#include "stillwater/kpu/self_test.hpp"
#include "stillwater_statistics.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using stillwater::kpu::KPUSimulator;
using stillwater::kpu::Size;

namespace tilewright::python {
namespace {

struct HostSimulator {
    KPUSimulator simulator;
    std::shared_ptr<InUse> in_use;  // of its device

    HostSimulator(HostDevice& host, bool alone)
        : simulator(host.device, alone), in_use(host.in_use) {}
};

constexpr MemoryKind kinds[] = {
    MemoryKind::host,      MemoryKind::dram,       MemoryKind::l3,         MemoryKind::l2,
    MemoryKind::l1_buffer, MemoryKind::scratchpad, MemoryKind::page_buffer};

// nb::str and nb::sig copy what they are given, so names can be put together.
std::string text(const char* before, std::string_view name, const char* after) {
    return before + std::string(name) + after;
}

// --- Memories -----------------------------------------------------------------------------------

nb::object read_array(const HostSimulator& self, MemoryKind kind, nb::handle id, nb::handle addr,
                      nb::handle count, nb::handle dtype) {
    const Size number = whole(id, "id");
    const Size offset = whole(addr, "addr");
    const Size elements = whole(count, "count");
    const nb::module_ numpy = nb::module_::import_("numpy");
    const nb::object type = numpy.attr("dtype")(dtype);
    const Size size = nb::cast<Size>(type.attr("itemsize"));
    if (nb::cast<bool>(type.attr("hasobject")) || size == 0) {
        throw ArgumentError("dtype: a memory cannot hold elements of " +
                            nb::cast<std::string>(nb::repr(type)));
    }
    const HostLock lock(self.in_use);
    const Size capacity = self.simulator.memory_capacity(kind, number);
    if (elements > capacity / size) {
        throw AddressError(std::string(stillwater::kpu::user_name(kind)) + " " +
                           std::to_string(number) + ": " + std::to_string(elements) +
                           " elements of " + std::to_string(size) + " bytes do not lie in its " +
                           std::to_string(capacity) + " bytes");
    }
    std::vector<std::byte> data(elements * size);
    self.simulator.read_memory(kind, number, offset, data.data(), data.size());
    const nb::object bytes = nb::steal(PyByteArray_FromStringAndSize(
        reinterpret_cast<const char*>(data.data()), static_cast<Py_ssize_t>(data.size())));
    return numpy.attr("frombuffer")(bytes, type);
}

nb::object read_list(const HostSimulator& self, MemoryKind kind, nb::handle id, nb::handle addr,
                     nb::handle count) {
    return read_array(self, kind, id, addr, count, nb::str("float32")).attr("tolist")();
}

void write_array(HostSimulator& self, MemoryKind kind, nb::handle id, nb::handle addr,
                 nb::handle values, bool floats) {
    const nb::module_ numpy = nb::module_::import_("numpy");
    const nb::object array = floats ? numpy.attr("ascontiguousarray")(values, nb::str("float32"))
                                    : numpy.attr("ascontiguousarray")(values);
    if (nb::cast<bool>(array.attr("dtype").attr("hasobject"))) {
        throw ArgumentError("array: a memory cannot hold Python objects");
    }
    const Size number = whole(id, "id");
    const Size offset = whole(addr, "addr");
    const nb::object flat = array.attr("reshape")(-1).attr("view")(nb::str("uint8"));
    const HostBytes bytes(flat, HostBytes::Access::read);
    const HostLock lock(self.in_use);
    self.simulator.write_memory(kind, number, offset, bytes.span().data(), bytes.span().size());
}

template <class Class>
void bind_memory(Class& simulator, MemoryKind kind) {
    const std::string name = stillwater::kpu::user_name(kind);
    simulator.def(
        ("read_" + name).c_str(),
        [kind](const HostSimulator& self, nb::handle id, nb::handle addr, nb::handle count) {
            return read_list(self, kind, id, addr, count);
        },
        "id"_a, "addr"_a, "count"_a,
        nb::sig(text("def read_", name, "(self, id: int, addr: int, count: int) -> list[float]")
                    .c_str()),
        "`count` float32 from the offset `addr` in bytes.");
    simulator.def(("write_" + name).c_str(),
                  [kind](HostSimulator& self, nb::handle id, nb::handle addr, nb::handle data) {
                      write_array(self, kind, id, addr, data, true);
                  },
                  "id"_a, "addr"_a, "data"_a,
                  nb::sig(text("def write_", name,
                               "(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None")
                              .c_str()),
                  "Numbers, as float32, to the offset `addr` in bytes.");
    simulator.def(
        ("read_" + name + "_numpy").c_str(),
        [kind](const HostSimulator& self, nb::handle id, nb::handle addr, nb::handle count,
               nb::handle dtype) { return read_array(self, kind, id, addr, count, dtype); },
        "id"_a, "addr"_a, "count"_a, "dtype"_a = "float32",
        nb::sig(text("def read_", name,
                     "_numpy(self, id: int, addr: int, count: int, dtype: "
                     "numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[typing.Any]")
                    .c_str()),
        "`count` elements from the offset `addr` in bytes, as an array of its own.");
    simulator.def(
        ("write_" + name + "_numpy").c_str(),
        [kind](HostSimulator& self, nb::handle id, nb::handle addr, nb::handle array) {
            write_array(self, kind, id, addr, array, false);
        },
        "id"_a, "addr"_a, "array"_a,
        nb::sig(text("def write_", name,
                     "_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None")
                    .c_str()),
        "The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.");
    const auto getter = [&](const std::string& method, auto get, const char* result,
                            const char* doc) {
        simulator.def(
            method.c_str(),
            [kind, get](const HostSimulator& self, nb::handle id) {
                const Size number = whole(id, "id");
                const HostLock lock(self.in_use);
                return get(self.simulator, kind, number);
            },
            "id"_a,
            nb::sig(text("def ", method, (std::string("(self, id: int) -> ") + result).c_str())
                        .c_str()),
            doc);
    };
    const auto count = [kind](const HostSimulator& self) {
        const HostLock lock(self.in_use);
        return self.simulator.memory_count(kind);
    };
    const auto capacity = [](const KPUSimulator& s, MemoryKind k, Size id) {
        return s.memory_capacity(k, id);
    };
    const auto base = [](const KPUSimulator& s, MemoryKind k, Size id) {
        return s.memory_base(k, id);
    };
    const auto ready = [](const KPUSimulator& s, MemoryKind k, Size id) {
        return s.is_memory_ready(k, id);
    };
    simulator.def(("get_" + name + "_count").c_str(), count, "How many there are.");
    getter("get_" + name + "_capacity", capacity, "int", "Its size in bytes.");
    getter("get_" + name + "_base", base, "int", "Its global address.");
    getter("is_" + name + "_ready", ready, "bool", "It is there and can be used.");
    if (kind == MemoryKind::host) {
        simulator.def("get_host_memory_region_count", count, "How many there are.");
        getter("get_host_memory_region_capacity", capacity, "int", "Its size in bytes.");
        getter("get_host_memory_region_base", base, "int", "Its global address.");
    }
    if (kind == MemoryKind::dram) {
        getter("get_external_bank_base", base, "int", "Its global address.");
    }
}

// --- Engines ------------------------------------------------------------------------------------

template <class Class>
void bind_dma(Class& simulator, const std::string& name, MemoryKind from, MemoryKind to) {
    simulator.def(
        name.c_str(),
        [from, to](HostSimulator& self, nb::handle dma_id, nb::handle src_addr, nb::handle dst_addr,
                   nb::handle size, nb::handle callback) {
            const Size id = whole(dma_id, "dma_id");
            const std::uint64_t source = address(src_addr, "src_addr", size);
            const std::uint64_t destination = address(dst_addr, "dst_addr", size);
            const Size bytes = whole(size, "size");
            const HostLock lock(self.in_use);
            self.simulator.dma_between(from, to, id, source, destination, bytes,
                                       to_callback(self.in_use, callback, "callback"));
        },
        "dma_id"_a, "src_addr"_a, "dst_addr"_a, "size"_a, "callback"_a = nb::none(),
        nb::sig(text("def ", name,
                     "(self, dma_id: int, src_addr: typing.Any, dst_addr: typing.Any, size: "
                     "int, callback: collections.abc.Callable[[], object] | None = None) -> None")
                    .c_str()),
        "Queue a transfer of `size` bytes between global addresses.");
}

void start_dma_transfer(HostSimulator& self, nb::handle dma_id, nb::handle src_addr,
                        nb::handle dst_addr, nb::handle size, nb::handle callback) {
    const Size id = whole(dma_id, "dma_id");
    const std::uint64_t source = address(src_addr, "src_addr", size);
    const std::uint64_t destination = address(dst_addr, "dst_addr", size);
    const Size bytes = whole(size, "size");
    const HostLock lock(self.in_use);
    self.simulator.start_dma_transfer(id, source, destination, bytes,
                                      to_callback(self.in_use, callback, "callback"));
}

template <class Value, std::size_t N>
Value one_of(const char* name, const std::string& word,
             const std::array<std::pair<const char*, Value>, N>& known) {
    std::string all;
    for (const auto& [text, value] : known) {
        if (word == text) return value;
        all += (all.empty() ? "" : " or ") + std::string(text);
    }
    throw ArgumentError(std::string(name) + ": expected " + all + ", got '" + word + "'");
}

constexpr std::array<std::pair<const char*, Transform>, 4> transforms = {
    {{"identity", Transform::identity},
     {"transpose", Transform::transpose},
     {"reshape", Transform::reshape},
     {"shuffle", Transform::shuffle}}};
constexpr std::array<std::pair<const char*, bool>, 2> directions = {
    {{"l2_to_l1", true}, {"l1_to_l2", false}}};

void start_block_transfer(HostSimulator& self, nb::handle mover_id, nb::handle src_l3,
                          nb::handle src_offset, nb::handle dst_l2, nb::handle dst_offset,
                          nb::handle height, nb::handle width, nb::handle element_size,
                          const std::string& transform, nb::handle callback) {
    const Transform change = one_of("transform", transform, transforms);
    const HostLock lock(self.in_use);
    self.simulator.start_block_transfer(whole(mover_id, "mover_id"), whole(src_l3, "src_l3"),
                                        whole(src_offset, "src_offset"), whole(dst_l2, "dst_l2"),
                                        whole(dst_offset, "dst_offset"), whole(height, "height"),
                                        whole(width, "width"), whole(element_size, "element_size"),
                                        change, to_callback(self.in_use, callback, "callback"));
}

template <auto start>
void start_stream(HostSimulator& self, nb::handle streamer_id, nb::handle l2_bank,
                  nb::handle l2_offset, nb::handle l1_buffer, nb::handle l1_offset,
                  nb::handle height, nb::handle width, nb::handle element_size,
                  const std::string& direction, nb::handle callback) {
    const bool to_l1 = one_of("direction", direction, directions);
    const HostLock lock(self.in_use);
    (self.simulator.*start)(whole(streamer_id, "streamer_id"), whole(l2_bank, "l2_bank"),
                            whole(l2_offset, "l2_offset"), whole(l1_buffer, "l1_buffer"),
                            whole(l1_offset, "l1_offset"), whole(height, "height"),
                            whole(width, "width"), whole(element_size, "element_size"), to_l1,
                            to_callback(self.in_use, callback, "callback"));
}

void start_matmul(HostSimulator& self, nb::handle tile_id, nb::handle scratchpad_id, nb::handle m,
                  nb::handle n, nb::handle k, nb::handle a_addr, nb::handle b_addr,
                  nb::handle c_addr, nb::handle callback) {
    const HostLock lock(self.in_use);
    self.simulator.start_matmul(
        whole(tile_id, "tile_id"), whole(scratchpad_id, "scratchpad_id"), whole(m, "m"),
        whole(n, "n"), whole(k, "k"), whole(a_addr, "a_addr"), whole(b_addr, "b_addr"),
        whole(c_addr, "c_addr"), to_callback(self.in_use, callback, "callback"));
}

constexpr std::array<std::pair<const char*, DataType>, 3> types = {
    {{"float32", DataType::float32}, {"float16", DataType::float16}, {"int8", DataType::int8}}};

// The arrays are contiguous and of these sizes; the package sees to that.
void multiply(HostSimulator& self, nb::handle a, nb::handle b, nb::handle c, Size m, Size n, Size k,
              const std::string& type) {
    const HostBytes left(a, HostBytes::Access::read);
    const HostBytes right(b, HostBytes::Access::read);
    const HostBytes result(c, HostBytes::Access::write);
    const DataType element = one_of("type", type, types);
    if (left.span().size() != m * k * size_of(element) ||
        right.span().size() != k * n * size_of(element) ||
        result.span().size() != m * n * size_of(accumulator_of(element))) {
        throw ArgumentError("multiply: the arrays are not of the sizes m, n and k");
    }
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(std::nullopt);
    const nb::gil_scoped_release no_gil;
    self.simulator.matmul(left.span().data(), right.span().data(), result.span().data(), m, n, k,
                          element, options);
}

std::vector<std::string> self_test(HostSimulator& self) {
    const HostLock lock(self.in_use);
    return stillwater::kpu::self_test(self.simulator);
}

void inject_fault(HostSimulator& self, const std::string& unit, nb::handle index, nb::handle offset,
                  nb::handle bit) {
    const Size number = whole(bit, "bit");
    const HostLock lock(self.in_use);
    self.simulator.inject_fault({.unit = unit,
                                 .index = whole(index, "index"),
                                 .offset = whole(offset, "offset"),
                                 .bit = static_cast<std::uint32_t>(std::min<Size>(number, 8))});
}

void clear_faults(HostSimulator& self) {
    self.simulator.clear_faults();
}

template <auto query>
bool is_busy(const HostSimulator& self, nb::handle id) {
    const Size number = whole(id, "id");
    const HostLock lock(self.in_use);
    return (self.simulator.*query)(number);
}

template <auto query>
auto get(const HostSimulator& self) {
    const HostLock lock(self.in_use);
    return (self.simulator.*query)();
}

// --- Time ---------------------------------------------------------------------------------------

void step(HostSimulator& self) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(std::nullopt);
    const nb::gil_scoped_release no_gil;
    self.simulator.step(options);
}

void run_until_idle(HostSimulator& self) {
    const HostLock lock(self.in_use);
    const RunOptions options = options_with(std::nullopt);
    const nb::gil_scoped_release no_gil;
    self.simulator.run_until_idle(options);
}

// --- Looking ------------------------------------------------------------------------------------

nb::dict statistics(const HostSimulator& self) {
    const HostLock lock(self.in_use);
    return to_dict(self.simulator.statistics());
}

void reset(HostSimulator& self) {
    const HostLock lock(self.in_use);
    self.simulator.reset();
}

constexpr std::pair<const char*, MemoryKind> dma_sides[] = {{"host", MemoryKind::host},
                                                            {"external", MemoryKind::dram},
                                                            {"l3", MemoryKind::l3},
                                                            {"scratchpad", MemoryKind::scratchpad}};
constexpr const char* callback_sig =
    "callback: collections.abc.Callable[[], object] | None = None) -> None";

}  // namespace

void bind_stillwater(nb::module_& module) {
    auto simulator = nb::class_<HostSimulator>(
        module, "KPUSimulator",
        "Memories, engines and arrays of an open chip by address; use stillwater_kpu instead.");
    simulator.def(nb::init<HostDevice&, bool>(), "device"_a, "alone"_a, nb::keep_alive<1, 2>());
    for (const MemoryKind kind : kinds) bind_memory(simulator, kind);
    simulator.def("get_dma_engine_count", &get<&KPUSimulator::get_dma_engine_count>)
        .def("get_block_mover_count", &get<&KPUSimulator::get_block_mover_count>)
        .def("get_streamer_count", &get<&KPUSimulator::get_streamer_count>)
        .def("get_compute_tile_count", &get<&KPUSimulator::get_compute_tile_count>)
        .def("get_systolic_array_rows", &get<&KPUSimulator::get_systolic_array_rows>)
        .def("get_systolic_array_cols", &get<&KPUSimulator::get_systolic_array_cols>)
        .def("is_using_systolic_arrays", &get<&KPUSimulator::is_using_systolic_arrays>,
             "False if a compute tile is a single multiply-accumulate unit.");

    simulator.def("start_dma_transfer", &start_dma_transfer, "dma_id"_a, "src_addr"_a, "dst_addr"_a,
                  "size"_a, "callback"_a = nb::none(),
                  nb::sig(text("def start_dma_transfer(self, dma_id: int, src_addr: typing.Any, "
                               "dst_addr: typing.Any, size: int, ",
                               callback_sig, "")
                              .c_str()),
                  "Queue a transfer of `size` bytes between any two global addresses.");
    for (const auto& [source, from] : dma_sides) {
        for (const auto& [destination, to] : dma_sides) {
            bind_dma(simulator, text("dma_", source, "_to_") + destination, from, to);
        }
    }
    simulator.def(
        "start_block_transfer", &start_block_transfer, "mover_id"_a, "src_l3"_a, "src_offset"_a,
        "dst_l2"_a, "dst_offset"_a, "height"_a, "width"_a, "element_size"_a,
        "transform"_a = "identity", "callback"_a = nb::none(),
        nb::sig(text("def start_block_transfer(self, mover_id: int, src_l3: int, src_offset: int, "
                     "dst_l2: int, dst_offset: int, height: int, width: int, element_size: int, "
                     "transform: str = 'identity', ",
                     callback_sig, "")
                    .c_str()),
        "Queue the move of a matrix: identity, transpose, reshape (to width x height) or shuffle.");
    const auto def_stream = [&](const char* name, auto start) {
        simulator.def(
            name, start, "streamer_id"_a, "l2_bank"_a, "l2_offset"_a, "l1_buffer"_a, "l1_offset"_a,
            "height"_a, "width"_a, "element_size"_a, "direction"_a = "l2_to_l1",
            "callback"_a = nb::none(),
            nb::sig(text("def ", name,
                         "(self, streamer_id: int, l2_bank: int, l2_offset: int, l1_buffer: int, "
                         "l1_offset: int, height: int, width: int, element_size: int, direction: "
                         "str = 'l2_to_l1', callback: collections.abc.Callable[[], object] | None "
                         "= None) -> None")
                        .c_str()),
            "Queue the stream of a matrix, l2_to_l1 or l1_to_l2.");
    };
    def_stream("start_row_stream", &start_stream<&KPUSimulator::start_row_stream>);
    def_stream("start_column_stream", &start_stream<&KPUSimulator::start_column_stream>);
    simulator
        .def("is_dma_busy", &is_busy<&KPUSimulator::is_dma_busy>, "id"_a,
             nb::sig("def is_dma_busy(self, id: int) -> bool"))
        .def("is_block_mover_busy", &is_busy<&KPUSimulator::is_block_mover_busy>, "id"_a,
             nb::sig("def is_block_mover_busy(self, id: int) -> bool"))
        .def("is_compute_busy", &is_busy<&KPUSimulator::is_compute_busy>, "id"_a,
             nb::sig("def is_compute_busy(self, id: int) -> bool"))
        .def("is_streamer_busy", &is_busy<&KPUSimulator::is_streamer_busy>, "id"_a,
             nb::sig("def is_streamer_busy(self, id: int) -> bool"));

    simulator.def(
        "start_matmul", &start_matmul, "tile_id"_a, "scratchpad_id"_a, "m"_a, "n"_a, "k"_a,
        "a_addr"_a, "b_addr"_a, "c_addr"_a, "callback"_a = nb::none(),
        nb::sig(text("def start_matmul(self, tile_id: int, scratchpad_id: int, m: int, n: int, k: "
                     "int, a_addr: int, b_addr: int, c_addr: int, ",
                     callback_sig, "")
                    .c_str()),
        "Queue C (m x n) = A (m x k) B (k x n) in float32, at offsets in bytes in one scratchpad.");
    simulator.def("multiply", &multiply, "a"_a, "b"_a, "c"_a, "m"_a, "n"_a, "k"_a, "type"_a,
                  "C = A B over the whole hierarchy; contiguous arrays of float32, float16 (C in "
                  "float32) or int8 (C in int32).");
    simulator
        .def("self_test", &self_test,
             "Test every unit by what it does to data; one line for each that failed.")
        .def("inject_fault", &inject_fault, "unit"_a, "index"_a = 0, "offset"_a = 0, "bit"_a = 0,
             nb::sig("def inject_fault(self, unit: str, index: int = 0, offset: int = 0, bit: int "
                     "= 0) -> None"),
             "Give a unit a defect: a memory a bit that is stuck at 1, an engine one wrong bit in "
             "every result.")
        .def("clear_faults", &clear_faults, "Mend all defects.");

    simulator.def("step", &step, "Let one cycle pass.")
        .def("run_until_idle", &run_until_idle,
             "Let time pass until no engine has a command; callbacks are called on the way.")
        .def("reset", &reset,
             "Begin anew: nothing queued, cycle 0, and memories all zero. On a device that others "
             "share only the counting begins anew.")
        .def("get_current_cycle", &get<&KPUSimulator::get_current_cycle>)
        .def("get_elapsed_time_ms", &get<&KPUSimulator::get_elapsed_time_ms>,
             "Simulated: cycles at the clock.")
        .def("get_host_time_ms", &get<&KPUSimulator::get_host_time_ms>,
             "What simulating them took.")
        .def("statistics", &statistics, nb::sig("def statistics(self) -> dict[str, typing.Any]"))
        .def("stats", &get<&KPUSimulator::stats_text>, "The statistics as a text.")
        .def("component_status", &get<&KPUSimulator::component_status_text>,
             "Memories and engines with their addresses and sizes, as a text.");
}

}  // namespace tilewright::python
