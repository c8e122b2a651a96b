#include "tilewright/chip/config.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <type_traits>

#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/memory/arena.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

constexpr std::int64_t largest_memory = std::int64_t{1} << 40;
constexpr std::int64_t highest_base = std::int64_t{1} << 48;

template <class Config, class Visitor>
void visit_hierarchy(Config& c, Visitor& field) {
    field("host_memory_region_count", c.host_memory_region_count, 0, 64);
    field("host_memory_region_bytes", c.host_memory_region_bytes, 0, largest_memory);
    field("host_memory_bytes_per_cycle", c.host_memory_bytes_per_cycle, 0, 65536);
    field("host_memory_latency_cycles", c.host_memory_latency_cycles, 0, 10'000'000);
    field("l3_tile_count", c.l3_tile_count, 0, 4096);
    field("l3_tile_bytes", c.l3_tile_bytes, 0, std::int64_t{1} << 32);
    field("l2_bank_count", c.l2_bank_count, 0, 4096);
    field("l2_bank_bytes", c.l2_bank_bytes, 0, std::int64_t{1} << 32);
    field("scratchpad_count", c.scratchpad_count, 0, 4096);
    field("scratchpad_bytes", c.scratchpad_bytes, 0, std::int64_t{1} << 32);
    field("l1_buffer_count", c.l1_buffer_count, 0, 4096);
    field("l1_buffer_bytes", c.l1_buffer_bytes, 0, std::int64_t{1} << 32);
    field("page_buffer_count", c.page_buffer_count, 0, 4096);
    field("page_buffer_bytes", c.page_buffer_bytes, 0, std::int64_t{1} << 32);
    field("sram_bytes_per_cycle", c.sram_bytes_per_cycle, 1, 65536);
    field("host_memory_base", c.host_memory_base, 0, highest_base);
    field("external_memory_base", c.external_memory_base, 0, highest_base);
    field("l3_tile_base", c.l3_tile_base, 0, highest_base);
    field("l2_bank_base", c.l2_bank_base, 0, highest_base);
    field("scratchpad_base", c.scratchpad_base, 0, highest_base);
    field("l1_buffer_base", c.l1_buffer_base, 0, highest_base);
    field("page_buffer_base", c.page_buffer_base, 0, highest_base);
    field("tile_l1_base", c.tile_l1_base, 0, highest_base);
    EngineConfig::visit_fields(
        c, [&](const char* name, auto& value, auto least, auto most, const char*, const char*) {
            field(name, value, least, most);
        });
}

// Every field that is one number, with the least and the greatest value it may have.
template <class Config, class Visitor>
void visit_scalars(Config& c, Visitor&& field) {
    field("clock_mhz", c.clock_mhz, 0.001, 1e6);
    field("router_columns", c.router_columns, 1, 64);
    field("router_rows", c.router_rows, 1, 64);
    field("noc_flit_bytes", c.noc_flit_bytes, 4, 4096);
    field("noc_inject_cycles", c.noc_inject_cycles, 1, 10'000);
    field("noc_hop_cycles", c.noc_hop_cycles, 1, 10'000);
    field("noc_eject_cycles", c.noc_eject_cycles, 1, 10'000);
    field("noc_l1_alignment", c.noc_l1_alignment, 1, 4096);
    field("noc_dram_alignment", c.noc_dram_alignment, 1, 4096);
    field("l1_bytes", c.l1_bytes, 256 * 1024, 64 << 20);
    field("quantum_cycles", c.quantum_cycles, 1, 1 << 20);
    field("park_polling_loops", c.park_polling_loops, 0, 1);
    field("dram_bank_bytes", c.dram_bank_bytes, 1 << 20, std::int64_t{4} << 30);
    field("dram_bank_count", c.dram_bank_count, 0, 256);
    field("dram_bytes_per_cycle", c.dram_bytes_per_cycle, 0.001, 65536);
    field("dram_row_bytes", c.dram_row_bytes, 64, 1 << 20);
    field("dram_open_rows", c.dram_open_rows, 1, 1024);
    field("dram_row_hit_cycles", c.dram_row_hit_cycles, 0, 100'000);
    field("dram_row_miss_cycles", c.dram_row_miss_cycles, 0, 100'000);
    field("direct_memory_bytes", c.direct_memory_bytes, 0, abi::max_direct_bytes);
    field("host_bytes_per_cycle", c.host_bytes_per_cycle, 1, 65536);
    field("host_latency_cycles", c.host_latency_cycles, 0, 10'000'000);
    visit_hierarchy(c, field);
    auto& t = c.core_timing;
    field("core_timing.load_near", t.load_near, 1, 200);
    field("core_timing.load_far", t.load_far, 1, 200);
    field("core_timing.load_device", t.load_device, 1, 200);
    field("core_timing.load_direct", t.load_direct, 1, 10'000);
    field("core_timing.atomic", t.atomic, 1, 200);
    field("core_timing.multiply", t.multiply, 1, 200);
    field("core_timing.divide_min", t.divide_min, 1, 200);
    field("core_timing.divide_max", t.divide_max, 1, 200);
    field("core_timing.divide_trivial", t.divide_trivial, 1, 200);
    field("core_timing.mispredict", t.mispredict, 0, 200);
    field("core_timing.float_result", t.float_result, 1, 200);
    field("core_timing.float_divide", t.float_divide, 1, 200);
    field("core_timing.wait_short", t.wait_short, 1, 1'000'000);
}

constexpr std::uint64_t memory_granule = Arena::chunk_bytes;  // memories lie on whole chunks

[[noreturn]] void refuse(const std::string& field, const std::string& what) {
    throw ConfigError("config field '" + field + "': " + what);
}

// With no more digits than it has.
std::string text_of(double v) {
    std::string s = std::to_string(v);
    if (s.find('.') == std::string::npos) return s;  // infinite, or no number
    s.erase(s.find_last_not_of('0') + 1);
    if (s.back() == '.') s.pop_back();
    return s;
}

std::string range_text(double least, double most) {
    return "expected " + text_of(least) + " to " + text_of(most);
}

void check_cores(const std::string& field, const std::vector<CoreConfig>& cores) {
    if (cores.empty() || cores.size() > abi::max_processors) {
        refuse(field, "expected 1 to " + std::to_string(abi::max_processors) + " cores a tile");
    }
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const std::string core = field + "[" + std::to_string(i) + "]";
        try {
            riscv::parse_isa(cores[i].isa);
        } catch (const ConfigError& error) {
            refuse(core + ".isa", error.what());
        }
        if (cores[i].local_bytes < 1024 || cores[i].local_bytes > 64 * 1024 ||
            cores[i].local_bytes % 1024 != 0) {
            refuse(core + ".local_bytes", "expected a multiple of 1024 from 1024 to 65536, not " +
                                              std::to_string(cores[i].local_bytes));
        }
        if (cores[i].kind > CoreKind::control) refuse(core + ".kind", "expected a CoreKind");
    }
}

bool power_of_two(std::uint64_t v) {
    return v != 0 && (v & (v - 1)) == 0;
}

}  // namespace

std::vector<Field> scalar_fields(const ChipConfig& config) {
    std::vector<Field> fields;
    visit_scalars(config, [&](const char* name, const auto& v, auto, auto) {
        if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(v)>>) {
            fields.push_back({name, static_cast<double>(v)});
        } else {
            fields.push_back({name, static_cast<std::int64_t>(v)});
        }
    });
    return fields;
}

void set_field(ChipConfig& config, std::string_view wanted, FieldValue value) {
    bool found = false;
    const std::string wanted_name(wanted);
    visit_scalars(config, [&](const char* name, auto& v, auto least, auto most) {
        if (wanted_name != name) return;
        found = true;
        using T = std::remove_cvref_t<decltype(v)>;
        const double as_double =
            std::visit([](auto number) { return static_cast<double>(number); }, value);
        const double low = static_cast<double>(least);
        const double high = static_cast<double>(most);
        if (!(as_double >= low && as_double <= high)) {
            refuse(wanted_name, range_text(low, high) + ", not " + text_of(as_double));
        }
        if constexpr (!std::is_floating_point_v<T>) {
            if (as_double != std::floor(as_double)) {
                refuse(wanted_name, "expected a whole number, not " + text_of(as_double));
            }
        }
        v = static_cast<T>(as_double);
    });
    if (found) return;
    std::string known;
    for (const Field& f : scalar_fields(config)) known += (known.empty() ? "" : ", ") + f.name;
    throw ConfigError("config has no field '" + wanted_name + "'; expected one of: " + known);
}

namespace {

void check_memories(const ChipConfig& c) {
    const auto memory = [](const std::string& what, std::uint32_t count, std::uint64_t bytes,
                           std::uint64_t unit) {
        if (count != 0 && (bytes == 0 || bytes % unit != 0)) {
            refuse(what, "expected a multiple of " + std::to_string(unit) + ", not " +
                             std::to_string(bytes));
        }
    };
    constexpr std::uint64_t line = 64;
    memory("host_memory_region_bytes", c.host_memory_region_count, c.host_memory_region_bytes,
           memory_granule);
    memory("l3_tile_bytes", c.l3_tile_count, c.l3_tile_bytes, line);
    memory("l2_bank_bytes", c.l2_bank_count, c.l2_bank_bytes, line);
    memory("scratchpad_bytes", c.scratchpad_count, c.scratchpad_bytes, line);
    memory("l1_buffer_bytes", c.l1_buffer_count, c.l1_buffer_bytes, line);
    memory("page_buffer_bytes", c.page_buffer_count, c.page_buffer_bytes, line);
    if (c.host_memory_region_count != 0 && c.host_memory_bytes_per_cycle < 0.001) {
        refuse("host_memory_bytes_per_cycle",
               range_text(0.001, 65536) + ", not " + text_of(c.host_memory_bytes_per_cycle));
    }
    make_address_map(c);  // refuses memories that overlap
}

}  // namespace

void ChipConfig::check() const {
    visit_scalars(*this, [&](const char* name, const auto& v, auto least, auto most) {
        const double number = static_cast<double>(v);
        if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most))) {
            refuse(name, range_text(static_cast<double>(least), static_cast<double>(most)) +
                             ", not " + text_of(number));
        }
    });
    if (l1_bytes % memory_granule != 0) {
        refuse("l1_bytes", "expected a multiple of " + std::to_string(memory_granule));
    }
    if (dram_bank_bytes % memory_granule != 0) {
        refuse("dram_bank_bytes", "expected a multiple of " + std::to_string(memory_granule));
    }
    if (!power_of_two(noc_l1_alignment)) refuse("noc_l1_alignment", "expected a power of two");
    if (!power_of_two(noc_dram_alignment)) refuse("noc_dram_alignment", "expected a power of two");
    if (core_timing.divide_max < core_timing.divide_min) {
        refuse("core_timing.divide_max", "expected at least core_timing.divide_min");
    }
    if (tile_router_x.empty()) refuse("tile_router_x", "expected at least one column of tiles");
    if (tile_router_y.empty()) refuse("tile_router_y", "expected at least one row of tiles");
    check_cores("cores", cores);
    if (control_tiles.size() > 256) refuse("control_tiles", "expected at most 256 tiles");
    for (std::size_t i = 0; i < control_tiles.size(); ++i) {
        check_cores("control_tiles[" + std::to_string(i) + "].cores", control_tiles[i].cores);
    }
    if (dram.size() > dram_bank_count) {
        refuse("dram", "it has " + std::to_string(dram.size()) +
                           " entries, but dram_bank_count is " + std::to_string(dram_bank_count));
    }
    if (direct_memory_bytes % memory_granule != 0) {
        refuse("direct_memory_bytes", "expected a multiple of " + std::to_string(memory_granule));
    }
    if (direct_memory_bytes > dram_bank_count * dram_bank_bytes) {
        refuse("direct_memory_bytes",
               "expected at most the " + std::to_string(dram_bank_count * dram_bank_bytes) +
                   " bytes of all DRAM banks, not " + std::to_string(direct_memory_bytes));
    }
    check_memories(*this);

    std::set<std::pair<int, int>> taken;
    const auto place = [&](const std::string& field, Router r, bool alone) {
        if (r.x >= router_columns || r.y >= router_rows) {
            refuse(field, "router (" + std::to_string(r.x) + ", " + std::to_string(r.y) +
                              ") lies outside the " + std::to_string(router_columns) + "x" +
                              std::to_string(router_rows) + " grid of routers");
        }
        if (!taken.insert({r.x, r.y}).second && alone) {
            refuse(field, "router (" + std::to_string(r.x) + ", " + std::to_string(r.y) +
                              ") is taken already");
        }
    };
    for (std::uint16_t y : tile_router_y) {
        for (std::uint16_t x : tile_router_x) place("tile_router_x/tile_router_y", {x, y}, true);
    }
    for (std::size_t i = 0; i < control_tiles.size(); ++i) {
        place("control_tiles[" + std::to_string(i) + "].router", control_tiles[i].router, true);
    }
    for (std::size_t b = 0; b < dram.size(); ++b) {
        const std::string field = "dram[" + std::to_string(b) + "]";
        place(field + ".noc0", dram[b].noc0, true);
        place(field + ".noc1", dram[b].noc1, !(dram[b].noc1 == dram[b].noc0));
    }
    if (host_router) {
        for (std::uint16_t y : tile_router_y) {
            for (std::uint16_t x : tile_router_x) {
                if (*host_router == Router{x, y}) refuse("host_router", "a tile stands there");
            }
        }
        place("host_router", *host_router, false);
    }
}

AddressMap make_address_map(const ChipConfig& c) {
    AddressMap::Requests all;
    const auto request = [&](MemoryKind kind) -> AddressMap::Request& {
        return all[static_cast<std::size_t>(kind)];
    };
    request(MemoryKind::host) = {.field = "host_memory_base",
                                 .base = c.host_memory_base,
                                 .default_base = 0,
                                 .count = c.host_memory_region_count,
                                 .bytes = c.host_memory_region_bytes};
    request(MemoryKind::dram) = {.field = "external_memory_base",
                                 .base = c.external_memory_base,
                                 .default_base = 0x1'0000'0000,
                                 .count = c.dram_bank_count,
                                 .bytes = c.dram_bank_bytes};
    request(MemoryKind::l3) = {.field = "l3_tile_base",
                               .base = c.l3_tile_base,
                               .default_base = 0x1'8000'0000,
                               .count = c.l3_tile_count,
                               .bytes = c.l3_tile_bytes};
    request(MemoryKind::l2) = {.field = "l2_bank_base",
                               .base = c.l2_bank_base,
                               .default_base = 0x1'8008'0000,
                               .count = c.l2_bank_count,
                               .bytes = c.l2_bank_bytes};
    request(MemoryKind::scratchpad) = {.field = "scratchpad_base",
                                       .base = c.scratchpad_base,
                                       .default_base = 0x1'8010'0000,
                                       .count = c.scratchpad_count,
                                       .bytes = c.scratchpad_bytes};
    request(MemoryKind::l1_buffer) = {.field = "l1_buffer_base",
                                      .base = c.l1_buffer_base,
                                      .default_base = 0x1'8020'0000,
                                      .count = c.l1_buffer_count,
                                      .bytes = c.l1_buffer_bytes};
    request(MemoryKind::page_buffer) = {.field = "page_buffer_base",
                                        .base = c.page_buffer_base,
                                        .default_base = 0x1'8030'0000,
                                        .count = c.page_buffer_count,
                                        .bytes = c.page_buffer_bytes};
    request(MemoryKind::tile_l1) = {.field = "tile_l1_base",
                                    .base = c.tile_l1_base,
                                    .default_base = 0x1'8040'0000,
                                    .count = c.all_tile_count(),
                                    .bytes = c.l1_bytes};
    return AddressMap(all);
}

std::string_view name(CoreKind kind) {
    switch (kind) {
        case CoreKind::data_movement:
            return "data_movement";
        case CoreKind::compute:
            return "compute";
        case CoreKind::cube:
            return "cube";
        case CoreKind::vector:
            return "vector";
        case CoreKind::control:
            return "control";
    }
    return "unknown";
}

CoreKind core_kind(std::string_view wanted) {
    std::string known;
    for (const CoreKind kind : {CoreKind::data_movement, CoreKind::compute, CoreKind::cube,
                                CoreKind::vector, CoreKind::control}) {
        if (name(kind) == wanted) return kind;
        known += (known.empty() ? "" : ", ") + std::string(name(kind));
    }
    throw ConfigError("no kind of core is called '" + std::string(wanted) +
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

Router ChipConfig::tile_router(std::uint32_t tile) const {
    if (tile >= tile_count()) return control_tiles[tile - tile_count()].router;
    return {tile_router_x[tile % tile_columns()], tile_router_y[tile / tile_columns()]};
}

std::uint64_t config_hash(const ChipConfig& config) {
    ArchiveWriter archive;
    for (const Field& field : scalar_fields(config)) {
        archive(field.name, std::visit([](auto v) { return static_cast<double>(v); }, field.value));
    }
    archive(config.tile_router_x, config.tile_router_y);
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
