// The C++ side of stillwater_kpu as its users write it, through an installed library: a transfer by
// addresses with a callback, a product on one tile, and the self test of a system.
#include <iostream>
#include <numeric>
#include <stillwater/kpu/kpu.hpp>
#include <stillwater/toplevel.hpp>
#include <vector>

int main() {
    using namespace stillwater::kpu;
    KPUSimulator::Config config;
    config.memory_bank_capacity_mb = 64;
    config.scratchpad_capacity_kb = 256;
    config.dma_engine_count = 4;
    KPUSimulator sim(config);

    std::vector<float> data(256);
    std::iota(data.begin(), data.end(), 0.0f);
    const Size bytes = data.size() * sizeof(float);
    sim.write_memory_bank(0, 0, data.data(), bytes);
    bool complete = false;
    sim.dma_external_to_scratchpad(0, sim.get_external_bank_base(0), sim.get_scratchpad_base(0),
                                   bytes, [&] { complete = true; });
    while (!complete) sim.step();
    std::vector<float> result(256);
    sim.read_scratchpad(0, 0, result.data(), bytes);
    std::cout << sim.get_current_cycle() << " cycles\n";
    if (result != data || sim.get_current_cycle() != 145) return 1;

    sim.reset();
    const std::vector<float> a = {1, 2, 3, 4}, b = {2, 0, 1, 2};
    sim.write_scratchpad(0, 0, a.data(), 16);
    sim.write_scratchpad(0, 16, b.data(), 16);
    sim.start_matmul(0, 0, 2, 2, 2, 0, 16, 32);
    sim.run_until_idle();
    std::vector<float> c(4), tiled(4);
    sim.read_scratchpad(0, 32, c.data(), 16);
    sim.matmul(a.data(), b.data(), tiled.data(), 2, 2, 2);
    if (c != std::vector<float>{4, 4, 10, 8} || tiled != c) return 2;
    sim.print_stats();

    config.memory_bank_capacity_mb = 1;
    config.host_memory_region_capacity_mb = 1;
    stillwater::SystemSimulator system(config);
    if (system.run_self_test() || !system.initialize() || !system.run_self_test()) return 3;
    system.inject_fault({.unit = "streamer", .index = 1});
    if (system.run_self_test() || system.failures().size() != 1) return 4;
    std::cout << system.failures().front() << '\n';

    sw::kpu::KPUSimulator by_size(1 << 20, 1 << 16);
    return by_size.main_memory_size() == 1 << 20 ? 0 : 5;
}
