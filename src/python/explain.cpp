// Following one number of a compute engine, for tilewright.explain.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <utility>

#include "bindings.hpp"
#include "host_device.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/tensix/format_name.hpp"
#include "tilewright/tensix/instruction.hpp"
#include "tilewright/tensix/watch.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using tensix::WatchedStep;

std::string text(std::string_view view) {
    return std::string(view);
}

void start_watch(HostDevice& self, std::uint16_t x, std::uint16_t y, std::uint32_t dst,
                 std::uint32_t row, std::uint32_t column, bool full) {
    const HostLock lock(self.in_use);
    if (self.watch) throw BusyError("explain: another number is being followed already");
    auto watch = std::make_unique<tensix::ElementWatch>(tensix::DstElement{dst, row, column, full});
    self.device.watch_engine({x, y}, watch.get());
    self.watch_tile = {x, y};
    self.watch_architecture = self.device.config().architecture;
    self.watch = std::move(watch);
}

nb::object number(const tensix::DstNumber& number) {
    if (!number.defined) return nb::none();
    return nb::make_tuple(text(name_of(number.format)), number.bits);
}

nb::dict operands(const tensix::MatrixOperands& operands) {
    const auto list = [](const std::vector<tensix::MatrixOperands::Number>& numbers, auto member) {
        nb::list result;
        for (const auto& number : numbers) result.append(number.*member);
        return result;
    };
    using Number = tensix::MatrixOperands::Number;
    nb::dict result;
    result["a"] = list(operands.a, &Number::value);
    result["b"] = list(operands.b, &Number::value);
    result["parts_of_a"] = list(operands.a, &Number::part);
    result["parts_of_b"] = list(operands.b, &Number::part);
    result["formats"] =
        nb::make_tuple(text(name_of(operands.format_of_a)), text(name_of(operands.format_of_b)));
    result["accumulates"] = operands.accumulates;
    result["phase"] = operands.multiplies ? nb::cast(operands.phase) : nb::none();
    return result;
}

nb::dict packed(const tensix::PackedNumber& number) {
    nb::dict result;
    result["packer"] = number.packer;
    result["intermediate"] = text(name_of(number.intermediate));
    result["format"] = text(name_of(number.format));
    result["address"] = number.address;
    result["bits"] = number.bits;
    result["shared_exponent"] =
        is_block(number.format) ? nb::cast(number.shared_exponent) : nb::none();
    result["added"] = number.added;
    result["relu"] = number.relu_mode != 0;
    return result;
}

nb::dict shown(const WatchedStep& step, tensix::Architecture architecture) {
    constexpr const char* kinds[] = {"matrix", "vector", "packed", "other"};
    nb::dict result;
    result["kind"] = kinds[static_cast<std::size_t>(step.kind)];
    result["cycle"] = step.cycle;
    result["thread"] = step.thread;
    result["instruction"] = disassemble(architecture, step.word);
    result["dst_row"] = step.dst_row;
    result["before"] = number(step.before);
    result["after"] = number(step.after);
    if (step.operands) result["operands"] = operands(*step.operands);
    if (step.packed) result["packed"] = packed(*step.packed);
    if (step.kind == WatchedStep::Kind::vector) {
        nb::list registers;
        for (const std::uint32_t bits : step.registers) registers.append(bits);
        result["registers"] = std::move(registers);
        result["result"] = step.result ? nb::cast(*step.result) : nb::none();
    }
    return result;
}

nb::tuple finish_watch(HostDevice& self) {
    const HostLock lock(self.in_use);
    const std::unique_ptr<tensix::ElementWatch> watch = std::move(self.watch);
    nb::list steps;
    if (!watch) return nb::make_tuple(steps, true);
    if (self.device.is_open()) self.device.watch_engine(self.watch_tile, nullptr);
    const auto architecture = self.watch_architecture == Architecture::wormhole
                                  ? tensix::Architecture::wormhole
                                  : tensix::Architecture::blackhole;
    for (const WatchedStep& step : watch->steps()) steps.append(shown(step, architecture));
    return nb::make_tuple(steps, watch->complete());
}

}  // namespace

void bind_explain(nb::class_<HostDevice>& device) {
    device
        .def("start_watch", &start_watch, "x"_a, "y"_a, "dst"_a, "row"_a, "column"_a, "full"_a,
             "Follow a number of Dst of a tile's compute engine.")
        .def("finish_watch", &finish_watch,
             "What happened to it, a dict for each step, and whether that is all of it.");
}

}  // namespace tilewright::python
