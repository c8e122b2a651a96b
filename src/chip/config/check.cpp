// What a chip must keep to.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "refuse.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/memory/arena.hpp"
#include "tilewright/riscv/isa.hpp"

namespace tilewright {
namespace {

using detail::refuse;

constexpr std::uint64_t memory_granule = Arena::chunk_bytes;  // memories lie on whole chunks

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

/// What is harvested must be there on the die, once, and leave something.
void check_harvest(const std::string& field, const std::vector<std::uint16_t>& harvested,
                   const std::string& of, const std::vector<std::uint16_t>& routers) {
    for (const std::uint16_t at : harvested) {
        if (std::ranges::count(routers, at) != 1) {
            refuse(field, "expected numbers of " + of + ", not " + std::to_string(at));
        }
        if (std::ranges::count(harvested, at) != 1) {
            refuse(field, std::to_string(at) + " is given twice");
        }
    }
    if (harvested.size() == routers.size()) refuse(field, "nothing of " + of + " is left");
}

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
    if (c.host_memory_region_count != 0) {
        detail::check_range("host_memory_bytes_per_cycle", c.host_memory_bytes_per_cycle, 0.001,
                            65536);
    }
    make_address_map(c);  // refuses memories that overlap
}

}  // namespace

void ChipConfig::check() const {
    visit_fields(*this, [](const char* name, const auto& v, auto least, auto most, auto...) {
        detail::check_range(name, static_cast<double>(v), static_cast<double>(least),
                            static_cast<double>(most));
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
    check_harvest("harvested_columns", harvested_columns, "tile_router_x", tile_router_x);
    check_harvest("harvested_rows", harvested_rows, "tile_router_y", tile_router_y);
    check_cores("cores", cores);
    if (control_tiles.size() > 256) refuse("control_tiles", "expected at most 256 tiles");
    for (std::size_t i = 0; i < control_tiles.size(); ++i) {
        check_cores("control_tiles[" + std::to_string(i) + "].cores", control_tiles[i].cores);
    }
    if (dram.size() > dram_bank_count) {
        refuse("dram", "it has " + std::to_string(dram.size()) +
                           " entries, but dram_bank_count is " + std::to_string(dram_bank_count));
    }
    if (compute_engines != 0 && architecture == Architecture::generic) {
        refuse("compute_engines", "expected the architecture blackhole or wormhole, not generic");
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
    for (std::uint32_t tile = 0; tile < tile_count(); ++tile) {
        place("tile_router_x/tile_router_y", tile_router(tile), true);
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
        for (std::uint32_t tile = 0; tile < tile_count(); ++tile) {
            if (*host_router == tile_router(tile)) refuse("host_router", "a tile stands there");
        }
        place("host_router", *host_router, false);
    }
}

}  // namespace tilewright
