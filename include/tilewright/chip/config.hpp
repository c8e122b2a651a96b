// What a chip is made of, as a plain value: tiles, cores, network, memories, engines, latencies.
//
// Start from a preset, change fields, and let check() say what cannot be. The fields of each kind
// of component, with their limits, are declared beside it; docs/configuration.md lists them all,
// and docs/timing-model.md gives the source of every number in the presets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/engine/engine_config.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/memory_config.hpp"
#include "tilewright/noc/noc_config.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/tile/tile_config.hpp"

namespace tilewright {

/// Which hardware programs may take the chip for: what kernels are compiled for and what hosts are
/// told, and whose compute engines tiles have (TileConfig::compute_engines). It changes nothing
/// else.
enum class Architecture : std::uint8_t { generic, blackhole, wormhole };
constexpr Architecture last_of(Architecture) {
    return Architecture::wormhole;
}
/// "generic", "blackhole", "wormhole".
TILEWRIGHT_API std::string_view name(Architecture architecture);
/// The architecture of that name; ConfigError lists them otherwise.
TILEWRIGHT_API Architecture architecture_of(std::string_view name);

struct TILEWRIGHT_API ChipConfig : NocConfig,
                                   TileConfig,
                                   MemoryConfig,
                                   EngineConfig,
                                   HostLinkConfig {
    std::string name = "custom";
    Architecture architecture = Architecture::generic;
    double clock_mhz = 1000;
    bool operator==(const ChipConfig&) const = default;

    /// Cores of all tiles, which are numbered in the order of their tiles.
    std::uint32_t core_count() const;
    std::uint32_t first_core_of(std::uint32_t tile) const;
    TileId tile_id(std::uint32_t tile) const;

    /// Throws ConfigError naming the first field that cannot be, with what was expected.
    void check() const;

    /// field(name, value, least, most, unit, what it is) for each field that is a number.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("clock_mhz", c.clock_mhz, 0.001, 1e6, "MHz",
              "of the one clock that all cycles count");
        NocConfig::visit_fields(c, field);
        TileConfig::visit_fields(c, field);
        MemoryConfig::visit_fields(c, field);
        EngineConfig::visit_fields(c, field);
        HostLinkConfig::visit_fields(c, field);
    }
};

/// Where the memories of such a chip lie. ConfigError if they overlap.
AddressMap make_address_map(const ChipConfig& config);

/// The names that preset() knows.
TILEWRIGHT_API std::vector<std::string> preset_names();

/// A preset by name; ConfigError lists the known names otherwise.
TILEWRIGHT_API ChipConfig preset(std::string_view name);

/// The fields that have a single number, by name: for overrides, tables and files.
using FieldValue = std::variant<std::int64_t, double>;
struct Field {
    std::string name;
    FieldValue value;
    double least = 0;
    double most = 0;
    std::string unit;
    std::string text;  ///< what it is
};
TILEWRIGHT_API std::vector<Field> scalar_fields(const ChipConfig& config);

/// Set one of them. ConfigError names a field that does not exist, or a value out of its range.
TILEWRIGHT_API void set_field(ChipConfig& config, std::string_view name, FieldValue value);

/// A number that two configs share only if they are the same chip (snapshots carry it).
TILEWRIGHT_API std::uint64_t config_hash(const ChipConfig& config);

}  // namespace tilewright
