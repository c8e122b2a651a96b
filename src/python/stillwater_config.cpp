// SimulatorConfig: the fields of a KPU in the units of its users, as attributes.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <string>

#include "bindings.hpp"
#include "stillwater/kpu/config.hpp"
#include "tilewright/base/error.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using stillwater::kpu::SimulatorConfig;
using stillwater::kpu::visit_fields;

namespace tilewright::python {
namespace {

using Fields = nb::typed<nb::dict, nb::str, nb::object>;

/// ArgumentError, and nothing changed, for a value that is none of the field's.
template <class T>
void set_field(SimulatorConfig& config, const char* name, T SimulatorConfig::*member,
               nb::handle value) {
    T taken;
    if (!nb::try_cast(value, taken)) {
        throw ArgumentError(std::string(name) + ": expected " +
                            (std::is_same_v<T, double> ? "a number" : "a whole number") + ", got " +
                            nb::cast<std::string>(nb::repr(value)));
    }
    config.*member = taken;
}

SimulatorConfig with_fields(const nb::dict& fields) {
    SimulatorConfig config;
    std::size_t known = 0;
    visit_fields([&](const char* name, auto member) {
        if (!fields.contains(name)) return;
        ++known;
        set_field(config, name, member, fields[name]);
    });
    if (known == fields.size()) return config;
    for (const auto& [name, value] : fields) {
        if (!nb::hasattr(nb::cast(config), name)) {
            throw ConfigError("SimulatorConfig has no field '" + nb::cast<std::string>(name) + "'");
        }
    }
    return config;
}

Fields fields_of(const SimulatorConfig& config) {
    Fields result;
    visit_fields([&](const char* name, auto member) { result[name] = nb::cast(config.*member); });
    return result;
}

std::string repr(const SimulatorConfig& config) {
    const SimulatorConfig defaults;
    std::string text;
    visit_fields([&](const char* name, auto member) {
        if (config.*member == defaults.*member) return;
        if (!text.empty()) text += ", ";
        text += std::string(name) + "=" + nb::cast<std::string>(nb::repr(nb::cast(config.*member)));
    });
    return "SimulatorConfig(" + text + ")";
}

}  // namespace

void bind_stillwater_config(nb::module_& module) {
    auto config = nb::class_<SimulatorConfig>(
        module, "SimulatorConfig",
        "What a KPU is made of; docs/stillwater.md has the fields, their units and defaults.");
    config.def(
        "__init__",
        [](SimulatorConfig* self, const nb::kwargs& fields) {
            new (self) SimulatorConfig(with_fields(fields));
        },
        "fields"_a, nb::sig("def __init__(self, **fields: typing.Any) -> None"));
    visit_fields([&](const char* name, auto member) {
        using Value = std::decay_t<decltype(std::declval<SimulatorConfig>().*member)>;
        config.def_prop_rw(
            name, [member](const SimulatorConfig& c) { return c.*member; },
            [name, member](SimulatorConfig& c, const nb::typed<nb::object, Value>& value) {
                set_field(c, name, member, value);
            },
            nb::for_setter(nb::arg().none()));
    });
    config.def("fields", &fields_of, "All fields by name.");
    config.def("chip_config", &stillwater::kpu::chip_config,
               "The chip that it describes. ConfigError names a field that cannot be.");
    config.def(
        "__eq__", [](const SimulatorConfig& a, const SimulatorConfig& b) { return a == b; },
        nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"));
    config.def("__repr__", &repr);
    config.def("__copy__", [](const SimulatorConfig& c) { return c; });
    config.def(
        "__deepcopy__", [](const SimulatorConfig& c, nb::handle) { return c; }, "memo"_a);
    config.def("__getstate__", &fields_of);
    config.def(
        "__setstate__",
        [](SimulatorConfig& self, const nb::dict& fields) {
            new (&self) SimulatorConfig(with_fields(fields));
        },
        "state"_a);
}

}  // namespace tilewright::python
