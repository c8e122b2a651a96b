#include "chip/parts.hpp"

#include "chip/engine_port.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/coprocessor/compute_engine.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/devices.hpp"

namespace tilewright {
namespace {

const ChipConfig& checked(const ChipConfig& config) {
    config.check();
    return config;
}

// The cores of a worker tile, and then those of the control tiles.
std::vector<CoreTraits> core_traits(const ChipConfig& config) {
    std::vector<CoreTraits> traits;
    const auto add = [&](const std::vector<CoreConfig>& cores) {
        for (const CoreConfig& core : cores) traits.push_back({core.isa, core.local_bytes});
    };
    add(config.cores);
    for (const ControlTile& tile : config.control_tiles) add(tile.cores);
    return traits;
}

std::vector<TileSite> tile_sites(const ChipConfig& config, std::span<const CoreTraits> traits) {
    std::vector<TileSite> sites;
    std::uint32_t first_core = 0;
    std::size_t first_trait = 0;
    for (std::uint32_t t = 0; t < config.all_tile_count(); ++t) {
        const std::size_t cores = config.cores_of(t).size();
        const Router router = config.tile_router(t);
        const bool control = t >= config.tile_count();
        if (t == config.tile_count()) first_trait = config.cores.size();
        sites.push_back({.id = config.tile_id(t),
                         .router = {router.x, router.y},
                         .first_core = first_core,
                         .cores = traits.subspan(first_trait, cores),
                         .control = control});
        first_core += static_cast<std::uint32_t>(cores);
        if (control) first_trait += cores;
    }
    return sites;
}

void check_apart(std::span<const DeviceKind> devices) {
    for (const DeviceKind& a : devices) {
        for (const DeviceKind& b : devices) {
            if (&a == &b || b.base - a.base >= a.bytes) continue;
            throw ConfigError("device '" + b.name + "' begins within the addresses of '" + a.name +
                              "'");
        }
    }
}

std::vector<DeviceKind> device_table(const ChipConfig& config, EngineStation& engines,
                                     const HostSide& host, std::span<const DeviceKind> more) {
    std::vector<DeviceKind> devices{core_registers()};
    for (std::uint32_t noc = 0; noc < abi::noc_count; ++noc) {
        devices.push_back(network_interface(noc));
    }
    devices.push_back(engine_port(engines, host));
    if (config.compute_engines != 0) {
        const bool wormhole = config.architecture == Architecture::wormhole;
        const tensix::EngineTiming timing{.dst_latency = config.compute_dst_cycles,
                                          .next_bank = config.compute_bank_cycles,
                                          .unpack_port = config.compute_unpack_bytes};
        for (DeviceKind& kind : compute_engine(
                 wormhole ? tensix::Architecture::wormhole : tensix::Architecture::blackhole,
                 timing)) {
            devices.push_back(std::move(kind));
        }
    }
    devices.insert(devices.end(), more.begin(), more.end());
    check_apart(devices);
    return devices;
}

}  // namespace

TileParameters tile_parameters(const ChipConfig& config, const Conventions& conventions) {
    return {.l1_bytes = config.l1_bytes,
            .conventions = conventions,
            .direct_bytes = config.direct_memory_bytes,
            .timing = config.core_timing,
            .quantum_cycles = config.quantum_cycles,
            .park_polling_loops = config.park_polling_loops != 0,
            .noc_l1_alignment = config.noc_l1_alignment,
            .noc_dram_alignment = config.noc_dram_alignment,
            .columns = config.tile_columns(),
            .rows = config.tile_rows(),
            .dram_banks = config.dram_bank_count};
}

Parts::Parts(const ChipConfig& chip, const Conventions& conventions,
             std::span<const DeviceKind> more_devices)
    : config(checked(chip)),
      parameters(tile_parameters(config, conventions)),
      traits(core_traits(config)),
      sites(tile_sites(config, traits)),
      memories(make_address_map(config), config.core_count(), config.direct_memory_bytes),
      devices(device_table(config, engines, host, more_devices)),
      host(config, clock),
      dram(config, probes),
      images(parameters, probes),
      around{.parameters = parameters,
             .sites = sites,
             .devices = devices,
             .clock = clock,
             .memories = memories,
             .probes = probes,
             .checks = checks,
             .suspicion = suspicion,
             .programs = images,
             .network = nullptr},
      tiles(around),
      network(config, clock, memories, probes, tiles, dram, host),
      engines(config, clock, memories, probes, dram, tiles, conventions.l1_user_base) {
    around.network = &network;
}

void Parts::abort() {
    fault.reset();
    stuck_core.reset();
    laps.clear();
    suspicion.begin(clock.now, config.quantum_cycles);
    clock.queue.clear();
    for_each([](auto& part) { part.abort(); });
    restart_checks();
}

void Parts::restart_checks() {
    checks.restart(sites.size());
    if (races == nullptr) return;
    std::vector<std::size_t> commands;
    for (const Engine& engine : engines.engines().state().engines) {
        // The first one has begun already, unless it waits.
        const bool begun = engine.phase == Engine::Phase::running;
        commands.push_back(engine.queued() - (begun ? 1 : 0));
    }
    races->restart(commands);
}

}  // namespace tilewright
