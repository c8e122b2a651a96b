// The fields of a chip by name, and what follows from them.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "refuse.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/chip/config.hpp"

namespace tilewright {

std::vector<Field> scalar_fields(const ChipConfig& config) {
    std::vector<Field> fields;
    ChipConfig::visit_fields(config, [&](const char* name, const auto& v, auto least, auto most,
                                         const char* unit, const char* text) {
        using Number =
            std::conditional_t<std::is_floating_point_v<std::remove_cvref_t<decltype(v)>>, double,
                               std::int64_t>;
        fields.push_back({name, static_cast<Number>(v), static_cast<double>(least),
                          static_cast<double>(most), unit, text});
    });
    return fields;
}

void set_field(ChipConfig& config, std::string_view wanted, FieldValue value) {
    bool found = false;
    const std::string wanted_name(wanted);
    ChipConfig::visit_fields(
        config, [&](const char* name, auto& v, auto least, auto most, auto...) {
            if (wanted_name != name) return;
            found = true;
            using T = std::remove_cvref_t<decltype(v)>;
            const double as_double =
                std::visit([](auto number) { return static_cast<double>(number); }, value);
            detail::check_range(wanted_name, as_double, static_cast<double>(least),
                                static_cast<double>(most));
            if constexpr (!std::is_floating_point_v<T>) {
                if (as_double != std::floor(as_double)) {
                    detail::refuse(wanted_name,
                                   "expected a whole number, not " + detail::text_of(as_double));
                }
            }
            v = static_cast<T>(as_double);
        });
    if (found) return;
    std::string known;
    for (const Field& f : scalar_fields(config)) known += (known.empty() ? "" : ", ") + f.name;
    throw ConfigError("config has no field '" + wanted_name + "'; expected one of: " + known);
}

std::string_view name(Architecture architecture) {
    switch (architecture) {
        case Architecture::generic:
            return "generic";
        case Architecture::blackhole:
            return "blackhole";
        case Architecture::wormhole:
            return "wormhole";
    }
    return "unknown";
}

Architecture architecture_of(std::string_view wanted) {
    std::string known;
    for (const Architecture architecture :
         {Architecture::generic, Architecture::blackhole, Architecture::wormhole}) {
        if (name(architecture) == wanted) return architecture;
        known += (known.empty() ? "" : ", ") + std::string(name(architecture));
    }
    throw ConfigError("no architecture is called '" + std::string(wanted) +
                      "'; expected one of: " + known);
}

std::uint32_t ChipConfig::core_count() const {
    return first_core_of(all_tile_count());
}

std::uint32_t ChipConfig::first_core_of(std::uint32_t tile) const {
    std::size_t core = std::min(tile, tile_count()) * cores.size();
    for (std::uint32_t t = tile_count(); t < tile; ++t) core += cores_of(t).size();
    return static_cast<std::uint32_t>(core);
}

TileId ChipConfig::tile_id(std::uint32_t tile) const {
    const bool worker = tile < tile_count();
    const std::uint32_t x = worker ? tile % tile_columns() : tile - tile_count();
    const std::uint32_t y = worker ? tile / tile_columns() : tile_rows();
    return {static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)};
}

std::uint64_t config_hash(const ChipConfig& config) {
    ArchiveWriter archive;
    for (const Field& field : scalar_fields(config)) {
        archive(field.name, std::visit([](auto v) { return static_cast<double>(v); }, field.value));
    }
    archive(config.architecture, config.tile_router_x, config.tile_router_y,
            config.harvested_columns, config.harvested_rows);
    const auto add_cores = [&](const std::vector<CoreConfig>& cores) {
        archive(std::uint64_t{cores.size()});
        for (const CoreConfig& core : cores) archive(core.isa, core.local_bytes, core.kind);
    };
    add_cores(config.cores);
    for (const ControlTile& tile : config.control_tiles) {
        archive(tile.router.x, tile.router.y);
        add_cores(tile.cores);
    }
    for (const DramPorts& p : config.dram) archive(p.noc0.x, p.noc0.y, p.noc1.x, p.noc1.y);
    if (config.host_router) archive(config.host_router->x, config.host_router->y);
    return checksum(archive.take());
}

}  // namespace tilewright
