// Engines, flags and the unified address map, as methods of Device.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>

#include <tuple>

#include "bindings.hpp"
#include "callback.hpp"
#include "host_bytes.hpp"
#include "host_device.hpp"
#include "host_launch.hpp"
#include "memory_names.hpp"
#include "tilewright/engine/command.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using FlagAndValue = std::optional<std::tuple<std::uint32_t, std::uint32_t>>;

void submit(HostDevice& self, EngineKind kind, std::uint32_t index, const Work& work,
            const FlagAndValue& wait, const FlagAndValue& done, const nb::object& on_done) {
    EngineCommand command{.work = work};
    if (wait) std::tie(command.wait_flag, command.wait_value) = *wait;
    if (done) std::tie(command.done_flag, command.done_increment) = *done;
    self.device.submit({kind, index}, command, to_callback(self.in_use, on_done, "on_done"));
}

void dma(HostDevice& self, std::uint32_t engine, std::uint64_t source, std::uint64_t destination,
         std::uint64_t bytes, std::uint64_t rows, std::uint64_t source_stride,
         std::uint64_t destination_stride, const FlagAndValue& wait, const FlagAndValue& done,
         const nb::object& on_done) {
    const HostLock lock(self.in_use);
    submit(self, EngineKind::dma, engine,
           DmaCopy{.source = GlobalAddress{source},
                   .destination = GlobalAddress{destination},
                   .bytes = bytes,
                   .rows = rows,
                   .source_stride = source_stride,
                   .destination_stride = destination_stride},
           wait, done, on_done);
}

void move_block(HostDevice& self, std::uint32_t engine, std::uint64_t source,
                std::uint64_t destination, std::uint32_t height, std::uint32_t width,
                std::uint32_t element_bytes, const std::string& transform,
                std::uint32_t reshaped_width, std::uint64_t source_stride,
                std::uint64_t destination_stride, const FlagAndValue& wait,
                const FlagAndValue& done, const nb::object& on_done) {
    const HostLock lock(self.in_use);
    static constexpr std::array<std::string_view, 4> transforms = {"identity", "transpose",
                                                                   "reshape", "shuffle"};
    submit(self, EngineKind::block_mover, engine,
           BlockMove{
               .source = GlobalAddress{source},
               .destination = GlobalAddress{destination},
               .height = height,
               .width = width,
               .element_bytes = element_bytes,
               .transform = static_cast<Transform>(find_name("transform", transform, transforms)),
               .reshaped_width = reshaped_width,
               .source_stride = source_stride,
               .destination_stride = destination_stride},
           wait, done, on_done);
}

void stream(HostDevice& self, std::uint32_t engine, std::uint64_t l2, std::uint64_t l1,
            std::uint32_t height, std::uint32_t width, std::uint32_t element_bytes,
            const std::string& order, const std::string& direction, std::uint64_t l2_stride,
            const FlagAndValue& wait, const FlagAndValue& done, const nb::object& on_done) {
    const HostLock lock(self.in_use);
    static constexpr std::array<std::string_view, 2> orders = {"rows", "columns"};
    static constexpr std::array<std::string_view, 2> directions = {"l2_to_l1", "l1_to_l2"};
    submit(self, EngineKind::streamer, engine,
           StreamMove{.l2 = GlobalAddress{l2},
                      .l1 = GlobalAddress{l1},
                      .height = height,
                      .width = width,
                      .element_bytes = element_bytes,
                      .order = static_cast<StreamMove::Order>(find_name("order", order, orders)),
                      .direction = static_cast<StreamMove::Direction>(
                          find_name("direction", direction, directions)),
                      .l2_stride = l2_stride},
           wait, done, on_done);
}

using Strides = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // of a, b and the result

void multiply(HostDevice& self, std::uint32_t engine, std::uint64_t a, std::uint64_t b,
              std::uint64_t result, std::uint32_t m, std::uint32_t n, std::uint32_t k,
              const std::string& type, const std::string& out, const std::string& dataflow_name,
              const std::string& activation_name, bool accumulate,
              std::optional<std::uint64_t> bias, const Strides& strides, const FlagAndValue& wait,
              const FlagAndValue& done, const nb::object& on_done) {
    const HostLock lock(self.in_use);
    const auto [a_stride, b_stride, result_stride] = strides;
    submit(self, EngineKind::systolic_array, engine,
           ArrayMatmul{.a = GlobalAddress{a},
                       .b = GlobalAddress{b},
                       .result = GlobalAddress{result},
                       .sums = GlobalAddress{result},
                       .bias = GlobalAddress{bias.value_or(0)},
                       .m = m,
                       .n = n,
                       .k = k,
                       .a_stride = a_stride,
                       .b_stride = b_stride,
                       .result_stride = result_stride,
                       .sums_stride = result_stride,
                       .type = data_type(type),
                       .out = data_type(out),
                       .dataflow = dataflow(dataflow_name),
                       .activation = activation(activation_name),
                       .accumulate = accumulate,
                       .has_bias = bias.has_value()},
           wait, done, on_done);
}

bool idle(const HostDevice& self, const std::string& kind, std::uint32_t index) {
    const HostLock lock(self.in_use);
    return self.device.idle({engine_kind(kind), index});
}

void wait(HostDevice& self, const std::string& kind, std::uint32_t index,
          std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(self.in_use);
    const EngineId engine{engine_kind(kind), index};
    const RunOptions options = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    self.device.wait(engine, options);
}

std::uint32_t flag(HostDevice& self, std::uint32_t initial, bool host) {
    const HostLock lock(self.in_use);
    return host ? self.device.host_flag(initial) : self.device.flag(initial);
}

std::uint32_t flag_value(const HostDevice& self, std::uint32_t number) {
    const HostLock lock(self.in_use);
    return self.device.flag_value(number);
}

void set_flag(HostDevice& self, std::uint32_t number, std::uint32_t value) {
    const HostLock lock(self.in_use);
    self.device.set_flag(number, value);
}

void add_to_flag(HostDevice& self, std::uint32_t number, std::uint32_t increment) {
    const HostLock lock(self.in_use);
    self.device.add_to_flag(number, increment);
}

void write_global(HostDevice& self, std::uint64_t address, nb::handle data) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(data, HostBytes::Access::read);
    self.device.write(GlobalAddress{address}, bytes.span());
}

void read_global_into(const HostDevice& self, std::uint64_t address, nb::handle target) {
    const HostLock lock(self.in_use);
    const HostBytes bytes(target, HostBytes::Access::write);
    self.device.read(GlobalAddress{address}, bytes.span());
}

std::tuple<std::uint64_t, std::uint32_t, std::uint64_t> window(const HostDevice& self,
                                                               const std::string& kind) {
    const HostLock lock(self.in_use);
    const AddressMap::Window& w = self.device.map().window(memory_kind(kind));
    return {w.base, w.count, w.bytes};
}

std::uint64_t memory_address(const HostDevice& self, const std::string& kind, std::uint32_t index,
                             std::uint64_t offset) {
    const HostLock lock(self.in_use);
    return value(self.device.map().address(memory_kind(kind), index, offset));
}

std::tuple<std::string, std::uint32_t, std::uint64_t> resolve(const HostDevice& self,
                                                              std::uint64_t address,
                                                              std::uint64_t bytes) {
    const HostLock lock(self.in_use);
    const MemoryRef place = self.device.map().resolve(GlobalAddress{address}, bytes);
    return {std::string(name_of(place.kind)), place.index, place.offset};
}

}  // namespace

void bind_engines(nb::class_<HostDevice>& device) {
    device
        .def("dma", &dma, "engine"_a, "source"_a, "destination"_a, "bytes"_a, "rows"_a,
             "source_stride"_a, "destination_stride"_a, "wait"_a.none(), "done"_a.none(),
             "on_done"_a.none())
        .def("move_block", &move_block, "engine"_a, "source"_a, "destination"_a, "height"_a,
             "width"_a, "element_bytes"_a, "transform"_a, "reshaped_width"_a, "source_stride"_a,
             "destination_stride"_a, "wait"_a.none(), "done"_a.none(), "on_done"_a.none())
        .def("stream", &stream, "engine"_a, "l2"_a, "l1"_a, "height"_a, "width"_a,
             "element_bytes"_a, "order"_a, "direction"_a, "l2_stride"_a, "wait"_a.none(),
             "done"_a.none(), "on_done"_a.none())
        .def("idle", &idle, "kind"_a, "index"_a)
        .def("multiply", &multiply, "engine"_a, "a"_a, "b"_a, "result"_a, "m"_a, "n"_a, "k"_a,
             "type"_a, "out"_a, "dataflow"_a, "activation"_a, "accumulate"_a, "bias"_a.none(),
             "strides"_a, "wait"_a.none(), "done"_a.none(), "on_done"_a.none())
        .def("wait", &wait, "kind"_a, "index"_a, "cycle_limit"_a.none())
        .def("flag", &flag, "initial"_a, "host"_a)
        .def("flag_value", &flag_value, "number"_a)
        .def("set_flag", &set_flag, "number"_a, "value"_a)
        .def("add_to_flag", &add_to_flag, "number"_a, "increment"_a)
        .def("write_global", &write_global, "address"_a, "data"_a)
        .def("read_global_into", &read_global_into, "address"_a, "target"_a)
        .def("window", &window, "kind"_a, "Base, number and size of the memories of a kind.")
        .def("memory_address", &memory_address, "kind"_a, "index"_a, "offset"_a)
        .def("resolve", &resolve, "address"_a, "bytes"_a);
}

}  // namespace tilewright::python
