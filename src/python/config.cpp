// ChipConfig and the presets. Python sees a value that does not change: `replace` makes a new one.
#include "tilewright/chip/config.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tilewright::python {
namespace {

using Fields = nb::typed<nb::dict, nb::str, FieldValue>;

Fields fields_of(const ChipConfig& config) {
    Fields result;
    for (const Field& field : scalar_fields(config)) {
        result[field.name.c_str()] = nb::cast(field.value);
    }
    return result;
}

ChipConfig replace(const ChipConfig& config, const std::string& name, FieldValue value) {
    ChipConfig changed = config;
    set_field(changed, name, value);
    return changed;
}

}  // namespace

void bind_config(nb::module_& module) {
    nb::class_<ChipConfig>(module, "ChipConfig", "What a chip is made of.")
        .def_ro("name", &ChipConfig::name)
        .def_prop_ro("tile_columns", &ChipConfig::tile_columns)
        .def_prop_ro("tile_rows", &ChipConfig::tile_rows)
        .def_prop_ro("processors", [](const ChipConfig& c) { return c.cores.size(); })
        .def_prop_ro("core_count", &ChipConfig::core_count)
        .def_prop_ro("kinds",
                     [](const ChipConfig& c) {
                         std::vector<std::string> kinds;
                         for (const CoreConfig& core : c.cores) kinds.emplace_back(name(core.kind));
                         return kinds;
                     })
        .def_prop_ro("control_cores",
                     [](const ChipConfig& c) {
                         std::vector<std::uint32_t> counts;
                         for (const ControlTile& tile : c.control_tiles) {
                             counts.push_back(static_cast<std::uint32_t>(tile.cores.size()));
                         }
                         return counts;
                     })
        .def_prop_ro("dram_bank_count", [](const ChipConfig& c) { return c.dram.size(); })
        .def_prop_ro("isas",
                     [](const ChipConfig& c) {
                         std::vector<std::string> isas;
                         for (const CoreConfig& core : c.cores) isas.push_back(core.isa);
                         return isas;
                     })
        .def("fields", &fields_of, "The fields that hold a single number, by name.")
        .def("replace", &replace, "name"_a, "value"_a, "A copy with one field changed.")
        .def("check", &ChipConfig::check, "Raise ConfigError if such a chip cannot be.")
        .def(
            "__eq__", [](const ChipConfig& a, const ChipConfig& b) { return a == b; },
            nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
        .def("__hash__", &config_hash);
    module.def("preset", &preset, "name"_a, "A preset by name.");
    module.def("preset_names", &preset_names, "The names that `preset` knows.");
}

}  // namespace tilewright::python
