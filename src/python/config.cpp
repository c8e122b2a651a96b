// ChipConfig and the presets. Python sees a value that does not change: `replace` makes a new one.
#include "tilewright/chip/config.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <tuple>

#include "bindings.hpp"
#include "shown.hpp"

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

using FieldRow = std::tuple<std::string, double, double, std::string, std::string>;

std::vector<FieldRow> field_table(const ChipConfig& config) {
    std::vector<FieldRow> rows;
    for (const Field& field : scalar_fields(config)) {
        rows.emplace_back(field.name, field.least, field.most, field.unit, field.text);
    }
    return rows;
}

// The parts that are lists travel as tuples; Python gives them names (tilewright/config_file.py).
using RouterTuple = std::tuple<std::uint16_t, std::uint16_t>;
using CoreTuple = std::tuple<std::string, std::uint32_t, std::string>;  // isa, local bytes, kind
using ControlTuple = std::tuple<RouterTuple, std::vector<CoreTuple>>;
using DramTuple = std::tuple<RouterTuple, RouterTuple>;  // on NoC 0 and on NoC 1

Router to_router(const RouterTuple& router) {
    return {std::get<0>(router), std::get<1>(router)};
}
RouterTuple from_router(const Router& router) {
    return {router.x, router.y};
}

std::vector<CoreConfig> to_cores(const std::vector<CoreTuple>& cores) {
    std::vector<CoreConfig> result;
    for (const auto& [isa, local_bytes, kind] : cores) {
        result.push_back({isa, local_bytes, core_kind(kind)});
    }
    return result;
}
std::vector<CoreTuple> from_cores(const std::vector<CoreConfig>& cores) {
    std::vector<CoreTuple> result;
    for (const CoreConfig& core : cores) {
        result.emplace_back(core.isa, core.local_bytes, name(core.kind));
    }
    return result;
}

std::vector<ControlTuple> control_tiles(const ChipConfig& config) {
    std::vector<ControlTuple> result;
    for (const ControlTile& tile : config.control_tiles) {
        result.emplace_back(from_router(tile.router), from_cores(tile.cores));
    }
    return result;
}
void set_control_tiles(ChipConfig& config, const std::vector<ControlTuple>& tiles) {
    config.control_tiles.clear();
    for (const auto& [router, cores] : tiles) {
        config.control_tiles.push_back({to_router(router), to_cores(cores)});
    }
}

std::vector<DramTuple> dram(const ChipConfig& config) {
    std::vector<DramTuple> result;
    for (const DramPorts& ports : config.dram) {
        result.emplace_back(from_router(ports.noc0), from_router(ports.noc1));
    }
    return result;
}
void set_dram(ChipConfig& config, const std::vector<DramTuple>& banks) {
    const auto ports = static_cast<std::uint32_t>(config.dram.size());
    config.dram.clear();
    for (const auto& [noc0, noc1] : banks) {
        config.dram.push_back({to_router(noc0), to_router(noc1)});
    }
    // Banks without a port stay.
    config.dram_bank_count += static_cast<std::uint32_t>(config.dram.size()) - ports;
}

std::optional<RouterTuple> host_router(const ChipConfig& config) {
    if (!config.host_router) return std::nullopt;
    return from_router(*config.host_router);
}

/// A copy with one of the lists changed.
template <class Value, class Set>
auto with(Set set) {
    return [set](const ChipConfig& config, const Value& value) {
        ChipConfig changed = config;
        set(changed, value);
        return changed;
    };
}

ChipConfig replace(const ChipConfig& config, const std::string& name, FieldValue value) {
    ChipConfig changed = config;
    set_field(changed, name, value);
    return changed;
}

}  // namespace

void bind_config(nb::module_& module) {
    nb::class_<ChipConfig>(module, "ChipConfig", "What a chip is made of.")
        .def(nb::init<>(), "A chip of nothing: every part is to be given.")
        .def_ro("name", &ChipConfig::name)
        .def_prop_ro(
            "architecture", [](const ChipConfig& c) { return name(c.architecture); },
            "Which hardware programs may take it for: generic, blackhole or wormhole.")
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
        .def_prop_ro("dram_bank_count", [](const ChipConfig& c) { return c.dram_bank_count; })
        .def_prop_ro("isas",
                     [](const ChipConfig& c) {
                         std::vector<std::string> isas;
                         for (const CoreConfig& core : c.cores) isas.push_back(core.isa);
                         return isas;
                     })
        .def("field_table", &field_table,
             "Of each of those its name, least and greatest value, unit, and what it is.")
        .def("fields", &fields_of, "The fields that hold a single number, by name.")
        .def("replace", &replace, "name"_a, "value"_a, "A copy with one field changed.")
        .def_ro("tile_router_x", &ChipConfig::tile_router_x)
        .def_ro("tile_router_y", &ChipConfig::tile_router_y)
        .def_ro("harvested_columns", &ChipConfig::harvested_columns)
        .def_ro("harvested_rows", &ChipConfig::harvested_rows)
        .def_prop_ro("cores", [](const ChipConfig& c) { return from_cores(c.cores); })
        .def_prop_ro("control_tiles", &control_tiles)
        .def_prop_ro("dram", &dram)
        .def_prop_ro("host_router", &host_router)
        .def("with_name", with<std::string>([](ChipConfig& c, const auto& v) { c.name = v; }),
             "value"_a)
        .def("with_tile_router_x",
             with<std::vector<std::uint16_t>>(
                 [](ChipConfig& c, const auto& v) { c.tile_router_x = v; }),
             "value"_a)
        .def("with_tile_router_y",
             with<std::vector<std::uint16_t>>(
                 [](ChipConfig& c, const auto& v) { c.tile_router_y = v; }),
             "value"_a)
        .def("with_architecture", with<std::string>([](ChipConfig& c, const auto& v) {
                 c.architecture = architecture_of(v);
             }),
             "value"_a)
        .def("with_harvested_columns",
             with<std::vector<std::uint16_t>>(
                 [](ChipConfig& c, const auto& v) { c.harvested_columns = v; }),
             "value"_a)
        .def("with_harvested_rows",
             with<std::vector<std::uint16_t>>(
                 [](ChipConfig& c, const auto& v) { c.harvested_rows = v; }),
             "value"_a)
        .def("with_cores", with<std::vector<CoreTuple>>([](ChipConfig& c, const auto& v) {
                 c.cores = to_cores(v);
             }),
             "value"_a)
        .def("with_control_tiles", with<std::vector<ControlTuple>>(&set_control_tiles), "value"_a)
        .def("with_dram", with<std::vector<DramTuple>>(&set_dram), "value"_a)
        .def("with_host_router",
             with<RouterTuple>([](ChipConfig& c, const auto& v) { c.host_router = to_router(v); }),
             "value"_a)
        .def("check", &ChipConfig::check, "Raise ConfigError if such a chip cannot be.")
        .def(
            "__eq__", [](const ChipConfig& a, const ChipConfig& b) { return a == b; },
            nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
        .def("__hash__", &config_hash)
        .def("__repr__", show({"name", "architecture", "tile_columns", "tile_rows", "kinds"}));
    module.def("preset", &preset, "name"_a, "A preset by name.");
    module.def("preset_names", &preset_names, "The names that `preset` knows.");
}

}  // namespace tilewright::python
