// The chips that come with the library. docs/timing-model.md gives the source of each number.

#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

// What Blackhole's cores implement, and the two waiting extensions that are ours.
constexpr const char* core_isa = "rv32im_zicsr_zaamo_zba_zbb_zalrsc_zawrs";
/// Of the cores that feed a compute engine.
constexpr const char* compute_isa = "rv32im_zicsr_zaamo_zba_zbb_zalrsc_zawrs_xtttensix";
constexpr std::uint32_t data_movement_local = 8 * 1024;
constexpr std::uint32_t compute_local = 4 * 1024;

std::vector<CoreConfig> five_cores() {
    const CoreConfig mover{core_isa, data_movement_local, CoreKind::data_movement};
    const CoreConfig compute{compute_isa, compute_local, CoreKind::compute};
    return {mover, compute, compute, compute, mover};
}

// Rates and latencies that the Blackhole grid and its small sibling share.
ChipConfig blackhole_base() {
    ChipConfig c;
    c.architecture = Architecture::blackhole;
    c.clock_mhz = 1350;
    c.l1_bytes = 1536 * 1024;
    c.cores = five_cores();
    c.compute_engines = 1;
    c.compute_dst_cycles = 6;
    c.compute_bank_cycles = 20;
    c.compute_unpack_bytes = 32;
    // 512 GB/s of GDDR6 over 8 channels at 1.35 GHz are 47.4 bytes a cycle and channel.
    c.dram_bytes_per_cycle = 47;
    c.dram_row_bytes = 2048;
    c.dram_open_rows = 16;
    c.dram_row_hit_cycles = 135;   // 100 ns
    c.dram_row_miss_cycles = 175;  // 130 ns
    c.host_bytes_per_cycle = 46;   // PCIe 5.0 x16: 63 GB/s
    c.host_latency_cycles = 1350;  // 1 us
    return c;
}

ChipConfig tiny() {
    ChipConfig c = blackhole_base();
    c.name = "tiny";
    c.router_columns = 3;
    c.router_rows = 2;
    c.tile_router_x = {1, 2};
    c.tile_router_y = {0, 1};
    c.dram = {{{0, 0}, {0, 0}}, {{0, 1}, {0, 1}}};
    c.dram_bank_count = 2;
    c.dram_bank_bytes = 64 << 20;
    c.host_router = Router{0, 0};
    return c;
}

ChipConfig blackhole() {
    ChipConfig c = blackhole_base();
    c.name = "blackhole";
    c.router_columns = 17;
    c.router_rows = 12;
    c.noc_serve_cycles = 50;
    c.dram_accept_cycles = 72;
    c.tile_router_x = {1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16};
    c.tile_router_y = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    c.dram = {{{0, 11}, {0, 1}}, {{0, 2}, {0, 10}}, {{0, 9}, {0, 4}}, {{0, 5}, {0, 7}},
              {{9, 11}, {9, 1}}, {{9, 3}, {9, 10}}, {{9, 8}, {9, 4}}, {{9, 6}, {9, 7}}};
    c.dram_bank_count = 8;
    c.dram_bank_bytes = std::uint64_t{4} << 30;
    c.host_router = Router{2, 0};
    return c;
}

// Narrower links, more and smaller banks; its cores are those of Blackhole, with their smaller
// memories.
ChipConfig wormhole() {
    ChipConfig c;
    c.name = "wormhole";
    c.architecture = Architecture::wormhole;
    c.clock_mhz = 1000;
    c.router_columns = 10;
    c.router_rows = 12;
    c.noc_flit_bytes = 32;
    c.noc_dram_alignment = 32;
    c.tile_router_x = {1, 2, 3, 4, 6, 7, 8, 9};
    c.tile_router_y = {1, 2, 3, 4, 5, 7, 8, 9, 10, 11};
    c.l1_bytes = 1472 * 1024;  // 1464 KiB, and what makes it a multiple of 64
    c.cores = five_cores();
    c.compute_engines = 1;
    for (CoreConfig& core : c.cores) core.local_bytes /= 2;
    for (const Router port :
         {Router{0, 11}, Router{0, 1}, Router{0, 5}, Router{0, 7}, Router{5, 1}, Router{5, 11},
          Router{5, 2}, Router{5, 9}, Router{5, 8}, Router{5, 3}, Router{5, 5}, Router{5, 7}}) {
        c.dram.push_back({port, port});
    }
    c.dram_bank_count = 12;
    c.dram_bank_bytes = std::uint64_t{1} << 30;
    c.dram_bytes_per_cycle = 24;  // 288 GB/s of GDDR6 over 12 banks at 1 GHz
    c.dram_row_bytes = 2048;
    c.dram_open_rows = 16;
    c.dram_row_hit_cycles = 100;   // 100 ns
    c.dram_row_miss_cycles = 130;  // 130 ns
    c.host_bytes_per_cycle = 31;   // PCIe 4.0 x16: 31.5 GB/s
    c.host_latency_cycles = 1000;  // 1 us
    c.host_router = Router{0, 3};
    c.core_timing.fetch_cache = 0;  // what a miss costs is not published
    return c;
}

// Boards as programs see them: the last column (row) of workers is kept for the host's command
// queues, and of a die of Wormhole one row is harvested besides.
ChipConfig p150() {
    ChipConfig c = blackhole();
    c.name = "p150";
    c.harvested_columns = {16};
    return c;
}

ChipConfig n150() {
    ChipConfig c = wormhole();
    c.name = "n150";
    c.harvested_rows = {10, 11};
    return c;
}

// 24 blocks of one cube and two vector workers, and a cluster of control cores beside them.
ChipConfig ascend() {
    constexpr const char* worker_isa = "rv32imf_zicsr_zaamo_zba_zbb_zalrsc_zawrs";
    const CoreConfig cube{worker_isa, 8 * 1024, CoreKind::cube};
    const CoreConfig vector{worker_isa, 8 * 1024, CoreKind::vector};
    const CoreConfig control{core_isa, 16 * 1024, CoreKind::control};
    ChipConfig c;
    c.name = "ascend";
    c.clock_mhz = 1800;
    c.router_columns = 8;
    c.router_rows = 4;
    c.tile_router_x = {1, 2, 3, 4, 5, 6};
    c.tile_router_y = {0, 1, 2, 3};
    c.l1_bytes = 896 * 1024;  // 512 KiB of a cube core's L1, 192 KiB of each vector core's buffer
    c.cores = {cube, vector, vector};
    c.control_tiles = {{{7, 0}, {control, control, control, control}}};
    c.dram = {{{0, 0}, {0, 0}}, {{0, 1}, {0, 1}}, {{0, 2}, {0, 2}}, {{0, 3}, {0, 3}}};
    c.dram_bank_count = 4;
    c.dram_bank_bytes = abi::max_direct_bytes / 4;
    c.direct_memory_bytes = abi::max_direct_bytes;
    c.core_timing.load_direct = 8;
    c.dram_bytes_per_cycle = 222;  // 1.6 TB/s of HBM over 4 banks at 1.8 GHz
    c.dram_row_bytes = 1024;
    c.dram_open_rows = 64;
    c.dram_row_hit_cycles = 180;   // 100 ns
    c.dram_row_miss_cycles = 234;  // 130 ns
    c.host_bytes_per_cycle = 17;   // PCIe 4.0 x16: 31.5 GB/s
    c.host_latency_cycles = 1800;  // 1 us
    return c;
}

// Memories and engines as the users of stillwater_kpu know them.
void add_hierarchy(ChipConfig& c) {
    c.host_memory_region_count = 1;
    c.host_memory_region_bytes = std::uint64_t{4} << 30;
    c.host_memory_bytes_per_cycle = 50000 / c.clock_mhz;  // 50 GB/s
    c.host_memory_latency_cycles = 200;
    c.l3_tile_count = 4;
    c.l3_tile_bytes = 128 * 1024;
    c.l2_bank_count = 8;
    c.l2_bank_bytes = 64 * 1024;
    c.scratchpad_count = 2;
    c.scratchpad_bytes = 64 * 1024;
    c.l1_buffer_count = 4;
    c.l1_buffer_bytes = 64 * 1024;
    c.page_buffer_count = 2;
    c.page_buffer_bytes = 16 * 1024;
    c.dma_engine_count = 2;
    c.block_mover_count = 4;
    c.streamer_count = 8;
    c.systolic_array_count = 2;
}

// A memory hierarchy with engines, as the users of stillwater_kpu know it, and one small tile whose
// core can program the engines.
ChipConfig kpu() {
    ChipConfig c;
    c.name = "kpu";
    c.clock_mhz = 1000;
    c.router_columns = 1;
    c.router_rows = 1;
    c.tile_router_x = {0};
    c.tile_router_y = {0};
    c.l1_bytes = 256 * 1024;
    c.cores = {{core_isa, data_movement_local}};
    c.dram_bank_count = 2;
    c.dram_bank_bytes = std::uint64_t{1} << 30;
    c.dram_bytes_per_cycle = 100;  // 100 GB/s
    c.dram_row_hit_cycles = 100;   // one latency, whatever row is open
    c.dram_row_miss_cycles = 100;
    c.host_bytes_per_cycle = 50;
    c.host_latency_cycles = 200;
    add_hierarchy(c);
    return c;
}

// Where all ways of programming meet: the grid of blackhole, the hierarchy and engines of kpu,
// control cores, direct memory, and in each tile a cube and two vector workers, which feed its
// compute engine, too.
ChipConfig full() {
    constexpr const char* worker_isa = "rv32imf_zicsr_zaamo_zba_zbb_zalrsc_zawrs_xtttensix";
    const CoreConfig control{core_isa, 16 * 1024, CoreKind::control};
    ChipConfig c = blackhole();
    c.name = "full";
    c.cores[1] = {worker_isa, 8 * 1024, CoreKind::cube};
    c.cores[2] = c.cores[3] = {worker_isa, 8 * 1024, CoreKind::vector};
    c.control_tiles = {{{4, 0}, {control, control, control, control}}};
    c.direct_memory_bytes = abi::max_direct_bytes;
    c.core_timing.load_direct = 8;
    add_hierarchy(c);
    return c;
}

struct Preset {
    const char* name;
    ChipConfig (*make)();
};
constexpr Preset presets[] = {
    {"tiny", tiny}, {"blackhole", blackhole}, {"wormhole", wormhole}, {"ascend", ascend},
    {"kpu", kpu},   {"full", full},           {"p150", p150},         {"n150", n150}};

}  // namespace

std::vector<std::string> preset_names() {
    std::vector<std::string> names;
    for (const Preset& p : presets) names.emplace_back(p.name);
    return names;
}

ChipConfig preset(std::string_view name) {
    std::string known;
    for (const Preset& p : presets) {
        if (name == p.name) return p.make();
        add_item(known, p.name);
    }
    throw ConfigError("unknown preset '" + std::string(name) + "'; expected one of: " + known);
}

}  // namespace tilewright
