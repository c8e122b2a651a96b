// Profiles: of each program on each core, arrays of what its instructions cost.
#include "tilewright/trace/profile.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "arrays.hpp"
#include "bindings.hpp"
#include "host_device.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using Location = std::tuple<std::string, std::uint32_t, std::string>;

void start_profile(HostDevice& self) {
    const HostLock lock(self.in_use);
    if (self.profile) throw BusyError("profile: a profile of the device is being made already");
    self.profile = std::make_unique<Profile>();
    self.device.start_profile(*self.profile);
}

std::vector<ProgramProfile> finish_profile(HostDevice& self) {
    const HostLock lock(self.in_use);
    const std::unique_ptr<Profile> profile = std::move(self.profile);
    if (!profile) return {};
    if (self.device.is_open()) self.device.end_profile();
    return profile->programs();
}

template <class T, class Part>
auto column(const ProgramProfile& program, Part&& part) {
    std::vector<T> values;
    values.reserve(program.instructions.size());
    for (const riscv::InstructionCost& cost : program.instructions) values.push_back(part(cost));
    return to_array(std::move(values));
}

auto lost(const ProgramProfile& program, std::size_t reason) {
    if (reason >= riscv::lost_reasons) throw nb::index_error("no such reason");
    return column<std::uint64_t>(program, [&](const auto& cost) { return cost.lost[reason]; });
}

std::vector<std::string> reasons() {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < riscv::lost_reasons; ++i) {
        names.emplace_back(lost_name(static_cast<riscv::Lost>(i)));
    }
    return names;
}

std::vector<Location> located(const ProgramProfile& program,
                              const std::vector<std::uint32_t>& addresses) {
    std::vector<Location> result;
    for (riscv::SourceLocation& found : locate(program, std::span(addresses))) {
        result.emplace_back(std::move(found.file), found.line, std::move(found.function));
    }
    return result;
}

using WaitTuple =
    std::tuple<std::uint32_t, std::string, std::uint64_t, std::uint64_t, std::uint64_t>;

std::vector<WaitTuple> waits(const ProgramProfile& program) {
    std::vector<WaitTuple> result;
    for (const ProfiledWait& wait : program.waits) {
        result.emplace_back(wait.address, wait.what, wait.times, wait.cycles, wait.instructions);
    }
    return result;
}

}  // namespace

void bind_profile(nb::module_& module, nb::class_<HostDevice>& device) {
    device.def("start_profile", &start_profile).def("finish_profile", &finish_profile);
    module.def("profile_reasons", &reasons, "Why instructions take more than a cycle.");
    nb::class_<ProgramProfile>(module, "ProgramProfile",
                               "A program on one core: arrays by instruction.")
        .def_prop_ro("core",
                     [](const ProgramProfile& p) {
                         return std::tuple(p.core.tile.x, p.core.tile.y, p.core.processor);
                     })
        .def_ro("name", &ProgramProfile::name)
        .def_prop_ro(
            "program",
            [](const ProgramProfile& p) { return reinterpret_cast<std::uintptr_t>(p.elf.get()); },
            "The same number for the same program.")
        .def_prop_ro(
            "addresses",
            [](const ProgramProfile& p) {
                return column<std::uint32_t>(p, [](const auto& c) { return c.address; });
            },
            nb::rv_policy::move)
        .def_prop_ro(
            "executed",
            [](const ProgramProfile& p) {
                return column<std::uint64_t>(p, [](const auto& c) { return c.executed; });
            },
            nb::rv_policy::move)
        .def_prop_ro(
            "cycles",
            [](const ProgramProfile& p) {
                return column<std::uint64_t>(p, [](const auto& c) { return c.cycles; });
            },
            nb::rv_policy::move)
        .def("lost", &lost, "reason"_a, "Cycles, by the number of the reason.")
        .def_prop_ro("waits", &waits, "(address, what, times, cycles, instructions) of each.")
        .def("locate", &located, "addresses"_a, "(file, line, function) of each; what is known.");
}

}  // namespace tilewright::python
