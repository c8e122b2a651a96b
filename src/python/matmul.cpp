// Products and convolutions on the systolic arrays: options, plans, reports.
#include "tilewright/ops/matmul.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstdio>
#include <tuple>

#include "bindings.hpp"
#include "host_device.hpp"
#include "host_launch.hpp"
#include "pickled.hpp"
#include "tilewright/ops/convolution.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using Tiles = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
using Shape = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

void make_options(MatmulOptions* self, std::string_view type, std::optional<std::string> out,
                  std::optional<std::string> dataflow_name, std::string_view activation_name,
                  bool has_bias, std::optional<Tiles> tiles, std::uint32_t arrays,
                  std::uint32_t fidelity_phases) {
    MatmulOptions options;
    options.type = data_type(type);
    if (out) options.out = data_type(*out);
    if (dataflow_name) options.dataflow = dataflow(*dataflow_name);
    options.activation = activation(activation_name);
    options.has_bias = has_bias;
    if (tiles) {
        const auto& [m, n, k, panel_m, panel_n] = *tiles;
        options.tiles = MatmulTiles{m, n, k, panel_m, panel_n};
    }
    options.arrays = arrays;
    options.fidelity_phases = fidelity_phases;
    new (self) MatmulOptions(options);
}

GemmShape shape_of(const Shape& shape) {
    const auto& [m, n, k] = shape;
    return {m, n, k};
}

MatmulReport matmul(HostDevice& device, const HostBuffer& a, const HostBuffer& b,
                    const HostBuffer& c, const Shape& shape, const MatmulOptions& options,
                    const HostBuffer* bias, std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(device.in_use);
    const RunOptions run = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return device.device.matmul(a.buffer, b.buffer, c.buffer, shape_of(shape), options,
                                bias == nullptr ? nullptr : &bias->buffer, run);
}

MatmulReport conv2d(HostDevice& device, const HostBuffer& images, const HostBuffer& filters,
                    const HostBuffer& output, const Convolution& shape,
                    const MatmulOptions& options, const HostBuffer* bias,
                    std::optional<std::uint64_t> cycle_limit) {
    const HostLock lock(device.in_use);
    const RunOptions run = options_with(cycle_limit);
    const nb::gil_scoped_release no_gil;
    return device.device.conv2d(images.buffer, filters.buffer, output.buffer, shape, options,
                                bias == nullptr ? nullptr : &bias->buffer, run);
}

std::string report_text(const MatmulReport& r) {
    char text[200];
    std::snprintf(text, sizeof text,
                  "<MatmulReport: %llu cycles, %.1f %% of the chip's peak, on %llu %s, %llu bytes "
                  "of DRAM>",
                  static_cast<unsigned long long>(r.cycles), 100 * r.utilisation,
                  static_cast<unsigned long long>(r.plan.units()),
                  r.plan.grid ? "compute engines" : "arrays",
                  static_cast<unsigned long long>(r.dram_bytes_read) + r.dram_bytes_written);
    return text;
}

}  // namespace

void bind_matmul(nb::module_& module) {
    nb::class_<MatmulOptions>(module, "MatmulOptions", "How a matmul is to be done.")
        .def("__init__", &make_options, "type"_a, "out"_a.none(), "dataflow"_a.none(),
             "activation"_a, "has_bias"_a, "tiles"_a.none(), "arrays"_a, "fidelity_phases"_a)
        .def_prop_ro("type", [](const MatmulOptions& o) { return std::string(name_of(o.type)); });

    nb::class_<MatmulPlan> plan(module, "MatmulPlan", "How a matmul is cut, moved and spread.");
    plan.def_prop_ro(
            "shape", [](const MatmulPlan& p) { return Shape(p.shape.m, p.shape.n, p.shape.k); },
            "m, n and k.")
        .def_prop_ro("dataflow",
                     [](const MatmulPlan& p) { return std::string(name_of(*p.options.dataflow)); })
        .def_prop_ro("type",
                     [](const MatmulPlan& p) { return std::string(name_of(p.options.type)); })
        .def_prop_ro("out",
                     [](const MatmulPlan& p) { return std::string(name_of(*p.options.out)); })
        .def_prop_ro(
            "tiles",
            [](const MatmulPlan& p) {
                const MatmulTiles& t = p.tiles();
                return Tiles(t.block_m, t.block_n, t.block_k, t.panel_m, t.panel_n);
            },
            "Block m, n and k, panel m and n.")
        .def_prop_ro(
            "arrays", [](const MatmulPlan& p) { return p.units(); },
            "Arrays, or compute engines, that take part.")
        .def_prop_ro(
            "path",
            [](const MatmulPlan& p) {
                std::vector<std::string> path;
                for (const MemoryKind kind : p.path) path.emplace_back(memory_name(kind));
                return path;
            },
            "The memories between DRAM and the arrays.")
        .def_ro("compute_cycles", &MatmulPlan::compute_cycles,
                "Closed forms of all passes of the array that has most.")
        .def_ro("estimated_cycles", &MatmulPlan::estimated_cycles, "With moving.")
        .def("__repr__", &MatmulPlan::describe);
    pickle(plan);

    nb::class_<MatmulReport> report(module, "MatmulReport", "What a matmul or a convolution did.");
    report.def_ro("plan", &MatmulReport::plan)
        .def_prop_ro("start", [](const MatmulReport& r) { return count(r.start); })
        .def_prop_ro("end", [](const MatmulReport& r) { return count(r.end); })
        .def_ro("cycles", &MatmulReport::cycles)
        .def_ro("compute_cycles", &MatmulReport::compute_cycles,
                "Passes of the array that had most.")
        .def_ro("vector_cycles", &MatmulReport::vector_cycles, "Bias and activation, likewise.")
        .def_ro("memory_cycles", &MatmulReport::memory_cycles,
                "The busiest engine that moves data was at work.")
        .def_ro("stall_cycles", &MatmulReport::stall_cycles,
                "The busiest array had nothing to do: cycles - compute_cycles.")
        .def_ro("passes", &MatmulReport::passes)
        .def_ro("macs", &MatmulReport::macs)
        .def_ro("dram_bytes_read", &MatmulReport::dram_bytes_read)
        .def_ro("dram_bytes_written", &MatmulReport::dram_bytes_written)
        .def_ro("l3_bytes", &MatmulReport::l3_bytes, "Read and written; likewise below.")
        .def_ro("l2_bytes", &MatmulReport::l2_bytes)
        .def_ro("l1_bytes", &MatmulReport::l1_bytes)
        .def_ro("scratchpad_bytes", &MatmulReport::scratchpad_bytes)
        .def_ro("compulsory_bytes", &MatmulReport::compulsory_bytes,
                "Of operands and result, once each.")
        .def_ro("utilisation", &MatmulReport::utilisation,
                "Multiply-accumulates by those that all arrays of the chip could have done.")
        .def_ro("array_utilisation", &MatmulReport::array_utilisation,
                "Multiply-accumulates by those that the arrays in use could have done.")
        .def_ro("arithmetic_intensity", &MatmulReport::arithmetic_intensity,
                "Operations (two a multiply-accumulate) a byte of DRAM.")
        .def_prop_ro(
            "energy_pj", [](const MatmulReport& r) { return r.energy.total(); },
            "Picojoules, by the table in docs/timing-model.md.")
        .def_prop_ro("mac_energy_pj", [](const MatmulReport& r) { return r.energy.macs; })
        .def_prop_ro("on_chip_energy_pj", [](const MatmulReport& r) { return r.energy.on_chip; })
        .def_prop_ro("dram_energy_pj", [](const MatmulReport& r) { return r.energy.dram; })
        .def_ro("host_seconds", &MatmulReport::host_seconds, "What simulating it took.")
        .def("__repr__", &report_text);
    pickle(report);

    nb::class_<Convolution>(module, "Convolution", "The shape of a convolution.")
        .def(
            "__init__",
            [](Convolution* self,
               std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t> images,
               std::tuple<std::uint64_t, std::uint64_t> kernel, std::uint64_t filters,
               std::tuple<std::uint64_t, std::uint64_t> stride,
               std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t> padding,
               bool im2col) {
                new (self) Convolution{
                    .images = std::get<0>(images),
                    .height = std::get<1>(images),
                    .width = std::get<2>(images),
                    .channels = std::get<3>(images),
                    .filters = filters,
                    .kernel_height = std::get<0>(kernel),
                    .kernel_width = std::get<1>(kernel),
                    .stride = {std::get<0>(stride), std::get<1>(stride)},
                    .padding = {std::get<0>(padding), std::get<1>(padding), std::get<2>(padding),
                                std::get<3>(padding)},
                    .method = im2col ? Convolution::Method::im2col : Convolution::Method::direct};
            },
            "images"_a, "kernel"_a, "filters"_a, "stride"_a, "padding"_a, "im2col"_a);

    module.def(
        "plan_matmul",
        [](const ChipConfig& config, const Shape& shape, const MatmulOptions& options) {
            return plan_matmul(config, shape_of(shape), options);
        },
        "config"_a, "shape"_a, "options"_a);
    module.def(
        "array_cycles",
        [](std::uint32_t rows, std::uint32_t columns, const Shape& shape, std::string_view name) {
            if (rows == 0 || columns == 0) {
                throw ArgumentError("an array needs at least one row and one column");
            }
            return array_cycles({rows, columns}, shape_of(shape), dataflow(name));
        },
        "rows"_a, "columns"_a, "shape"_a, "dataflow"_a,
        "Closed-form cycles of a matmul on one array with operands at hand.");
    module.def("matmul", &matmul, "device"_a, "a"_a, "b"_a, "c"_a, "shape"_a, "options"_a,
               "bias"_a.none(), "cycle_limit"_a.none());
    module.def("conv2d", &conv2d, "device"_a, "images"_a, "filters"_a, "output"_a, "shape"_a,
               "options"_a, "bias"_a.none(), "cycle_limit"_a.none());
}

}  // namespace tilewright::python
